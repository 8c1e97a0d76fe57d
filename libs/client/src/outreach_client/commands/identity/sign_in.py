"""`outreach login`, `logout`, `whoami`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.identity.v1 import token_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.output import console, print_details, print_json, print_sentence
from outreach_client.profiles.used import used_profile
from outreach_client.session import AsJson, ask, read_text, refuse

if TYPE_CHECKING:
    from outreach_client.settings import Settings

app = group()


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
    from outreach_client.credentials import keep_api_key  # noqa: PLC0415 - as in `session`

    settings = _settings()
    request = pb.CreateTokenRequest(api_key=key)
    answer = ask(lambda client: client.tokens.create(request), signs_in=False)
    try:
        keep_api_key(settings.credentials, key)
    except OSError as error:
        refuse(f"{settings.credentials}: {error.strerror}", error)
    # The token is for who calls, not for the screen.
    answer.ClearField("token")
    if as_json:
        print_json(answer)
    else:
        console().print(
            f"The key opens; it is kept in {settings.credentials} for profile {used_profile()}"
        )


@app.command()
def logout() -> None:
    """Forget the API key that `login` has kept; it goes on until it is revoked."""
    path = _settings().credentials
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        refuse(f"{path}: {error.strerror}", error)
    console().print(f"{path} is gone")


@app.command()
def whoami(*, as_json: AsJson = False) -> None:
    """Tell who calls, and what they may."""
    answer = ask(lambda client: client.tokens.who_am_i(pb.WhoAmIRequest()))
    if as_json:
        print_json(answer)
    else:
        print_sentence(f"profile {used_profile()}, at {_settings().campaign_api_address}")
        print_details(answer)


def _settings() -> "Settings":
    from outreach_client.conversation import read_settings  # noqa: PLC0415 - as in `session`

    return read_settings()
