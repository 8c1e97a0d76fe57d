"""ImportService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator

from campaigns.lead_list_import import Destination
from outreach.campaign.v1 import import_service_pb2 as pb
from outreach.campaign.v1 import import_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from campaign_api.convert import operations as convert
from campaign_api.convert.lists import followed_from_proto
from campaign_api.imports.import_queries import ImportQueries
from campaign_api.imports.result import ImportChoices
from campaign_api.imports.uploads import Uploads
from campaign_api.servicers.access import ImportAccess

_Request = (
    pb.CreateImportRequest
    | pb.GetOperationRequest
    | pb.ListOperationsRequest
    | pb.CancelOperationRequest
    | pb.WaitOperationRequest
)


class ImportServicer(rpc.ImportServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(self, *, access: ImportAccess, uploads: Uploads, queries: ImportQueries) -> None:
        self._access = access
        self._uploads = uploads
        self._queries = queries

    async def CreateImport(
        self, request: pb.CreateImportRequest, _: Context
    ) -> pb.CreateImportResponse:
        into = await self._into(request)
        choices = ImportChoices(
            column_by_field=dict(request.column_by_field), literal=tuple(request.allow_literal)
        )
        begun = await self._uploads.begin(into, choices, request_id=request.request_id)
        return pb.CreateImportResponse(operation=convert.operation_to_proto(begun))

    async def UploadImport(
        self, request_iterator: AsyncIterator[pb.UploadImportRequest], _: Context
    ) -> pb.UploadImportResponse:
        messages = aiter(request_iterator)
        header = await convert.upload_header(messages)
        into = await self._access.destination(
            campaign_id=header.campaign_id, lead_list_id=header.lead_list_id, within="header."
        )
        content = convert.UploadContent(messages)
        found = await self._uploads.append(
            into, header.operation_id, header.offset, content.pieces()
        )
        if content.end is not None:
            found = await self._uploads.complete(
                into,
                header.operation_id,
                content_bytes=content.end.content_bytes,
                content_hash=content.end.content_hash,
            )
        return pb.UploadImportResponse(operation=convert.operation_to_proto(found))

    async def GetOperation(
        self, request: pb.GetOperationRequest, _: Context
    ) -> pb.GetOperationResponse:
        into = await self._into(request)
        found = await self._uploads.get(into, request.operation_id)
        return pb.GetOperationResponse(operation=convert.operation_to_proto(found))

    async def ListOperations(
        self, request: pb.ListOperationsRequest, _: Context
    ) -> pb.ListOperationsResponse:
        into = await self._into(request)
        page = await self._queries.page(into, followed_from_proto(request))
        return pb.ListOperationsResponse(
            operations=[convert.operation_to_proto(each) for each in page.rows],
            **page.answered(),
        )

    async def CancelOperation(
        self, request: pb.CancelOperationRequest, _: Context
    ) -> pb.CancelOperationResponse:
        into = await self._into(request)
        found = await self._uploads.cancel(into, request.operation_id)
        return pb.CancelOperationResponse(operation=convert.operation_to_proto(found))

    async def WaitOperation(
        self, request: pb.WaitOperationRequest, _: Context
    ) -> pb.WaitOperationResponse:
        into = await self._into(request)
        within = convert.wait_from_proto(request)
        found = await self._uploads.wait(into, request.operation_id, within)
        return pb.WaitOperationResponse(operation=convert.operation_to_proto(found))

    async def _into(self, request: _Request) -> Destination:
        return await self._access.destination(
            campaign_id=request.campaign_id, lead_list_id=request.lead_list_id
        )
