"""`outreach campaigns list`, `start`, `pause`, `stop` and what else is done to one that runs."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.common.v1 import error_reason_pb2

from outreach_client.commands.campaigns.campaigns import CampaignId, show_campaign
from outreach_client.commands.campaigns.live import Seen, drawn, seen
from outreach_client.commands.consequences import of_deleting, of_stopping
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import (
    console,
    print_details,
    print_json,
    print_on_the_wire,
    print_rows,
)
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Etag,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    SyncToken,
    Yes,
    ask,
    confirmed,
    enum_option,
    follow,
    say_undone,
)

if TYPE_CHECKING:
    from rich.console import Console

app = group()

_STATES = campaign_pb2.CampaignState.DESCRIPTOR


@app.command("list")
def list_(
    organization: Organization,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    show_deleted: Annotated[bool, typer.Option("--show-deleted", help="Deleted ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List campaigns, unless asked otherwise newest first."""
    request = pb.ListCampaignsRequest(
        organization_id=organization,
        state=campaign_pb2.CampaignState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
        show_deleted=show_deleted,
    )
    answer = ask(lambda client: client.campaigns.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ["campaign_id", "name", "state", "account_ids", "create_time", "start_time"]
    columns.append("end_time")
    if any(each.parked_leads for each in answer.campaigns):
        columns.append("parked_leads")
    if any(each.HasField("delete_time") for each in answer.campaigns):
        columns += ["delete_time", "purge_time"]
    print_rows(
        answer.campaigns,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
    if answer.removed_campaigns:
        print_rows(answer.removed_campaigns, "campaign_id", title="Seen no more")


@app.command()
def start(campaign_id: CampaignId, *, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Start a draft campaign."""
    request = pb.StartCampaignRequest(campaign_id=campaign_id, validate_only=dry_run)
    answer = ask(lambda client: client.campaigns.start(request))
    show_campaign(answer, as_json=as_json)
    say_undone(dry_run=dry_run)


@app.command()
def pause(
    campaign_id: CampaignId,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Pause a campaign; when this returns nothing more begins."""
    request = pb.PauseCampaignRequest(campaign_id=campaign_id, reason=reason)
    answer = ask(lambda client: client.campaigns.pause(request))
    show_campaign(answer, as_json=as_json)


@app.command()
def resume(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Resume a paused campaign; its leads go on where they were."""
    request = pb.ResumeCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.resume(request))
    show_campaign(answer, as_json=as_json)


@app.command()
def stop(
    campaign_id: CampaignId,
    *,
    complete_current: Annotated[
        bool, typer.Option("--complete-current", help="Let leads in the sequence finish it.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Stop a campaign for good."""
    request = pb.StopCampaignRequest(
        campaign_id=campaign_id,
        complete_current_executions=complete_current,
        reason=reason,
        validate_only=dry_run,
    )
    answer = confirmed(
        lambda: of_stopping(campaign_id, complete_current=complete_current),
        lambda client: client.campaigns.stop(request),
        yes=yes,
        dry_run=dry_run,
    )
    show_campaign(answer, as_json=as_json)


@app.command()
def delete(
    campaign_id: CampaignId,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Stop it first if it is not over.")
    ] = False,
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete a campaign; until it is purged it comes back by undelete."""
    request = pb.DeleteCampaignRequest(
        campaign_id=campaign_id, force=force, etag=etag, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_deleting(campaign_id, force=force),
        lambda client: client.campaigns.delete(request),
        yes=yes,
        dry_run=dry_run,
    )
    if as_json:
        print_json(answer)
    else:
        console().print(f"{campaign_id} is deleted")
        print_on_the_wire(answer.on_the_wire)


@app.command()
def undelete(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Bring a deleted campaign back, in the state in which it was deleted."""
    request = pb.UndeleteCampaignRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.undelete(request))
    show_campaign(answer, as_json=as_json)


@app.command()
def status(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Count where a campaign's leads are."""
    request = pb.GetCampaignStatusRequest(campaign_id=campaign_id)
    answer = ask(lambda client: client.campaigns.get_status(request))
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
def statuses(
    organization: Organization,
    campaign_id: Annotated[list[str], typer.Argument(help="1 to 100, each once.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Count where the leads of several campaigns are."""
    request = pb.BatchGetCampaignStatusRequest(
        organization_id=organization, campaign_ids=campaign_id
    )
    answer = ask(lambda client: client.campaigns.batch_get_status(request))
    if as_json:
        print_json(answer)
        return
    for result in answer.results:
        told = _line(result.status) if result.HasField("status") else _error(result.error)
        console().print(f"{result.campaign_id}: {told}")


@app.command()
def watch(campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Follow a campaign until it has ended; with --json one line per change."""
    request = pb.WatchCampaignRequest(campaign_id=campaign_id)
    out = console()
    if out.is_terminal and not as_json:
        _watch_live(request, out)
        return

    def tell(answer: pb.WatchCampaignResponse) -> None:
        request.resume_token = answer.resume_token
        if not answer.HasField("status"):
            return
        if as_json:
            print_json(answer, one_line=True)
        else:
            out.print(_line(answer.status))

    follow(lambda client: client.campaigns.watch(request), tell, patient=True)


def _watch_live(request: pb.WatchCampaignRequest, out: "Console") -> None:
    """Draw it in place; drawn anew by itself, so that it fits a screen that has another size."""
    from rich.live import Live  # noqa: PLC0415 - only for who watches

    live = Live(console=out, refresh_per_second=_REFRESHES)

    def draw(view: Seen) -> None:
        request.resume_token = view.answer.resume_token
        if view.answer.HasField("status"):
            live.update(drawn(view), refresh=True)

    with live:
        follow(lambda client: seen(client, request), draw, patient=True)


_REFRESHES = 2
_COUNTS = ("ready", "held_back", "running", "completed", "replied", "failed", "stopped")


def _line(status: campaign_pb2.CampaignStatus) -> str:
    counts = ", ".join(f"{getattr(status, name)} {name.replace('_', ' ')}" for name in _COUNTS)
    why = "".join(f" - {text}" for text in status.explanations)
    return f"{enum_text(_STATES, status.state)}: {status.leads} leads: {counts}{why}"


def _error(reason: error_reason_pb2.ErrorReason.ValueType) -> str:
    return enum_text(error_reason_pb2.ErrorReason.DESCRIPTOR, reason)
