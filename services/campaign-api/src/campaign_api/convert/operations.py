"""Operations as the contract tells them, and requests about uploads."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import assert_never

from campaigns.lead_list_import import ImportPhase, LeadListImport
from outreach.campaign.v1 import import_service_pb2 as pb
from outreach.campaign.v1 import operation_pb2

from campaign_api.convert.instants import timestamp
from campaign_api.convert.leads import import_to_proto
from campaign_api.errors import InvalidFields, invalid, required

_WAIT = timedelta(seconds=30)


def operation_to_proto(imported: LeadListImport) -> operation_pb2.Operation:
    """An import as the operation that it is."""
    return operation_pb2.Operation(
        operation_id=imported.import_id,
        campaign_id=imported.campaign_id,
        lead_list_id=imported.lead_list_id,
        state=_state(imported),
        done=imported.ended_at is not None,
        create_time=timestamp(imported.created_at),
        created_by=imported.created_by,
        end_time=timestamp(imported.ended_at),
        received_bytes=imported.received_bytes or imported.content_bytes,
        lead_import=import_to_proto(imported),
    )


def _state(imported: LeadListImport) -> operation_pb2.OperationState.ValueType:
    match imported.phase:
        case ImportPhase.RECEIVING:
            return operation_pb2.OPERATION_STATE_RECEIVING
        case ImportPhase.RECEIVED | ImportPhase.RECEIVED_FOR_LIST:
            return operation_pb2.OPERATION_STATE_RUNNING
        case ImportPhase.CANCELLED:
            return operation_pb2.OPERATION_STATE_CANCELLED
        case ImportPhase.STREAMED | ImportPhase.ENDED:
            if imported.ended_at is None:
                return operation_pb2.OPERATION_STATE_RUNNING
            if imported.failure:
                return operation_pb2.OPERATION_STATE_FAILED
            return operation_pb2.OPERATION_STATE_SUCCEEDED
        case _:
            assert_never(imported.phase)


def wait_from_proto(request: pb.WaitOperationRequest) -> timedelta:
    """For how long to wait."""
    return request.within.ToTimedelta() if request.HasField("within") else _WAIT


async def upload_header(requests: AsyncIterator[pb.UploadImportRequest]) -> pb.UploadImportHeader:
    """The first message of an upload; raises `InvalidFields` if it is something else."""
    async for request in requests:
        if request.WhichOneof("part") == "header":
            return request.header
        break
    raise InvalidFields([required("header")])


class UploadContent:
    """What follows the header: pieces, and the end where the file has one."""

    def __init__(self, requests: AsyncIterator[pb.UploadImportRequest]) -> None:
        self._requests = requests
        self.end: pb.UploadImportEnd | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file, piece by piece; raises `InvalidFields` for what is out of order."""
        async for request in self._requests:
            if self.end is not None:
                raise InvalidFields([invalid("end", "Nothing follows the end.")])
            part = request.WhichOneof("part")
            if part == "content":
                yield request.content
            elif part == "end":
                self.end = request.end
            else:
                raise InvalidFields([invalid("header", "Only the first message is a header.")])
