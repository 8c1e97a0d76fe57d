"""`outreach login`, `logout`, `whoami`, and `bootstrap`, which alone asks no service."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from identity.issuer.bootstrap import AlreadyBootstrapped
from identity.issuer.bootstrap import bootstrap as make_first
from outreach.identity.v1 import token_service_pb2 as pb
from servicekit.errors import Unavailable

from outreach_client.credentials import keep_api_key
from outreach_client.formats.output import console, print_details, print_json
from outreach_client.session import AsJson, ask, end_as, read_text, refuse
from outreach_client.settings import Settings

app = typer.Typer()


@app.command()
def login(
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="A file with the API key, - for stdin; default: it is asked for."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Try an API key, and keep it for the commands that follow (OUTREACH_CREDENTIALS)."""
    if api_key_file is not None:
        key = read_text(api_key_file).strip()
    else:
        key = str(typer.prompt("API key", hide_input=True, err=True)).strip()
    settings = Settings()
    request = pb.CreateTokenRequest(api_key=key)
    answer = ask(lambda client: client.tokens.CreateToken(request), signs_in=False)
    try:
        keep_api_key(settings.credentials, key)
    except OSError as error:
        refuse(f"{settings.credentials}: {error.strerror}", error)
    # The token is for who calls, not for the screen.
    answer.ClearField("token")
    if as_json:
        print_json(answer)
    else:
        console().print(f"The key opens; it is kept in {settings.credentials}")


@app.command()
def logout() -> None:
    """Forget the API key that `login` has kept; it goes on until it is revoked."""
    path = Settings().credentials
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        refuse(f"{path}: {error.strerror}", error)
    console().print(f"{path} is gone")


@app.command()
def whoami(*, as_json: AsJson = False) -> None:
    """Tell who calls, and what they may."""
    answer = ask(lambda client: client.tokens.WhoAmI(pb.WhoAmIRequest()))
    if as_json:
        print_json(answer)
    else:
        print_details(answer)


@app.command()
def bootstrap(
    organization: Annotated[str, typer.Argument(help="What our own organization is called.")],
    name: Annotated[str, typer.Argument(help="What the first administrator is called.")],
    database_url: Annotated[
        str,
        typer.Option(
            envvar="CAMPAIGN_API_IDENTITY_DATABASE_URL",
            help="The PostgreSQL database, by the role that sees all of the schema identity.",
        ),
    ],
    migration_database_url: Annotated[
        str,
        typer.Option(
            envvar="CAMPAIGN_API_IDENTITY_MIGRATION_DATABASE_URL",
            help="The same by the role that owns it; default: the same role.",
        ),
    ] = "",
) -> None:
    """Make the first administrator, once, in the database itself; prints their API key alone.

    Raises `Exit`: 5 if there is one already.
    """
    try:
        made = asyncio.run(
            make_first(
                database_url,
                organization=organization,
                name=name,
                owner_url=migration_database_url,
            )
        )
    except AlreadyBootstrapped as error:
        console_error(str(error))
        raise typer.Exit(5) from error
    except Unavailable as error:
        console_error(error.message)
        end_as(Unavailable)
    console_error(f"{made.member.member_id} ({made.member.name}); the key is told only now:")
    typer.echo(made.secret)


def console_error(text: str) -> None:
    """Tell people something that is no answer."""
    print(text, file=sys.stderr)  # noqa: T201
