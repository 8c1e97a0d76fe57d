"""`outreach webhooks publish`, `deliveries` and `attempts`: what is sent, and what came of it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    SyncToken,
    ask,
    enum_option,
    read_message,
)

app = group()

_STATES = pb.DeliveryState.DESCRIPTOR


@app.command()
def publish(
    event: Annotated[
        Path, typer.Argument(help="outreach.webhook.v1.Event in protobuf JSON; - for stdin.")
    ],
    endpoint: Annotated[str, typer.Option(help="The one endpoint that it is for.")] = "",
    *,
    many: Annotated[bool, typer.Option("--many", help="It is a PublishEventsRequest.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an event known to every endpoint that wants it; of many, all of them or none."""
    if many:
        batch = read_message(event, pb.PublishEventsRequest())
        print_json(ask(lambda client: client.webhooks.publish_events(batch)))
        return
    request = pb.PublishEventRequest(
        event=read_message(event, event_pb2.Event()), endpoint_id=endpoint
    )
    answer = ask(lambda client: client.webhooks.publish_event(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{answer.deliveries} deliveries")


@app.command()
def deliveries(
    organization: Organization,
    endpoint: Annotated[str, typer.Option(help="Only to this endpoint.")] = "",
    event: Annotated[str, typer.Option(help="Only of this event.")] = "",
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first unless asked otherwise."""
    request = pb.ListDeliveriesRequest(
        organization_id=organization,
        endpoint_id=endpoint,
        event_id=event,
        state=pb.DeliveryState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.webhooks.list_deliveries(request))
    if as_json:
        print_json(answer)
    else:
        columns = ("delivery_id", "event_id", "event_type", "endpoint_id", "state", "attempts")
        times = ("create_time", "end_time")
        print_rows(
            answer.deliveries,
            *columns,
            *times,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def attempts(
    delivery_id: Annotated[str, typer.Argument(help="For example dlv_01j9z3k4x5.")],
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the attempts of one delivery, oldest first unless asked otherwise."""
    request = pb.ListDeliveryAttemptsRequest(
        organization_id=organization,
        delivery_id=delivery_id,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
    )
    answer = ask(lambda client: client.webhooks.list_delivery_attempts(request))
    if as_json:
        print_json(answer)
    else:
        columns = ("number", "attempt_time", "latency", "status_code", "error")
        print_rows(answer.attempts, *columns, next_page_token=answer.next_page_token)
