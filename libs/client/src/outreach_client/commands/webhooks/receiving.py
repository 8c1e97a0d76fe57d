"""`outreach webhooks verify` and `listen`: what a receiver gets, looked at as it should."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.webhooks.endpoint_options import read_headers
from outreach_client.commands.webhooks.endpoints import Events, Form
from outreach_client.exit_codes import ExitCode
from outreach_client.session import AsJson, Organization, ask, end_as, read_bytes, read_text

if TYPE_CHECKING:
    from outreach_client.commands.webhooks.receiver import Heard

app = group()


@app.command()
def verify(
    headers: Annotated[Path, typer.Argument(help="A file of `name: value` lines.")],
    body: Annotated[Path, typer.Argument(help="The bytes of the body, as they came.")],
    secret_file: Annotated[Path, typer.Option(help="The endpoint's secret, whsec_….")],
    *,
    any_age: Annotated[
        bool, typer.Option("--any-age", help="Also if it was sent more than 5 minutes ago.")
    ] = False,
) -> None:
    """Say whether a request verifies by an endpoint's secret, and why not."""
    # Only for who verifies: help and completion begin without it.
    from outreach_client.commands.webhooks import signature  # noqa: PLC0415

    now = None if any_age else datetime.now(UTC)
    secret = read_text(secret_file).strip()
    try:
        signature.verify(read_headers(headers), read_bytes(body), secret=secret, now=now)
    except signature.NotVerified as refusal:
        typer.echo(f"not verified: {refusal}", err=True)
        end_as(ExitCode.WRONG_INPUT)
    typer.echo("verified")


@app.command()
def listen(
    organization: Organization,
    event: Events = None,
    form: Form = pb.PAYLOAD_FORM_UNSPECIFIED,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="On this machine; any that is free if it is 0.")
    ] = 0,
    count: Annotated[
        int, typer.Option(min=0, help="End after so many events; 0 means at Ctrl-C.")
    ] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Hear a sandbox's events on this machine, each verified and on a line; its endpoint goes then.

    Only a sandbox calls this machine: elsewhere it is refused (DESTINATION_FORBIDDEN).
    """
    # Only for who listens: help and completion begin without a server.
    from servicekit.telemetry import logs  # noqa: PLC0415

    from outreach_client.commands.webhooks.receiver import Listener  # noqa: PLC0415

    # The server's own lines are not what is listened to.
    logs.configure("outreach", level="WARNING", log_format="console", stream=sys.stderr)

    def show(heard: "Heard") -> None:
        typer.echo(_as_json(heard) if as_json else _in_a_line(heard))

    ask(
        lambda client: Listener(
            client,
            organization_id=organization,
            event_types=event or [],
            form=pb.PayloadForm.ValueType(form),
            show=show,
        ).listen(
            port=port,
            count=count,
            begun=lambda url: typer.echo(f"listening on {url}; Ctrl-C ends it", err=True),
        )
    )


def _as_json(heard: "Heard") -> str:
    told = {"verified": not heard.refusal, "refusal": heard.refusal}
    return json.dumps({"webhookId": heard.webhook_id, **told, "event": heard.event})


def _in_a_line(heard: "Heard") -> str:
    """When, what, of whom, and whether it verifies; a record of a lead has no type."""
    said = heard.event
    names = (said.get("timestamp"), said.get("type"), heard.webhook_id, said.get("subject"))
    result = f"not verified: {heard.refusal}" if heard.refusal else "verified"
    return "  ".join(_printable(str(each)) for each in (*names, result) if each)


def _printable(text: str) -> str:
    """On a terminal, what anybody may have posted here is nothing but text."""
    return "".join(each if each.isprintable() else "?" for each in text)
