"""`outreach internal …`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from outreach.linkedin.v1 import (
    action_service_pb2,
    inbound_service_pb2,
    pace_service_pb2,
    person_service_pb2,
    suppression_service_pb2,
)

from outreach_client.commands.consequences import leads_text
from outreach_client.commands.groups import group
from outreach_client.formats.durations import duration_text, to_timestamp
from outreach_client.formats.output import print_json, print_rows
from outreach_client.session import (
    AsJson,
    DryRun,
    Organization,
    Yes,
    ask,
    confirm,
    instant_option,
    read_message,
)

app = group("What services say to each other; for repairs.")


@app.command("report-linkedin-events")
def report_linkedin_events(
    events: Annotated[
        Path,
        typer.Argument(help="ReportLinkedInEventsRequest in protobuf JSON; - for stdin."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Pass events of LinkedIn on to the leads that wait for them."""
    request = read_message(events, pb.ReportLinkedInEventsRequest())
    answer = ask(lambda client: client.linkedin_events.report(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{len(request.events)} events reported")


@app.command("find-people")
def find_people(
    identifiers: Annotated[list[str], typer.Argument(help="Names and ids of people.")],
    organization: Organization,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell by what else people are called, and which leads have acted on them."""
    request = person_service_pb2.FindPeopleRequest(
        organization_id=organization, identifiers=identifiers
    )
    answer = ask(lambda client: client.people.find_people(request))
    if as_json:
        print_json(answer)
        return
    typer.echo("\n".join(answer.identifiers))
    print_rows(answer.leads, "campaign_id", "lead_id")


@app.command("find-running-leads")
def find_running_leads(
    leads: Annotated[list[str], typer.Argument(help="CAMPAIGN/LEAD of each lead.")],
    organization: Organization,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell which of some leads have not ended."""
    request = pb.FindRunningLeadsRequest(
        organization_id=organization, leads=[_lead(each) for each in leads]
    )
    answer = ask(lambda client: client.linkedin_events.find_running_leads(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.leads, title="not ended")


def _lead(text: str) -> pb.LeadRef:
    campaign_id, _, lead_id = text.partition("/")
    return pb.LeadRef(campaign_id=campaign_id, lead_id=lead_id)


@app.command("record-replies")
def record_replies(
    leads: Annotated[list[str], typer.Argument(help="CAMPAIGN/LEAD of each lead.")],
    organization: Organization,
    at: Annotated[datetime, instant_option(help="When the reply was received.")],
    *,
    by_another: Annotated[
        bool,
        typer.Option("--by-another", help="A colleague has replied, they themselves have not."),
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have leads left in peace because somebody replied elsewhere."""
    confirm(
        lambda: f"Leaves {leads_text(len(leads))} in peace for good, because somebody replied.",
        yes=yes,
        dry_run=dry_run,
    )
    pairs = [lead.partition("/") for lead in leads]
    request = suppression_service_pb2.RecordRepliesRequest(
        organization_id=organization,
        leads=[
            suppression_service_pb2.RepliedLead(
                campaign_id=campaign_id, lead_id=lead_id, by_another=by_another
            )
            for campaign_id, _, lead_id in pairs
        ],
        reply_time=to_timestamp(at),
    )
    answer = ask(lambda client: client.suppressions.record_replies(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{len(leads)} leads are left in peace")


@app.command("end-lead")
def end_lead(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", help="The lead's campaign.")],
    lead: Annotated[str, typer.Argument(metavar="LEAD_ID", help="The lead that has ended.")],
    organization: Organization,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say that a lead has ended: its person is free for other campaigns."""
    confirm(
        lambda: (
            f"Says for good that 1 lead has ended ({lead}): its person is free for other campaigns."
        ),
        yes=yes,
        dry_run=dry_run,
    )
    request = action_service_pb2.EndLeadRequest(
        organization_id=organization, campaign_id=campaign, lead_id=lead
    )
    answer = ask(lambda client: client.actions.end_lead(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{lead} has ended")


@app.command("replay-inbound")
def replay_inbound(
    since: Annotated[datetime, instant_option(help="Everything received since then.")],
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Hear again what Unipile sent, for events that a receiver has lost."""
    request = inbound_service_pb2.ReplayInboundRequest(
        since_time=to_timestamp(since), account_id=account
    )
    answer = ask(lambda client: client.inbound.replay(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{answer.events} events will be reported again")


_CONFIRMED = (
    "Says for good that the database's clock is right: every account goes by it at once. If it is"
    " not, what was sent in the last 24 hours and 7 days looks older than it is, and caps break."
)


@app.command("confirm-clock")
def confirm_clock(
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say that the database's clock is right, after it was set forward: caps go by it again."""
    confirm(_CONFIRMED, yes=yes, dry_run=dry_run)
    answer = ask(lambda client: client.pace.confirm_clock(pace_service_pb2.ConfirmClockRequest()))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"accounts were {duration_text(answer.held_back)} behind, and go by it now")
