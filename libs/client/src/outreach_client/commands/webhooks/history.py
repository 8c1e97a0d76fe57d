"""`outreach webhooks events`, `gap`, `show-event`, `resend` and the commands of replays."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_ending_replay
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_answer, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    Yes,
    ask,
    confirm,
    instant_option,
    refuse,
)

app = group()

_MOST = 1000
"""Events of one page."""

ReplayId = Annotated[str, typer.Argument(help="For example rpl_01j9z3k4x5.")]


@app.command()
def events(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List events that were published, newest first unless asked otherwise."""
    request = pb.ListEventsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.webhooks.list_events(request))
    if as_json:
        print_json(answer)
    else:
        about = ("campaign_id", "lead_id", "account_id", "sequence_number", "create_time")
        print_rows(
            answer.events,
            "event_id",
            "type",
            *about,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def gap(
    lead_id: Annotated[str, typer.Argument(help="For example lead_01j9z3k4x5.")],
    organization: Organization,
    first: Annotated[int, typer.Option(min=1, help="The first number that is missed.")],
    last: Annotated[
        int | None, typer.Option(min=1, help="The last one; the first alone if it is absent.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the events of a lead that a receiver misses, by their numbers, in their order."""
    last = first if last is None else last
    if not 0 <= last - first < _MOST:
        refuse(f"--last is before --first, or {_MOST} behind it and more")
    request = pb.ListEventsRequest(
        organization_id=organization,
        page_size=_MOST,
        filter=f'subject = "{lead_id}" AND lead_id = "{lead_id}"'
        f" AND sequence_number >= {first} AND sequence_number <= {last}",
        order_by="create_time",
    )
    answer = ask(lambda client: client.webhooks.list_events(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.events, "sequence_number", "event_id", "type", "create_time")


@app.command("show-event")
def show_event(
    event_id: Annotated[str, typer.Argument(help="For example evt_01j9z3k4x5.")],
    organization: Organization,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one event, and what is sent of it."""
    request = pb.GetEventRequest(organization_id=organization, event_id=event_id)
    answer = ask(lambda client: client.webhooks.get_event(request))
    print_answer(answer, answer.event, as_json=as_json)


@app.command()
def resend(
    delivery_id: Annotated[str, typer.Argument(help="For example dlv_01j9z3k4x5.")],
    organization: Organization,
    *,
    as_json: AsJson = False,
) -> None:
    """Have one delivery tried again, however it ended."""
    request = pb.ResendDeliveryRequest(organization_id=organization, delivery_id=delivery_id)
    answer = ask(lambda client: client.webhooks.resend_delivery(request))
    print_answer(answer, answer.delivery, as_json=as_json)


@app.command()
def replay(
    endpoint_id: Annotated[str, typer.Argument(help="For example ep_01j9z3k4x5.")],
    organization: Organization,
    request_id: RequestId,
    since: Annotated[datetime, instant_option(help="Events that were published from then on.")],
    until: Annotated[
        datetime | None, instant_option(help="Events that were published before then.")
    ] = None,
    event: Annotated[
        list[str] | None, typer.Option(help="Only these: lead.completed, lead.*; repeat for more.")
    ] = None,
    campaign: Annotated[
        list[str] | None, typer.Option(help="Only what is about this one; repeat for more.")
    ] = None,
    max_per_minute: Annotated[
        int, typer.Option(help="How many events a minute at the most; 0 means 600.")
    ] = 0,
    *,
    failed_only: Annotated[
        bool, typer.Option("--failed-only", help="Only what was given up or dropped.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send the events of a stretch of time to an endpoint again, the oldest first."""
    request = pb.CreateReplayRequest(
        request_id=request_id,
        organization_id=organization,
        endpoint_id=endpoint_id,
        start_time=to_timestamp(since),
        end_time=to_timestamp(until),
        event_types=event or [],
        campaign_ids=campaign or [],
        failed_only=failed_only,
        max_per_minute=max_per_minute,
    )
    answer = ask(lambda client: client.webhooks.create_replay(request))
    print_answer(answer, answer.replay, as_json=as_json)


@app.command("show-replay")
def show_replay(
    replay_id: ReplayId, organization: Organization, *, as_json: AsJson = False
) -> None:
    """Show how far a replay has come."""
    request = pb.GetReplayRequest(organization_id=organization, replay_id=replay_id)
    answer = ask(lambda client: client.webhooks.get_replay(request))
    print_answer(answer, answer.replay, as_json=as_json)


@app.command()
def replays(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List replays, newest first unless asked otherwise."""
    request = pb.ListReplaysRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.webhooks.list_replays(request))
    if as_json:
        print_json(answer)
    else:
        columns = ("replay_id", "endpoint_id", "state", "examined_events", "deliveries")
        times = ("create_time", "finish_time")
        print_rows(
            answer.replays,
            *columns,
            *times,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command("cancel-replay")
def cancel_replay(
    replay_id: ReplayId,
    organization: Organization,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a replay; what was set going by then is delivered."""
    confirm(lambda: of_ending_replay(replay_id, organization), yes=yes, dry_run=dry_run)
    request = pb.CancelReplayRequest(organization_id=organization, replay_id=replay_id)
    answer = ask(lambda client: client.webhooks.cancel_replay(request))
    print_answer(answer, answer.replay, as_json=as_json)
