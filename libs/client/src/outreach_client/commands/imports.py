"""`outreach imports …`."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.campaign.v1 import import_service_pb2 as pb
from outreach.campaign.v1 import operation_pb2

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_ending_import
from outreach_client.formats.durations import to_duration, to_timestamp
from outreach_client.formats.output import print_details, print_json, print_rows
from outreach_client.services.destinations import destination
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    Yes,
    ask,
    column_by_field,
    confirm,
    duration_option,
    read_bytes,
)

if TYPE_CHECKING:
    from outreach_client.uploads import Progress

app = group("Imports: files of people that are uploaded, and read apart.")

Into = Annotated[
    str, typer.Argument(help="A campaign or a list: camp_01j9z3k4x5, list_01j9z3k4x5.")
]
OperationId = Annotated[str, typer.Argument(help="For example imp_01j9z3k4x5.")]


@app.command()
def create(
    into: Into,
    request_id: RequestId,
    mapping: Annotated[
        list[str] | None, typer.Option(help="FIELD=HEADER, as of import-leads.")
    ] = None,
    allow_literal: Annotated[
        list[str] | None, typer.Option(help="A value that is meant as it stands.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Begin an import whose list is uploaded apart."""
    request = pb.CreateImportRequest(
        request_id=request_id,
        column_by_field=column_by_field(mapping),
        allow_literal=allow_literal or [],
        **destination(into),
    )
    _tell(ask(lambda client: client.imports.create(request)), as_json=as_json)


@app.command()
def upload(
    into: Into,
    operation_id: OperationId,
    file: Annotated[Path, typer.Argument(help="The list; - is standard input.")],
    offset: Annotated[
        int | None, typer.Option(help="Where in the file to begin; unset: where it has come to.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Upload the list of an import, or what is still missing of it; goes on where it breaks off."""
    content = read_bytes(file)
    operation = ask(
        lambda client: client.upload_import(
            into, operation_id, content, offset=offset, progress=_show
        )
    )
    _tell(pb.UploadImportResponse(operation=operation), as_json=as_json)


@app.command("list")
def list_(
    into: Into,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the imports into a campaign or a list as operations, newest first."""
    request = pb.ListOperationsRequest(
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
        **destination(into),
    )
    answer = ask(lambda client: client.imports.list_operations(request))
    if as_json:
        print_json(answer)
        return
    fields = ("operation_id", "state", "create_time", "end_time", "received_bytes")
    print_rows(
        answer.operations,
        *fields,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


@app.command()
def get(into: Into, operation_id: OperationId, *, as_json: AsJson = False) -> None:
    """Show how far an import has come."""
    request = pb.GetOperationRequest(operation_id=operation_id, **destination(into))
    _tell(ask(lambda client: client.imports.get_operation(request)), as_json=as_json)


@app.command()
def wait(
    into: Into,
    operation_id: OperationId,
    within: Annotated[timedelta | None, duration_option(help="At most a minute.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Wait until an import is over, for a while."""
    request = pb.WaitOperationRequest(
        operation_id=operation_id, within=to_duration(within), **destination(into)
    )
    _tell(ask(lambda client: client.imports.wait_operation(request)), as_json=as_json)


@app.command()
def cancel(
    into: Into,
    operation_id: OperationId,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End an import where it is; what went in stays."""
    confirm(lambda: of_ending_import(into, operation_id), yes=yes, dry_run=dry_run)
    request = pb.CancelOperationRequest(operation_id=operation_id, **destination(into))
    _tell(ask(lambda client: client.imports.cancel_operation(request)), as_json=as_json)


_Answer = (
    pb.CreateImportResponse
    | pb.UploadImportResponse
    | pb.GetOperationResponse
    | pb.WaitOperationResponse
    | pb.CancelOperationResponse
)


def _tell(answer: _Answer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    operation = operation_pb2.Operation()
    operation.CopyFrom(answer.operation)
    operation.ClearField("lead_import")
    print_details(operation)
    if answer.operation.done:
        print_details(answer.operation.lead_import)


def _show(progress: "Progress") -> None:
    """How much is sent, to who looks on."""
    if sys.stderr.isatty():
        end = "\n" if progress.sent == progress.total else ""
        typer.echo(f"\r{progress.sent:,} of {progress.total:,} bytes{end}", nl=False, err=True)
