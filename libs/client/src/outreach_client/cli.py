"""`outreach`: every call of every service, from the command line."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from outreach_client.commands import (
    accounts,
    actions,
    campaign_runs,
    campaigns,
    holds,
    internal,
    leads,
    people,
    sequence_revisions,
    sequences,
    sign_ins,
    suppressions,
    texts,
    webhooks,
)
from outreach_client.commands.identity import api_keys, audit, members, organizations, sign_in
from outreach_client.failures import EXIT_CODE_HELP

_ENVIRONMENT = """Environment: OUTREACH_CAMPAIGN_API_ADDRESS (localhost:50051),
OUTREACH_GATEWAY_ADDRESS (localhost:50052), OUTREACH_DISPATCHER_ADDRESS (localhost:50053),
OUTREACH_TOKEN or OUTREACH_API_KEY (or _FILE of either; else what `login` keeps),
OUTREACH_TLS, OUTREACH_TLS_AUTHORITIES_FILE, OUTREACH_TLS_CERTIFICATE_FILE,
OUTREACH_TLS_KEY_FILE, OUTREACH_TIMEOUT (seconds, 60), OUTREACH_ORGANIZATION;
OUTREACH_LINKEDIN_PASSWORD, OUTREACH_LINKEDIN_COOKIE (for `accounts connect`)."""

app = typer.Typer(
    name="outreach",
    no_args_is_help=True,
    epilog=f"{_ENVIRONMENT}\n\n{EXIT_CODE_HELP}",
    pretty_exceptions_show_locals=False,
)
for more in (campaign_runs, sequence_revisions, texts):
    campaigns.app.add_typer(more.app)
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(sequences.app, name="sequences")
app.add_typer(leads.app, name="leads")
accounts.app.add_typer(sign_ins.app)
app.add_typer(accounts.app, name="accounts")
app.add_typer(actions.app, name="actions")
app.add_typer(people.app, name="people")
app.add_typer(holds.app, name="holds")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(audit.app, name="audit")
app.add_typer(internal.app, name="internal")
app.add_typer(sign_in.app)
app.add_typer(api_keys.app, name="keys")
app.add_typer(members.app, name="members")
app.add_typer(organizations.app, name="organizations")


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
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
    try:
        app()
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        sys.stderr.close()
        sys.exit(0)
