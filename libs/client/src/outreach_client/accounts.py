"""`outreach accounts …`."""

from typing import Annotated

import typer
from outreach.common.v1.sending_window_pb2 import SendingWindow
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from outreach_client.caps import parse_cap
from outreach_client.output import print_details, print_json, print_rows
from outreach_client.session import AsJson, Organization, PageSize, PageToken, ask, window_option

app = typer.Typer(no_args_is_help=True, help="Accounts: the LinkedIn accounts that send.")

AccountId = Annotated[str, typer.Argument(help="For example acct_01j9z3k4x5.")]
WorkingHours = Annotated[SendingWindow | None, window_option(help="When it may act.")]
Holidays = Annotated[
    list[str] | None, typer.Option("--holiday", help="A day off, YYYY-MM-DD; repeat for more.")
]
Caps = Annotated[
    list[str] | None,
    typer.Option("--cap", help="KIND/PERIOD=N, for example invitation/day=15; repeat for more."),
]


@app.command()
def register(
    unipile_account_id: Annotated[str, typer.Argument(help="The account's id at Unipile.")],
    organization: Organization,
    working_hours: WorkingHours = None,
    holidays: Holidays = None,
    caps: Caps = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take an account that exists at Unipile under the gateway's care."""
    request = pb.RegisterAccountRequest(
        organization_id=organization,
        unipile_account_id=unipile_account_id,
        working_hours=working_hours,
        holidays=holidays,
        caps=_caps(caps),
    )
    answer = ask(lambda client: client.linkedin.RegisterAccount(request))
    _show(answer, as_json=as_json)


@app.command()
def get(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Show one account."""
    request = pb.GetAccountRequest(account_id=account_id)
    _show(ask(lambda client: client.linkedin.GetAccount(request)), as_json=as_json)


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List accounts, oldest first."""
    request = pb.ListAccountsRequest(
        organization_id=organization, page_size=page_size, page_token=page_token
    )
    answer = ask(lambda client: client.linkedin.ListAccounts(request))
    if as_json:
        print_json(answer)
        return
    columns = ("account_id", "name", "tier", "state", "state_reason", "working_hours")
    print_rows(answer.accounts, *columns, next_page_token=answer.next_page_token)


@app.command()
def update(
    account_id: AccountId,
    working_hours: WorkingHours = None,
    holidays: Holidays = None,
    *,
    no_holidays: Annotated[
        bool, typer.Option("--no-holidays", help="Remove every day off.")
    ] = False,
    caps: Caps = None,
    no_caps: Annotated[bool, typer.Option("--no-caps", help="Remove the customer's caps.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change working hours, days off or caps; what is not given stays as it is."""
    if (holidays and no_holidays) or (caps and no_caps):
        raise typer.BadParameter("give new ones or remove all, not both")
    request = pb.UpdateAccountRequest(account_id=account_id, working_hours=working_hours)
    if holidays or no_holidays:
        request.holidays.CopyFrom(pb.UpdateAccountRequest.Holidays(dates=holidays))
    if caps or no_caps:
        request.caps.CopyFrom(pb.UpdateAccountRequest.Caps(caps=_caps(caps)))
    _show(ask(lambda client: client.linkedin.UpdateAccount(request)), as_json=as_json)


@app.command()
def usage(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Count how much of each cap is used."""
    request = pb.GetAccountUsageRequest(account_id=account_id)
    answer = ask(lambda client: client.linkedin.GetAccountUsage(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.usages, "kind", "per", "used", "limit", "layer", "free_time")


def _caps(texts: list[str] | None) -> list[account_pb2.Cap]:
    try:
        return [parse_cap(text) for text in texts or []]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(
    answer: pb.RegisterAccountResponse | pb.GetAccountResponse | pb.UpdateAccountResponse,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(answer)
    else:
        print_details(answer.account)
