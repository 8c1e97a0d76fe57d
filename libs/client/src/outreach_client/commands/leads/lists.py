"""`outreach lists …`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_pb2, lead_service_pb2, operation_pb2
from outreach.campaign.v1 import lead_list_service_pb2 as pb

from outreach_client.commands.consequences import of_deleting_list
from outreach_client.commands.groups import group
from outreach_client.commands.leads.imported import tell_filling, tell_foreseen, tell_import
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_answer, print_json, print_rows, print_sentence
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
    column_by_field,
    confirm,
    end_as,
    read_bytes,
    refuse,
)

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

app = group("Lists: people who are kept, for several campaigns.")

LeadListId = Annotated[str, typer.Argument(help="For example list_01j9z3k4x5.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="How colleagues know it.")],
    organization: Organization,
    request_id: RequestId,
    description: Annotated[str, typer.Option(help="What is to be known of it.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Create a list with nobody in it."""
    request = pb.CreateLeadListRequest(
        request_id=request_id, organization_id=organization, name=name, description=description
    )
    _tell(ask(lambda client: client.lead_lists.create(request)), as_json=as_json)


@app.command()
def get(lead_list_id: LeadListId, *, as_json: AsJson = False) -> None:
    """Show a list, without its people."""
    request = pb.GetLeadListRequest(lead_list_id=lead_list_id)
    _tell(ask(lambda client: client.lead_lists.get(request)), as_json=as_json)


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
    """List the lists of an organization, unless asked otherwise newest first."""
    request = pb.ListLeadListsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.lead_lists.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ("lead_list_id", "name", "entry_count", "create_time", "update_time")
    print_rows(
        answer.lead_lists,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
    if answer.removed_lead_lists:
        print_rows(answer.removed_lead_lists, "id", "delete_time", title="Removed")


@app.command()
def entries(
    lead_list_id: LeadListId,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the people of a list, in its order."""
    request = pb.ListLeadListEntriesRequest(
        lead_list_id=lead_list_id,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.lead_lists.list_entries(request))
    if as_json:
        print_json(answer)
        return
    columns = ("public_identifier", "first_name", "last_name", "company", "title", "email")
    print_rows(
        answer.entries,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


@app.command()
def rename(
    lead_list_id: LeadListId,
    name: Annotated[str | None, typer.Option(help="How colleagues know it.")] = None,
    description: Annotated[str | None, typer.Option(help="What is to be known of it.")] = None,
    *,
    etag: Etag = "",
    as_json: AsJson = False,
) -> None:
    """Change a list's name or description; its people stay."""
    given = {"name": name, "description": description}
    paths = [each for each, value in given.items() if value is not None]
    if not paths:
        refuse("give --name or --description")
    request = pb.UpdateLeadListRequest(
        lead_list=lead_list_pb2.LeadList(
            lead_list_id=lead_list_id, name=name or "", description=description or "", etag=etag
        ),
        update_mask=FieldMask(paths=paths),
    )
    _tell(ask(lambda client: client.lead_lists.update(request)), as_json=as_json)


@app.command()
def delete(
    lead_list_id: LeadListId,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also while campaigns with its people go on.")
    ] = False,
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete a list with its people, for good; what campaigns took from it stays with them."""
    confirm(lambda: of_deleting_list(lead_list_id), yes=yes, dry_run=dry_run)
    request = pb.DeleteLeadListRequest(lead_list_id=lead_list_id, force=force, etag=etag)
    answer = ask(lambda client: client.lead_lists.delete(request))
    if as_json:
        print_json(answer)
    else:
        print_sentence(f"{lead_list_id} is deleted")


@app.command("import")
def import_(
    lead_list_id: LeadListId,
    file: Annotated[Path, typer.Argument(help="People (CSV or .xlsx); - for stdin.")],
    request_id: RequestId,
    mapping: Annotated[
        list[str] | None, typer.Option(help="FIELD=HEADER, as of import-leads.")
    ] = None,
    allow_literal: Annotated[
        list[str] | None, typer.Option(help="A value that is meant as it stands.")
    ] = None,
    *,
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say what it would do, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a file into a list, and wait until it is read; `outreach imports` shows how it goes."""
    content = read_bytes(file)
    request = imports_pb.CreateImportRequest(
        request_id=request_id,
        lead_list_id=lead_list_id,
        column_by_field=column_by_field(mapping),
        allow_literal=allow_literal or [],
    )
    if validate_only:
        validated = ask(lambda client: _validated(client, request, content))
        tell_import(validated, would=True, as_json=as_json)
        return
    operation = ask(lambda client: _imported(client, request, content))
    if as_json:
        print_json(operation)
    else:
        tell_filling(operation)
    if operation.lead_import.failure:
        end_as(ExitCode.WRONG_INPUT)


async def _validated(
    client: "OutreachClient", request: imports_pb.CreateImportRequest, content: bytes
) -> lead_service_pb2.ImportLeadsResponse:
    return await client.import_leads(
        request.lead_list_id,
        content,
        column_by_field=request.column_by_field,
        allow_literal=request.allow_literal,
        validate_only=True,
    )


async def _imported(
    client: "OutreachClient", request: imports_pb.CreateImportRequest, content: bytes
) -> operation_pb2.Operation:
    """The import, when it is done."""
    begun = (await client.imports.create(request)).operation
    operation = await client.upload_import(request.lead_list_id, begun.operation_id, content)
    while not operation.done:
        waited = await client.imports.wait_operation(
            lead_list_id=request.lead_list_id, operation_id=operation.operation_id
        )
        operation = waited.operation
    return operation


@app.command()
def add(
    lead_list_id: LeadListId,
    campaign_id: Annotated[str, typer.Argument(help="For example camp_01j9z3k4x5.")],
    *,
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say what it would do, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add the people of a list to a campaign; again, it adds who is new in it."""
    request = pb.AddLeadListRequest(
        campaign_id=campaign_id, lead_list_id=lead_list_id, validate_only=validate_only
    )
    answer = ask(lambda client: client.lead_lists.add(request))
    if as_json:
        print_json(answer)
        return
    would = "would be " if validate_only else ""
    print_sentence(
        f"{answer.added} of {answer.entry_count} {would}added, {answer.duplicates} there already,"
        f" {answer.released} released, {answer.held_back} held back, {answer.rejected} rejected"
    )
    if validate_only:
        suppressed = answer.suppressed if answer.HasField("suppressed") else "nobody knows how many"
        print_sentence(
            f"{answer.in_running_campaigns} are in other campaigns, {suppressed} suppressed"
        )
    tell_foreseen(answer, would=validate_only)
    if answer.examples:
        print_rows(answer.examples, title="examples")
    if answer.row_errors:
        print_rows(answer.row_errors, title="rejected people")


_Answer = pb.CreateLeadListResponse | pb.GetLeadListResponse | pb.UpdateLeadListResponse


def _tell(answer: _Answer, *, as_json: bool) -> None:
    print_answer(answer, answer.lead_list, as_json=as_json)
