"""`outreach webhooks verify`: what a receiver got, looked at as it should have."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from outreach_client.commands.groups import group
from outreach_client.commands.webhooks.endpoint_options import read_headers
from outreach_client.exit_codes import ExitCode
from outreach_client.session import end_as, read_bytes, read_text

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
