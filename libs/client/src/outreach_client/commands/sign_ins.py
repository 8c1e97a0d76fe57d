"""`outreach accounts connect …`: how accounts come, and come back.

What LinkedIn is shown is read from a prompt, from standard input or from the environment,
never from an argument: arguments are seen by everyone on the machine and stay in histories.
"""

import os
import sys
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.output import print_answer, print_details, print_json
from outreach_client.session import AsJson, Organization, ask, duration_option, refuse

app = group()

Again = Annotated[str, typer.Option("--account", help="The account to connect again.")]


@app.command("connect-link")
def connect_link(
    organization: Organization,
    account: Again = "",
    success_url: Annotated[str, typer.Option(help="Where the owner is sent afterwards.")] = "",
    failure_url: Annotated[str, typer.Option(help="The same, if it did not work.")] = "",
    valid_for: Annotated[
        Duration | None, duration_option(help="How long the page works; default 1h, at most 1d.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a page on which an account's owner connects it."""
    request = pb.CreateConnectLinkRequest(
        organization_id=organization,
        account_id=account,
        success_url=success_url,
        failure_url=failure_url,
        valid_for=valid_for,
    )
    answer = ask(lambda client: client.sign_ins.create_connect_link(request))
    print_answer(answer, answer, as_json=as_json)


@app.command()
def connect(
    organization: Organization,
    username: Annotated[
        str,
        typer.Option(
            help="Sign in with a password, read from OUTREACH_LINKEDIN_PASSWORD, a prompt or stdin."
        ),
    ] = "",
    *,
    cookie: Annotated[
        bool,
        typer.Option(
            "--cookie",
            help="Sign in with li_at, read from OUTREACH_LINKEDIN_COOKIE, a prompt or stdin.",
        ),
    ] = False,
    user_agent: Annotated[str, typer.Option(help="Of the browser the cookie is from.")] = "",
    account: Again = "",
    country: Annotated[str, typer.Option(help="Two letters: where to appear from.")] = "",
    as_json: AsJson = False,
) -> None:
    """Connect an account with its owner's credentials; tells the checkpoint if there is one."""
    if cookie == bool(username):
        refuse("give --username or --cookie, and only one of them")
    credentials = sign_in_pb2.Credentials(username=username, user_agent=user_agent)
    if cookie:
        credentials.session_cookie = _secret("OUTREACH_LINKEDIN_COOKIE", "Cookie li_at")
    else:
        credentials.password = _secret("OUTREACH_LINKEDIN_PASSWORD", "Password")
    request = pb.ConnectAccountRequest(
        organization_id=organization, account_id=account, credentials=credentials, country=country
    )
    answer = ask(lambda client: client.sign_ins.connect_account(request))
    _show(answer, as_json=as_json)


@app.command("solve-checkpoint")
def solve_checkpoint(
    checkpoint_id: Annotated[str, typer.Argument(help="From `accounts connect`.")],
    code: Annotated[str, typer.Option(help="Nothing once confirmed in LinkedIn's app.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Answer what LinkedIn asked of the account's owner."""
    request = pb.SolveCheckpointRequest(checkpoint_id=checkpoint_id, code=code)
    answer = ask(lambda client: client.sign_ins.solve_checkpoint(request))
    _show(answer, as_json=as_json)


@app.command("resend-code")
def resend_code(
    checkpoint_id: Annotated[str, typer.Argument(help="From `accounts connect`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Have LinkedIn send the code of a checkpoint once more, or ask again in its app."""
    request = pb.ResendCheckpointRequest(checkpoint_id=checkpoint_id)
    answer = ask(lambda client: client.sign_ins.resend_checkpoint(request))
    print_answer(answer, answer.checkpoint, as_json=as_json)


def _secret(variable: str, prompt: str) -> str:
    given = os.environ.get(variable, "")
    if not given and sys.stdin.isatty():
        given = typer.prompt(prompt, hide_input=True, err=True)
    elif not given:
        given = sys.stdin.readline().rstrip("\n")
    if not given:
        refuse(f"nothing to sign in with: set {variable} or pipe it in")
    return given


def _show(
    answer: pb.ConnectAccountResponse | pb.SolveCheckpointResponse,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(answer)
    elif answer.HasField("checkpoint"):
        print_details(answer.checkpoint)
    else:
        print_details(answer.account)
