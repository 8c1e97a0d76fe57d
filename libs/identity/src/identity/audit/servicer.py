"""`AuditService` of one server."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, assert_never

from outreach.audit.v1 import audit_service_pb2 as pb
from outreach.audit.v1 import audit_service_pb2_grpc as rpc
from servicekit.auth import Caller, current_caller, visible_organization
from servicekit.lists.listing import page_limit
from servicekit.page_tokens import PageTokens

from identity.audit.chain import Fault
from identity.audit.convert import (
    RecordTokens,
    fault_to_proto,
    filter_of,
    record_to_proto,
    so_far_of,
    so_far_to_proto,
    verified_to_proto,
)
from identity.audit.record_repository import Filter, RecordRepository
from identity.audit.verification import SoFar, Verification, Verified


class AuditServicer(rpc.AuditServiceServicer):
    """Tells callers of one organization of its records, and those of all of all."""

    def __init__(
        self,
        records: RecordRepository,
        verification: Verification,
        tokens: PageTokens,
        *,
        service: str,
    ) -> None:
        self._records = records
        self._tokens = RecordTokens(tokens)
        self._verification = verification
        self._service = service

    async def ListRecords(self, request: pb.ListRecordsRequest, _: Any) -> pb.ListRecordsResponse:
        rows, wanted = page_limit(request.page_size), _visible(request.filter)
        place = await self._tokens.place(request.page_token, wanted)
        found = await self._records.list(wanted, rows=rows + 1, before=place)
        goes_on = len(found) > rows
        return pb.ListRecordsResponse(
            records=map(record_to_proto, found[:rows]),
            next_page_token=await self._tokens.after(found[rows - 1], wanted) if goes_on else "",
        )

    async def ExportRecords(
        self, request: pb.ExportRecordsRequest, _: Any
    ) -> AsyncIterator[pb.ExportRecordsResponse]:
        async for record in self._records.export(_visible(request.filter)):
            yield pb.ExportRecordsResponse(record=record_to_proto(record))

    async def VerifyRecords(
        self, request: pb.VerifyRecordsRequest, _: Any
    ) -> AsyncIterator[pb.VerifyRecordsResponse]:
        caller, after = current_caller(), so_far_of(request)
        async with aclosing(self._verification.verify(after)) as found:
            async for each in found:
                yield self._told(each, caller)

    def _told(self, found: Fault | SoFar | Verified, caller: Caller) -> pb.VerifyRecordsResponse:
        match found:
            case Fault():
                seen = caller.acts_for(found.organization_id)
                return pb.VerifyRecordsResponse(fault=fault_to_proto(found, seen=seen))
            case SoFar():
                return pb.VerifyRecordsResponse(so_far=so_far_to_proto(found))
            case Verified():
                summary = verified_to_proto(found, service=self._service)
                return pb.VerifyRecordsResponse(verified=summary)
            case _:
                assert_never(found)


def _visible(asked: pb.RecordFilter) -> Filter:
    if asked.organization_id:
        return filter_of(asked, asked.organization_id)
    return filter_of(asked, visible_organization() or None)
