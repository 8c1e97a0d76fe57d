"""`outreach campaigns start`, `pause`, `stop` and whatever else is done to one that runs."""

from typing import Annotated

import typer
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from rich.console import Group
from rich.live import Live
from rich.table import Table

from outreach_client.commands.campaigns import CampaignId, show_campaign
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import (
    console,
    print_details,
    print_json,
    print_on_the_wire,
    print_rows,
)
from outreach_client.session import AsJson, ask, enum_option, follow

app = typer.Typer()

_STATES = campaign_pb2.CampaignState.DESCRIPTOR
_CONTACTED = campaign_pb2.ContactedLeads.DESCRIPTOR


@app.command()
def start(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Start a draft campaign."""
    request = pb.StartCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.StartCampaign(request))
    show_campaign(answer, as_json=as_json)


@app.command()
def pause(
    campaign_id: CampaignId,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Pause a campaign; when this returns nothing more begins."""
    request = pb.PauseCampaignRequest(campaign_id=campaign_id, reason=reason)
    answer = ask(lambda client: client.campaigns.PauseCampaign(request))
    show_campaign(answer, as_json=as_json)


@app.command()
def resume(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Resume a paused campaign; its leads go on where they were."""
    request = pb.ResumeCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.ResumeCampaign(request))
    show_campaign(answer, as_json=as_json)


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
    show_campaign(answer, as_json=as_json)


@app.command()
def delete(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Delete a campaign; one that runs is stopped first."""
    request = pb.DeleteCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.DeleteCampaign(request))
    if as_json:
        print_json(answer)
    else:
        console().print(f"{campaign_id} is deleted")
        print_on_the_wire(answer.on_the_wire)


@app.command("replace-sender")
def replace_sender(
    campaign_id: CampaignId,
    account_id: Annotated[str, typer.Argument(help="The account that does not come back.")],
    replacement: Annotated[str, typer.Option("--with", help="A connected account.")],
    contacted: Annotated[int, enum_option(_CONTACTED, help="Leads that it has contacted.")] = 0,
    connected: Annotated[int, enum_option(_CONTACTED, help="Leads connected to it.")] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Put another account in the place of one that does not come back."""
    request = pb.ReplaceSenderRequest(
        campaign_id=campaign_id,
        account_id=account_id,
        replacement_account_id=replacement,
        contacted_leads=campaign_pb2.ContactedLeads.ValueType(contacted),
        connected_leads=campaign_pb2.ContactedLeads.ValueType(connected),
    )
    answer = ask(lambda client: client.campaigns.ReplaceSender(request))
    if as_json:
        print_json(answer)
        return
    console().print(
        f"{answer.moved} moved, {answer.moved_contacted} moved though contacted,"
        f" {answer.ended} ended, {answer.stayed_contacted} stay contacted,"
        f" {answer.stayed_connected} stay connected"
    )


@app.command()
def status(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Count where a campaign's leads are."""
    request = pb.GetCampaignStatusRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.GetCampaignStatus(request))
    if as_json:
        print_json(answer)
        return
    counts = campaign_pb2.CampaignStatus()
    counts.CopyFrom(answer.status)
    del counts.steps[:]
    print_details(counts)
    steps = answer.status.steps
    name = "label" if all(step.label for step in steps) else "step_id"
    exits = ("exits",) if any(step.exits for step in steps) else ()
    print_rows(steps, name, "waiting", "done", "skipped", "failed", *exits, title="steps")


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
