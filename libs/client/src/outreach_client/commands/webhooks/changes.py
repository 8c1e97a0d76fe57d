"""`outreach webhooks disable`, `enable`, `test`, `delete`, `undelete` and `rotate-secret`."""

from datetime import timedelta
from typing import Annotated

import typer
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_endpoint
from outreach_client.commands.webhooks.endpoints import EndpointId
from outreach_client.formats.durations import to_duration
from outreach_client.formats.output import console, print_answer, print_details, print_json
from outreach_client.session import (
    AsJson,
    DryRun,
    Etag,
    Organization,
    RequestId,
    Yes,
    ask,
    confirmed,
    duration_option,
)

app = group()


@app.command()
def disable(
    endpoint_id: EndpointId,
    organization: Organization,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Deliver nothing more to an endpoint; what waits for it lapses in a week."""
    request = pb.DisableEndpointRequest(
        organization_id=organization, endpoint_id=endpoint_id, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_endpoint(endpoint_id, organization, deleted=False),
        lambda client: client.webhooks.disable_endpoint(request),
        yes=yes,
        dry_run=dry_run,
    )
    print_answer(answer, answer.endpoint, as_json=as_json)


@app.command()
def enable(endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False) -> None:
    """Deliver to an endpoint again, also after a 410 Gone; what has waited for it comes too.

    What happened meanwhile comes by a replay: it is said how.
    """
    request = pb.EnableEndpointRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.enable_endpoint(request))
    _tell_missed(endpoint_id, answer, as_json=as_json)


@app.command("test")
def send_test_event(
    endpoint_id: EndpointId,
    organization: Organization,
    event: Annotated[
        str, typer.Option(help="The example of this type, lead.completed; a mere test by default.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Send a test event, once, by its channel; show what was sent and what came back."""
    request = pb.SendTestEventRequest(
        organization_id=organization, endpoint_id=endpoint_id, event_type=event
    )
    answer = ask(lambda client: client.webhooks.send_test_event(request))
    if as_json:
        print_json(answer)
        return
    for name, value in answer.headers.items():
        typer.echo(f"{name}: {value}")
    typer.echo(answer.body)
    print_details(answer.attempt)


@app.command()
def delete(
    endpoint_id: EndpointId,
    organization: Organization,
    *,
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete an endpoint; until it is purged it comes back by undelete.

    What was not delivered to it yet is dropped.
    """
    request = pb.DeleteEndpointRequest(
        organization_id=organization, endpoint_id=endpoint_id, etag=etag, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_endpoint(endpoint_id, organization, deleted=True),
        lambda client: client.webhooks.delete_endpoint(request),
        yes=yes,
        dry_run=dry_run,
    )
    if as_json:
        print_json(answer)
    else:
        typer.echo("deleted")


@app.command()
def undelete(
    endpoint_id: EndpointId, organization: Organization, *, as_json: AsJson = False
) -> None:
    """Bring a deleted endpoint back, as it was, with its secret.

    What was dropped with it, and what happened meanwhile, comes by a replay: it is said how.
    """
    request = pb.UndeleteEndpointRequest(organization_id=organization, endpoint_id=endpoint_id)
    answer = ask(lambda client: client.webhooks.undelete_endpoint(request))
    _tell_missed(endpoint_id, answer, as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    endpoint_id: EndpointId,
    organization: Organization,
    request_id: RequestId,
    overlap: Annotated[
        timedelta | None,
        duration_option(help="How long the secret before signs as well, up to 7d; 24h by default."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Replace an endpoint's secret. Keep the new one: it is not shown again."""
    request = pb.RotateEndpointSecretRequest(
        organization_id=organization,
        endpoint_id=endpoint_id,
        request_id=request_id,
        overlap=to_duration(overlap),
    )
    answer = ask(lambda client: client.webhooks.rotate_endpoint_secret(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.endpoint)
    console().print(f"secret: {answer.secret}")


def _tell_missed(
    endpoint_id: str,
    answer: pb.EnableEndpointResponse | pb.UndeleteEndpointResponse,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(answer)
        return
    print_details(answer.endpoint)
    if answer.HasField("missed_since_time"):
        since = answer.missed_since_time.ToJsonString()
        typer.echo(f"What it missed: outreach webhooks replay {endpoint_id} --since {since}")
