"""`AuditService` of one server."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator
from typing import Any

from outreach.audit.v1 import audit_service_pb2 as pb
from outreach.audit.v1 import audit_service_pb2_grpc as rpc
from servicekit.auth import current_caller, visible_organization

from identity.audit.convert import (
    fault_to_proto,
    filter_of,
    page_of,
    record_to_proto,
    token_of,
    verified_to_proto,
)
from identity.audit.record_repository import Filter, RecordRepository
from identity.audit.verification import Verification


class AuditServicer(rpc.AuditServiceServicer):
    """Tells callers of one organization of its records, and those of all of all."""

    def __init__(
        self, records: RecordRepository, verification: Verification, *, service: str
    ) -> None:
        self._records = records
        self._verification = verification
        self._service = service

    async def ListRecords(self, request: pb.ListRecordsRequest, _: Any) -> pb.ListRecordsResponse:
        rows, place = page_of(request)
        found = await self._records.list(_visible(request.filter), rows=rows + 1, before=place)
        return pb.ListRecordsResponse(
            records=map(record_to_proto, found[:rows]),
            next_page_token=token_of(found[rows - 1]) if len(found) > rows else "",
        )

    async def ExportRecords(
        self, request: pb.ExportRecordsRequest, _: Any
    ) -> AsyncIterator[pb.ExportRecordsResponse]:
        async for record in self._records.export(_visible(request.filter)):
            yield pb.ExportRecordsResponse(record=record_to_proto(record))

    async def VerifyRecords(
        self, _request: pb.VerifyRecordsRequest, _: Any
    ) -> AsyncIterator[pb.VerifyRecordsResponse]:
        caller = current_caller()
        found = await self._verification.verify()
        for fault in found.faults:
            seen = caller.acts_for(fault.organization_id)
            yield pb.VerifyRecordsResponse(fault=fault_to_proto(fault, seen=seen))
        summary = verified_to_proto(found, service=self._service)
        yield pb.VerifyRecordsResponse(verified=summary)


def _visible(asked: pb.RecordFilter) -> Filter:
    if asked.organization_id:
        return filter_of(asked, asked.organization_id)
    return filter_of(asked, visible_organization() or None)
