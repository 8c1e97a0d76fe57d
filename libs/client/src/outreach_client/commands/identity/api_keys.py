"""`outreach keys …`."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from outreach.identity.v1 import api_key_service_pb2 as pb
from outreach.identity.v1 import token_service_pb2

from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import console, print_details, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    SyncToken,
    Yes,
    ask,
    confirm,
    duration_option,
    instant_option,
)

app = group("API keys: how members prove who they are.")

Id = Annotated[str, typer.Argument(metavar="KEY_ID", help="The key.")]


@app.command()
def create(
    member: Annotated[str, typer.Argument(metavar="MEMBER_ID", help="Whose it is to be.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="A permission to limit it to; repeat for more. Default: all they have."),
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="A LinkedIn account to limit it to; repeat for more.")
    ] = None,
    until: Annotated[datetime | None, instant_option(help="Default: for ever.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and tell it, once."""
    request = pb.CreateApiKeyRequest(
        member_id=member,
        name=name,
        scopes=scope or [],
        account_ids=account or [],
        expire_time=to_timestamp(until),
    )
    answer = ask(lambda client: client.api_keys.create(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.api_key)
        _tell(answer.secret)


@app.command()
def get(key: Id, *, as_json: AsJson = False) -> None:
    """Show a key, but for the key itself."""
    answer = ask(lambda client: client.api_keys.get(pb.GetApiKeyRequest(key_id=key)))
    print_json(answer) if as_json else print_details(answer.api_key)


@app.command("list")
def list_(
    organization: Organization,
    member: Annotated[str, typer.Option(help="Only this member's.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List one's own keys, or all of the organization for who may change members."""
    request = pb.ListApiKeysRequest(
        organization_id=organization,
        member_id=member,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.api_keys.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.api_keys,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def rotate(
    key: Id,
    overlap: Annotated[
        timedelta | None,
        duration_option(help="How long the old one goes on; default: a day."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make another key for the same and tell it, once; the old one goes on for a while."""
    request = pb.RotateApiKeyRequest(key_id=key)
    if overlap is not None:
        request.overlap.FromTimedelta(overlap)
    answer = ask(lambda client: client.api_keys.rotate(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.api_key)
        _tell(answer.secret)


@app.command()
def revoke(key: Id, *, yes: Yes = False, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """End a key: it changes nothing any more, and reads for ten minutes at the most."""
    confirm(
        f"Revokes 1 key, {key}, for good: whoever uses it is let in no more.",
        yes=yes,
        dry_run=dry_run,
    )
    answer = ask(lambda client: client.api_keys.revoke(pb.RevokeApiKeyRequest(key_id=key)))
    print_json(answer) if as_json else print_details(answer.api_key)


@app.command("rotate-issuer")
def rotate_issuer(*, as_json: AsJson = False) -> None:
    """Have tokens signed with a new key from now on; only our own staff may."""
    request = token_service_pb2.RotateIssuerKeyRequest()
    answer = ask(lambda client: client.tokens.rotate_issuer_key(request))
    print_json(answer) if as_json else print_details(answer)


def _tell(secret: str) -> None:
    console().print(f"The key, told only now: {secret}")
