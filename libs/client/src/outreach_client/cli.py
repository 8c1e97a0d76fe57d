"""`outreach`: every call of every service, from the command line."""

import io
import sys
from typing import Annotated

import typer

from outreach_client.commands.groups import Groups
from outreach_client.exit_codes import EXIT_CODE_HELP

_ENVIRONMENT = """Environment: OUTREACH_CAMPAIGN_API_ADDRESS (localhost:50051),
OUTREACH_GATEWAY_ADDRESS (localhost:50052), OUTREACH_DISPATCHER_ADDRESS (localhost:50053),
OUTREACH_TOKEN or OUTREACH_API_KEY (or _FILE of either; else what `login` keeps),
OUTREACH_TLS, OUTREACH_TLS_AUTHORITIES_FILE, OUTREACH_TLS_CERTIFICATE_FILE,
OUTREACH_TLS_KEY_FILE, OUTREACH_TIMEOUT (90s or seconds; else as promised), OUTREACH_ORGANIZATION,
OUTREACH_PROFILE; what is not set there is what the profile says (`outreach config`, --profile);
OUTREACH_LINKEDIN_PASSWORD, OUTREACH_LINKEDIN_COOKIE (for `accounts connect`)."""

app = typer.Typer(
    name="outreach",
    cls=Groups,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    epilog=f"{_ENVIRONMENT}\n\n{EXIT_CODE_HELP}",
    pretty_exceptions_show_locals=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - dear, and seldom asked for

        typer.echo(version("outreach-client"))
        raise typer.Exit


@app.callback()
def _outreach(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it and end."),
    ] = False,
) -> None:
    """Command line of the outreach engine."""


def main() -> None:
    """The installed script."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding has no letter for is written with one that it has.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
