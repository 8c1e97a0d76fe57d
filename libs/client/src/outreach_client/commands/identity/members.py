"""`outreach members …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.identity.v1 import member_pb2
from outreach.identity.v1 import member_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_details, print_json, print_rows
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
    RequestId,
    SyncToken,
    Yes,
    ask,
    confirm,
    enum_argument,
    enum_option,
    refuse,
)

app = group("Members: who may do what in an organization.")

_ROLE = member_pb2.DESCRIPTOR.enum_types_by_name["Role"]
Id = Annotated[str, typer.Argument(metavar="MEMBER_ID", help="The member.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="A LinkedIn account to limit them to; repeat for more."),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="How colleagues know them.")],
    role: Annotated[int, enum_argument(_ROLE, help="What they may do.")],
    organization: Organization,
    request_id: RequestId,
    account: Accounts = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Create a member, who has no key yet."""
    request = pb.CreateMemberRequest(
        organization_id=organization,
        name=name,
        role=member_pb2.Role.ValueType(role),
        account_ids=account or [],
        request_id=request_id,
    )
    answer = ask(lambda client: client.members.create(request))
    print_json(answer) if as_json else print_details(answer.member)


@app.command()
def get(member: Id, *, as_json: AsJson = False) -> None:
    """Show a member."""
    request = pb.GetMemberRequest(member_id=member)
    answer = ask(lambda client: client.members.get(request))
    print_json(answer) if as_json else print_details(answer.member)


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List an organization's members, oldest first."""
    request = pb.ListMembersRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.members.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.members,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def update(
    member: Id,
    role: Annotated[int, enum_option(_ROLE, help="What they may do from now on.")] = 0,
    account: Accounts = None,
    *,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="Limit them to no accounts any more.")
    ] = False,
    etag: Etag = "",
    as_json: AsJson = False,
) -> None:
    """Change a member's role, or the accounts that they are limited to."""
    if all_accounts and account:
        refuse("give --account or --all-accounts")
    request = pb.UpdateMemberRequest(
        member_id=member, role=member_pb2.Role.ValueType(role), etag=etag
    )
    if all_accounts or account:
        request.limit.CopyFrom(pb.AccountLimit(account_ids=account or []))
    answer = ask(lambda client: client.members.update(request))
    print_json(answer) if as_json else print_details(answer.member)


@app.command()
def disable(
    member: Id, *, yes: Yes = False, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Let a member in no more, with none of their keys."""
    confirm(
        f"Lets 1 member, {member}, in no more, with none of their keys.", yes=yes, dry_run=dry_run
    )
    request = pb.DisableMemberRequest(member_id=member)
    answer = ask(lambda client: client.members.disable(request))
    print_json(answer) if as_json else print_details(answer.member)


@app.command()
def enable(member: Id, *, as_json: AsJson = False) -> None:
    """Let a member in again, with the keys that they had."""
    request = pb.EnableMemberRequest(member_id=member)
    answer = ask(lambda client: client.members.enable(request))
    print_json(answer) if as_json else print_details(answer.member)
