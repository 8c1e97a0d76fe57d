"""`outreach organizations …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.identity.v1 import organization_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_details, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
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
)

app = group("Organizations: whose things there are.")

Id = Annotated[str, typer.Argument(metavar="ORGANIZATION_ID", help="The organization.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="How people know it.")],
    organization_id: Annotated[
        str, typer.Option("--id", help="The id by which it is known already; default: a new one.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Create an organization; only our own staff may."""
    request = pb.CreateOrganizationRequest(organization_id=organization_id, name=name)
    answer = ask(lambda client: client.organizations.create(request))
    print_json(answer) if as_json else print_details(answer.organization)


@app.command()
def get(organization: Id, *, as_json: AsJson = False) -> None:
    """Show an organization."""
    request = pb.GetOrganizationRequest(organization_id=organization)
    answer = ask(lambda client: client.organizations.get(request))
    print_json(answer) if as_json else print_details(answer.organization)


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
    """List the organizations that one acts for, oldest first."""
    request = pb.ListOrganizationsRequest(
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.organizations.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.organizations,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def disable(
    organization: Id, *, yes: Yes = False, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Let none of its members in any more; what runs goes on."""
    confirm(f"Lets no member of {organization} in any more.", yes=yes, dry_run=dry_run)
    request = pb.DisableOrganizationRequest(organization_id=organization)
    answer = ask(lambda client: client.organizations.disable(request))
    print_json(answer) if as_json else print_details(answer.organization)


@app.command()
def enable(organization: Id, *, as_json: AsJson = False) -> None:
    """Let its members in again."""
    request = pb.EnableOrganizationRequest(organization_id=organization)
    answer = ask(lambda client: client.organizations.enable(request))
    print_json(answer) if as_json else print_details(answer.organization)
