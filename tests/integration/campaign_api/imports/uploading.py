"""Uploads as a client makes them: piece by piece, from where they broke."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

from outreach.campaign.v1 import import_service_pb2 as pb
from outreach.campaign.v1 import operation_pb2

from tests.fakes.stubs import CampaignStubs

PIECE = 64 * 1024
_WAITS_FOR = timedelta(seconds=20)
"""A channel of tests gives up a call that is not answered within thirty."""


def people(count: int) -> bytes:
    """A list of so many people, none of them twice."""
    rows = (f"Person{n},linkedin.com/in/person-{n}\n" for n in range(count))
    return ("first_name,linkedin_url\n" + "".join(rows)).encode()


def in_pieces(content: bytes, offset: int = 0) -> Iterator[bytes]:
    return (content[at : at + PIECE] for at in range(offset, len(content), PIECE))


def named(into: str) -> dict[str, Any]:
    """A campaign or a list, as a request names it."""
    return {"lead_list_id" if into.startswith("list_") else "campaign_id": into}


class Upload:
    """An import that is uploaded, into a campaign or a list, as its client knows it."""

    def __init__(self, stubs: CampaignStubs, into: str, operation_id: str) -> None:
        self._stubs = stubs
        self._into = named(into)
        self.operation_id = operation_id

    @classmethod
    async def begin(
        cls, stubs: CampaignStubs, into: str, request_id: str = "first", **choices: Any
    ) -> "Upload":
        answer = await stubs.imports.CreateImport(
            pb.CreateImportRequest(request_id=request_id, **named(into), **choices)
        )
        return cls(stubs, into, answer.operation.operation_id)

    def at(self, stubs: CampaignStubs) -> "Upload":
        """The same at another server."""
        return Upload(stubs, *self._into.values(), self.operation_id)

    async def send(
        self, pieces: Iterator[bytes], *, offset: int = 0, end: pb.UploadImportEnd | None = None
    ) -> operation_pb2.Operation:
        async def messages() -> AsyncIterator[pb.UploadImportRequest]:
            header = pb.UploadImportHeader(
                operation_id=self.operation_id, offset=offset, **self._into
            )
            yield pb.UploadImportRequest(header=header)
            for piece in pieces:
                yield pb.UploadImportRequest(content=piece)
            await self.more()
            if end is not None:
                yield pb.UploadImportRequest(end=end)

        return (await self._stubs.imports.UploadImport(messages())).operation

    async def more(self) -> None:
        """What comes after what is sent."""

    async def finish(self, content: bytes) -> operation_pb2.Operation:
        """Send what is missing, and that it is all."""
        offset = (await self.get()).received_bytes
        end = pb.UploadImportEnd(
            content_bytes=len(content), content_hash=hashlib.sha256(content).hexdigest()
        )
        return await self.send(in_pieces(content, offset), offset=offset, end=end)

    async def get(self) -> operation_pb2.Operation:
        request = pb.GetOperationRequest(operation_id=self.operation_id, **self._into)
        return (await self._stubs.imports.GetOperation(request)).operation

    async def wait(self) -> operation_pb2.Operation:
        request = pb.WaitOperationRequest(operation_id=self.operation_id, **self._into)
        request.within.FromTimedelta(_WAITS_FOR)
        return (await self._stubs.imports.WaitOperation(request)).operation

    async def until_done(self) -> operation_pb2.Operation:
        """Wait for as long as it takes."""
        while not (operation := await self.wait()).done:
            pass
        return operation

    async def cancel(self) -> operation_pb2.Operation:
        request = pb.CancelOperationRequest(operation_id=self.operation_id, **self._into)
        return (await self._stubs.imports.CancelOperation(request)).operation
