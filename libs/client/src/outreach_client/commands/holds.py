"""`outreach holds …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_hold
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import (
    console,
    print_details,
    print_json,
    print_on_the_wire,
    print_rows,
)
from outreach_client.session import (
    UPDATED_SINCE,
    AllowMissing,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    PageSize,
    PageToken,
    SyncToken,
    Yes,
    ask,
    confirm,
    enum_argument,
)

app = group("Holds: stops that are in force until lifted.")

Scope = Annotated[int, enum_argument(hold_pb2.HoldScope.DESCRIPTOR, help="What is held.")]
Subject = Annotated[str, typer.Argument(help="The id of it; nothing for everything.")]


@app.command()
def put(
    scope: Scope,
    reason: Annotated[str, typer.Option(help="One sentence, for people.")],
    subject: Subject = "",
    *,
    organization: Annotated[
        str, typer.Option(help="Whose campaign it is, if it has asked for no action yet.")
    ] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Stop everything in a scope; when this returns nothing more of it begins."""
    confirm(lambda: of_hold(scope, subject), yes=yes, dry_run=dry_run)
    request = pb.PutHoldRequest(
        scope=hold_pb2.HoldScope.ValueType(scope),
        subject_id=subject,
        organization_id=organization,
        reason=reason,
    )
    answer = ask(lambda client: client.holds.put(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.hold)
        print_on_the_wire(answer.on_the_wire)


@app.command()
def lift(
    scope: Scope,
    subject: Subject = "",
    *,
    allow_missing: AllowMissing = False,
    as_json: AsJson = False,
) -> None:
    """Lift a hold and wake those who waited for it."""
    request = pb.LiftHoldRequest(
        scope=hold_pb2.HoldScope.ValueType(scope), subject_id=subject, allow_missing=allow_missing
    )
    answer = ask(lambda client: client.holds.lift(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo("lifted")


@app.command()
def changes(
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List who put and lifted which holds, newest first unless asked otherwise."""
    request = pb.ListHoldChangesRequest(
        page_size=page_size, page_token=page_token, filter=filter_, order_by=order_by
    )
    answer = ask(lambda client: client.holds.list_changes(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.changes,
            "change_time",
            "scope",
            "subject_id",
            "lifted",
            "caller",
            "reason",
            next_page_token=answer.next_page_token,
        )


@app.command("list")
def list_(
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the holds in force, oldest first unless asked otherwise."""
    request = pb.ListHoldsRequest(
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.holds.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.holds,
            "scope",
            "subject_id",
            "reason",
            "create_time",
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )
        if answer.removed_holds:
            print_rows(answer.removed_holds, "scope", "subject_id", "delete_time", title="Removed")
        if answer.write_refusal:
            console().print(f"{answer.write_refusal} Nothing goes until it writes again.")
