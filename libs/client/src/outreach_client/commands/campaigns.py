"""`outreach campaigns …`."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.common.v1.sending_window_pb2 import SendingWindow
from rich.console import Group
from rich.live import Live
from rich.table import Table

from outreach_client.failures import EXIT_CODES
from outreach_client.formats.durations import to_duration, to_timestamp
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import console, print_details, print_json, print_rows
from outreach_client.session import (
    AsJson,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    ask,
    duration_option,
    enum_option,
    follow,
    instant_option,
    read_bytes,
    read_text,
    window_option,
)

app = typer.Typer(no_args_is_help=True, help="Campaigns: a lead list walked through a sequence.")

CampaignId = Annotated[str, typer.Argument(help="For example camp_01j9z3k4x5.")]
Sequence = Annotated[
    Path, typer.Option("--sequence", "-s", help="What the builder exported (JSON); - for stdin.")
]
_STATES = campaign_pb2.CampaignState.DESCRIPTOR
_SCOPES = campaign_pb2.ReplyScope.DESCRIPTOR
_AUTOMATIC = campaign_pb2.AutomaticReplies.DESCRIPTOR
_PARKED = campaign_pb2.ParkedSenders.DESCRIPTOR


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="1 to 200 characters.")],
    sequence: Sequence,
    account: Annotated[list[str], typer.Option(help="An account that sends; repeat for more.")],
    organization: Organization,
    request_id: RequestId,
    max_concurrent_leads: Annotated[
        int, typer.Option(help="Leads in the sequence at once; 0 means 100.")
    ] = 0,
    lead_delay: Annotated[
        timedelta | None, duration_option(help="Pause between two leads' starts; default 30s.")
    ] = None,
    leads_per_day: Annotated[int, typer.Option(help="Leads started a day; 0 means no limit.")] = 0,
    start_at: Annotated[datetime | None, instant_option(help="Not before this moment.")] = None,
    window: Annotated[SendingWindow | None, window_option(help="When it may send.")] = None,
    *,
    continue_after_reply: Annotated[
        bool, typer.Option("--continue-after-reply", help="Go on after the person has replied.")
    ] = False,
    reply_scope: Annotated[int, enum_option(_SCOPES, help="Whose leads a reply ends.")] = 0,
    automatic_replies: Annotated[
        int, enum_option(_AUTOMATIC, help="What an out-of-office note means.")
    ] = 0,
    automatic_reply_wait: Annotated[
        timedelta | None, duration_option(help="How long such a note is waited out; default 7d.")
    ] = None,
    parked_senders: Annotated[
        int, enum_option(_PARKED, help="Leads not contacted yet, when their account is parked.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Create a draft campaign from a builder's sequence."""
    settings = campaign_pb2.CampaignSettings(
        max_concurrent_leads=max_concurrent_leads,
        lead_processing_delay=to_duration(lead_delay),
        leads_per_day=leads_per_day,
        start_time=to_timestamp(start_at),
        sending_window=window,
        continue_after_reply=continue_after_reply,
        reply_scope=campaign_pb2.ReplyScope.ValueType(reply_scope),
        automatic_replies=campaign_pb2.AutomaticReplies.ValueType(automatic_replies),
        automatic_reply_wait=to_duration(automatic_reply_wait),
        parked_senders=campaign_pb2.ParkedSenders.ValueType(parked_senders),
    )
    request = pb.CreateCampaignRequest(
        request_id=request_id,
        organization_id=organization,
        name=name,
        account_ids=account,
        sequence_json=read_text(sequence),
        settings=settings,
    )
    answer = ask(lambda client: client.campaigns.CreateCampaign(request))
    if as_json:
        print_json(answer)
        return
    _print(answer.campaign)
    if answer.warnings:
        print_rows(answer.warnings, title="warnings")


@app.command()
def validate(sequence: Sequence, organization: Organization, *, as_json: AsJson = False) -> None:
    """Compile a sequence without keeping it; a sequence that cannot run ends with exit code 4."""
    request = pb.ValidateSequenceRequest(
        organization_id=organization, sequence_json=read_text(sequence)
    )
    answer = ask(lambda client: client.campaigns.ValidateSequence(request))
    if as_json:
        print_json(answer)
    elif answer.violations:
        print_rows(answer.violations, title="violations")
    else:
        print_rows(answer.steps, title="steps")
    if answer.warnings and not as_json:
        print_rows(answer.warnings, title="warnings")
    if answer.violations:
        raise typer.Exit(_WRONG_INPUT)


@app.command("import-leads")
def import_leads(
    campaign_id: CampaignId,
    file: Annotated[Path, typer.Argument(help="A lead list (CSV); - for stdin.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=HEADER where headers are not recognised; repeat for more."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Add the people of a lead list; every bad row is told, the good ones go in."""
    column_by_field = dict(_column(text) for text in column or [])
    content = read_bytes(file)
    answer = ask(
        lambda client: client.import_leads(campaign_id, content, column_by_field=column_by_field)
    )
    if as_json:
        print_json(answer)
        return
    console().print(
        f"{answer.imported} of {answer.rows} rows imported, {answer.duplicates} duplicates, "
        f"{answer.rejected} rejected"
    )
    if answer.released or answer.held_back:
        console().print(
            f"{answer.released} released, {answer.held_back} held back:"
            f" outreach leads list {campaign_id} --state held-back"
        )
    if answer.row_errors:
        print_rows(answer.row_errors, title="rejected rows")


@app.command()
def start(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Start a draft campaign."""
    request = pb.StartCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.StartCampaign(request))
    _show(answer, answer.campaign, as_json=as_json)


@app.command()
def pause(
    campaign_id: CampaignId,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Pause a campaign; when this returns nothing more is sent."""
    request = pb.PauseCampaignRequest(campaign_id=campaign_id, reason=reason)
    answer = ask(lambda client: client.campaigns.PauseCampaign(request))
    _show(answer, answer.campaign, as_json=as_json)


@app.command()
def resume(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Resume a paused campaign; its leads go on where they were."""
    request = pb.ResumeCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.ResumeCampaign(request))
    _show(answer, answer.campaign, as_json=as_json)


@app.command()
def stop(
    campaign_id: CampaignId,
    *,
    complete_current: Annotated[
        bool, typer.Option("--complete-current", help="Let leads in the sequence finish it.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Stop a campaign for good."""
    request = pb.StopCampaignRequest(
        campaign_id=campaign_id, complete_current_executions=complete_current, reason=reason
    )
    answer = ask(lambda client: client.campaigns.StopCampaign(request))
    _show(answer, answer.campaign, as_json=as_json)


@app.command()
def delete(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Delete a campaign; one that runs is stopped first."""
    request = pb.DeleteCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.DeleteCampaign(request))
    if as_json:
        print_json(answer)
    else:
        console().print(f"{campaign_id} is deleted")


@app.command()
def get(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Show one campaign."""
    request = pb.GetCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.GetCampaign(request))
    _show(answer, answer.campaign, as_json=as_json)


@app.command("list")
def list_(
    organization: Organization,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List campaigns, newest first."""
    request = pb.ListCampaignsRequest(
        organization_id=organization,
        state=campaign_pb2.CampaignState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
    )
    answer = ask(lambda client: client.campaigns.ListCampaigns(request))
    if as_json:
        print_json(answer)
        return
    columns = ("campaign_id", "name", "state", "account_ids", "create_time", "start_time")
    print_rows(answer.campaigns, *columns, "end_time", next_page_token=answer.next_page_token)


@app.command()
def status(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Count where a campaign's leads are."""
    request = pb.GetCampaignStatusRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.GetCampaignStatus(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.status)


@app.command()
def watch(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Follow a campaign until it has ended; with --json one line per change."""
    request = pb.WatchCampaignRequest(campaign_id=campaign_id)
    out = console()
    if as_json or not out.is_terminal:
        follow(
            lambda client: client.campaigns.WatchCampaign(request),
            lambda answer: (
                print_json(answer, one_line=True) if as_json else out.print(_line(answer.status))
            ),
        )
        return
    with Live(console=out, auto_refresh=False) as live:
        follow(
            lambda client: client.campaigns.WatchCampaign(request),
            lambda answer: live.update(_live(answer.status), refresh=True),
        )


_WRONG_INPUT = next(code for kind, code in EXIT_CODES.items() if kind.__name__ == "InvalidArgument")


def _show(
    answer: pb.StartCampaignResponse
    | pb.PauseCampaignResponse
    | pb.ResumeCampaignResponse
    | pb.StopCampaignResponse
    | pb.GetCampaignResponse,
    campaign: campaign_pb2.Campaign,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(answer)
    else:
        _print(campaign)


def _print(campaign: campaign_pb2.Campaign) -> None:
    """The campaign in a screenful; its texts would fill several."""
    brief = campaign_pb2.Campaign()
    brief.CopyFrom(campaign)
    del brief.sequence.steps[:]
    print_details(brief)
    typer.echo(
        f"\n{len(campaign.sequence.steps)} steps: "
        f"outreach sequences render --campaign {campaign.campaign_id}"
    )


def _column(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not FIELD=HEADER")
    return field.strip(), header.strip()


_COUNTS = ("ready", "held_back", "running", "completed", "replied", "failed", "stopped")


def _line(status: campaign_pb2.CampaignStatus) -> str:
    counts = ", ".join(f"{getattr(status, name)} {name.replace('_', ' ')}" for name in _COUNTS)
    why = "".join(f" - {text}" for text in status.explanations)
    return f"{enum_text(_STATES, status.state)}: {status.leads} leads: {counts}{why}"


def _live(status: campaign_pb2.CampaignStatus) -> Group:
    steps = Table("step", "waiting", "done", "skipped", "failed", box=None, pad_edge=False)
    for step in status.steps:
        counts = (step.waiting, step.done, step.skipped, step.failed)
        steps.add_row(step.label or step.step_id, *map(str, counts))
        for name, leads in sorted(step.exits.items()):
            steps.add_row(f"  by {name}", "", str(leads))
    return Group(_line(status), steps)
