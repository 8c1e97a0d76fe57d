"""`outreach accounts …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.common.v1.sending_window_pb2 import SendingWindow
from outreach.linkedin.v1 import account_pb2, account_service_pb2, action_pb2, pace_service_pb2

from outreach_client.commands import sign_ins
from outreach_client.commands.consequences import of_disconnecting
from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_ending_cool_down
from outreach_client.formats.caps import parse_cap
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_answer, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Etag,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    SyncToken,
    Yes,
    ask,
    confirm,
    enum_argument,
    enum_option,
    refuse,
    window_option,
)

app = group("Accounts: the LinkedIn accounts that send.")
app.add_typer(sign_ins.app)

_KINDS = action_pb2.ActionKind.DESCRIPTOR

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
    request = account_service_pb2.RegisterAccountRequest(
        organization_id=organization,
        unipile_account_id=unipile_account_id,
        working_hours=working_hours,
        holidays=holidays,
        caps=_caps(caps),
    )
    answer = ask(lambda client: client.accounts.register(request))
    _show(answer, as_json=as_json)


@app.command()
def get(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Show one account."""
    request = account_service_pb2.GetAccountRequest(account_id=account_id)
    _show(ask(lambda client: client.accounts.get(request)), as_json=as_json)


@app.command("list")
def list_(
    organization: Organization,
    account_ids: Annotated[
        list[str] | None, typer.Option("--account", help="These alone; may be given repeatedly.")
    ] = None,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List accounts, oldest first unless asked otherwise."""
    request = account_service_pb2.ListAccountsRequest(
        organization_id=organization,
        account_ids=account_ids,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.accounts.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ("account_id", "name", "tier", "state", "state_reason", "working_hours")
    print_rows(
        answer.accounts,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


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
    etag: Etag = "",
    as_json: AsJson = False,
) -> None:
    """Change working hours, days off or caps; what is not given stays as it is."""
    if (holidays and no_holidays) or (caps and no_caps):
        refuse("give new ones or remove all, not both")
    request = account_service_pb2.UpdateAccountRequest(
        account_id=account_id, working_hours=working_hours, etag=etag
    )
    if holidays or no_holidays:
        request.holidays.CopyFrom(account_service_pb2.UpdateAccountRequest.Holidays(dates=holidays))
    if caps or no_caps:
        request.caps.CopyFrom(account_service_pb2.UpdateAccountRequest.Caps(caps=_caps(caps)))
    _show(ask(lambda client: client.accounts.update(request)), as_json=as_json)


@app.command()
def usage(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Count how much of each cap is used."""
    request = pace_service_pb2.GetAccountUsageRequest(account_id=account_id)
    answer = ask(lambda client: client.pace.get_account_usage(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.usages, "kind", "notes", "per", "used", "limit", "layer", "free_time")


@app.command()
def health(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Show how well an account fares, and what made its score."""
    request = pace_service_pb2.GetAccountHealthRequest(account_id=account_id)
    answer = ask(lambda client: client.pace.get_account_health(request))
    if as_json:
        print_json(answer)
        return
    found = answer.health
    typer.echo(f"score {found.score}, multiplier {found.multiplier:g}, ramp {found.ramp:g}")
    print_rows(found.factors, "name", "value", "points", "description")


@app.command()
def forecast(
    account_id: AccountId,
    days: Annotated[int, typer.Option(help="How many, today included; 0 means 7.")] = 0,
    kinds: Annotated[
        list[int] | None,
        enum_option(_KINDS, "--kind", help="Which are counted together; repeat for more."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell how much an account can still do, day by day, and how much is planned."""
    request = pace_service_pb2.ForecastAccountRequest(
        account_id=account_id,
        days=days,
        kinds=[action_pb2.ActionKind.ValueType(kind) for kind in kinds or ()],
    )
    answer = ask(lambda client: client.pace.forecast_account(request))
    if as_json:
        print_json(answer)
        return
    for day in answer.days:
        typer.echo(day.date)
        print_rows(day.kinds, "kind", "actions", "new_people", "together", "planned")


@app.command("cool-downs")
def cool_downs(
    account_id: AccountId,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List when LinkedIn asked an account to slow down, those in force first."""
    request = pace_service_pb2.ListCoolDownsRequest(
        account_id=account_id,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
    )
    answer = ask(lambda client: client.pace.list_cool_downs(request))
    if as_json:
        print_json(answer)
    else:
        columns = ("kind", "cause", "level", "open_time", "end_time")
        print_rows(answer.cool_downs, *columns, next_page_token=answer.next_page_token)


@app.command("end-cool-down")
def end_cool_down(
    account_id: AccountId,
    kind: Annotated[int, enum_argument(_KINDS, help="Which kind may go on.")],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a cool-down before its time, at your own risk."""
    confirm(lambda: of_ending_cool_down(account_id, kind), yes=yes, dry_run=dry_run)
    request = pace_service_pb2.EndCoolDownRequest(
        account_id=account_id, kind=action_pb2.ActionKind.ValueType(kind)
    )
    answer = ask(lambda client: client.pace.end_cool_down(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo("Ended.")


@app.command()
def restart(account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Have Unipile start an account anew that it has stopped or frozen."""
    request = account_service_pb2.RestartAccountRequest(account_id=account_id)
    answer = ask(lambda client: client.accounts.restart(request))
    _show(answer, as_json=as_json)


@app.command()
def disconnect(
    account_id: AccountId,
    *,
    park: Annotated[
        bool, typer.Option("--park", help="Also if actions of campaigns wait on it.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Disconnect an account for good: it is removed at Unipile, and will not act again."""
    confirm(lambda: of_disconnecting(account_id), yes=yes, dry_run=dry_run)
    request = account_service_pb2.DisconnectAccountRequest(account_id=account_id, park=park)
    answer = ask(lambda client: client.accounts.disconnect(request))
    _show(answer, as_json=as_json)


def _caps(texts: list[str] | None) -> list[account_pb2.Cap]:
    try:
        return [parse_cap(text) for text in texts or []]
    except ValueError as error:
        refuse(str(error), error)


def _show(
    answer: account_service_pb2.RegisterAccountResponse
    | account_service_pb2.GetAccountResponse
    | account_service_pb2.UpdateAccountResponse
    | account_service_pb2.RestartAccountResponse
    | account_service_pb2.DisconnectAccountResponse,
    *,
    as_json: bool,
) -> None:
    print_answer(answer, answer.account, as_json=as_json)
