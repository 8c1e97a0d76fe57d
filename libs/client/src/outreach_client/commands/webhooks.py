"""`outreach webhooks …`."""

from pathlib import Path
from typing import Annotated

import typer
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.output import console, print_details, print_json, print_rows
from outreach_client.session import (
    AsJson,
    Etag,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    ask,
    enum_option,
    read_message,
    refuse,
)

app = group("Webhooks: who hears what happens, and whether.")

EndpointId = Annotated[str, typer.Argument(help="For example ep_01j9z3k4x5.")]
_TYPES = event_pb2.EventType.DESCRIPTOR
_STATES = pb.DeliveryState.DESCRIPTOR


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="An HTTPS address on the public internet.")],
    organization: Organization,
    request_id: RequestId,
    event: Annotated[
        list[int] | None,
        enum_option(_TYPES, help="What it hears, everything by default; repeat for more."),
    ] = None,
    builder_webhook_id: Annotated[
        str, typer.Option(help="The id under which the builder's sequences name it.")
    ] = "",
    description: Annotated[str, typer.Option(help="For people.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Register an address. Keep the secret: it is not shown again."""
    request = pb.CreateEndpointRequest(
        request_id=request_id,
        organization_id=organization,
        url=url,
        event_types=map(event_pb2.EventType.ValueType, event or []),
        builder_webhook_id=builder_webhook_id,
        description=description,
    )
    answer = ask(lambda client: client.webhooks.create_endpoint(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.endpoint)
    console().print(f"secret: {answer.secret}")


@app.command()
def get(
    organization: Organization,
    endpoint_id: EndpointId = "",
    builder_webhook_id: Annotated[str, typer.Option(help="Instead of the endpoint's id.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show one endpoint, by its own id or the builder's."""
    if bool(endpoint_id) == bool(builder_webhook_id):
        refuse("give an endpoint's id or --builder-webhook-id")
    request = pb.GetEndpointRequest(organization_id=organization)
    if endpoint_id:
        request.endpoint_id = endpoint_id
    else:
        request.builder_webhook_id = builder_webhook_id
    answer = ask(lambda client: client.webhooks.get_endpoint(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.endpoint)


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List endpoints, oldest first unless asked otherwise."""
    request = pb.ListEndpointsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
    )
    answer = ask(lambda client: client.webhooks.list_endpoints(request))
    if as_json:
        print_json(answer)
        return
    columns = ("endpoint_id", "url", "event_types", "builder_webhook_id", "description")
    print_rows(answer.endpoints, *columns, "disable_time", next_page_token=answer.next_page_token)


@app.command()
def update(
    endpoint_id: EndpointId,
    organization: Organization,
    url: Annotated[str | None, typer.Option(help="An HTTPS address.")] = None,
    event: Annotated[
        list[int] | None,
        enum_option(_TYPES, help="What it hears instead; repeat for more."),
    ] = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--everything", help="It hears everything, as by default.")
    ] = False,
    etag: Etag = "",
    as_json: AsJson = False,
) -> None:
    """Change what is given; the endpoint's id and secret stay."""
    if event and everything:
        refuse("give --event or --everything")
    given = {"url": url, "event_types": event or everything or None, "description": description}
    request = pb.UpdateEndpointRequest(
        endpoint=pb.Endpoint(
            organization_id=organization,
            endpoint_id=endpoint_id,
            url=url or "",
            event_types=map(event_pb2.EventType.ValueType, event or []),
            description=description or "",
            etag=etag,
        )
    )
    request.update_mask.paths.extend(name for name, value in given.items() if value is not None)
    answer = ask(lambda client: client.webhooks.update_endpoint(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.endpoint)


@app.command()
def disable(
    endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False
) -> None:
    """Deliver nothing more to an endpoint; what was not delivered to it yet is dropped."""
    request = pb.DisableEndpointRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.disable_endpoint(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.endpoint)


@app.command()
def enable(endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False) -> None:
    """Deliver to an endpoint again what happens from now on, also after a 410 Gone."""
    request = pb.EnableEndpointRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.enable_endpoint(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.endpoint)


@app.command("test")
def send_test_event(
    endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False
) -> None:
    """Post a signed test event, once, and show what was sent and what came back."""
    request = pb.SendTestEventRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.send_test_event(request))
    if as_json:
        print_json(answer)
        return
    for name, value in answer.headers.items():
        typer.echo(f"{name}: {value}")
    typer.echo(answer.body)
    print_details(answer.attempt)


@app.command()
def delete(endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False) -> None:
    """Remove an endpoint; what was not delivered to it yet is dropped."""
    request = pb.DeleteEndpointRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.delete_endpoint(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo("deleted")


@app.command("rotate-secret")
def rotate_secret(
    endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False
) -> None:
    """Replace an endpoint's secret. Keep the new one: it is not shown again."""
    request = pb.RotateEndpointSecretRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.rotate_endpoint_secret(request))
    if as_json:
        print_json(answer)
    else:
        console().print(f"secret: {answer.secret}")


@app.command()
def publish(
    event: Annotated[
        Path, typer.Argument(help="outreach.webhook.v1.Event in protobuf JSON; - for stdin.")
    ],
    endpoint: Annotated[str, typer.Option(help="The one endpoint that it is for.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Make an event known to every endpoint that wants it."""
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
    )
    answer = ask(lambda client: client.webhooks.list_deliveries(request))
    if as_json:
        print_json(answer)
    else:
        columns = ("delivery_id", "event_id", "event_type", "endpoint_id", "state", "attempts")
        times = ("create_time", "end_time")
        print_rows(answer.deliveries, *columns, *times, next_page_token=answer.next_page_token)


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
