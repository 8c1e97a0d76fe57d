"""The list of an import, sent from where the server has it."""

from collections.abc import AsyncIterator

from outreach.campaign.v1 import import_service_pb2 as pb
from outreach.campaign.v1 import operation_pb2

from outreach_client.services.destinations import destination
from outreach_client.services.typed import Services
from outreach_client.uploads import OnProgress, Opened, hash_of, pieces


class ImportUpload:
    """One list for one import; it may be sent in as many streams as it takes."""

    def __init__(
        self,
        client: Services,
        into: str,
        operation_id: str,
        content: Opened,
        progress: OnProgress | None,
        *,
        offset: int | None,
    ) -> None:
        self._client = client
        self._into = destination(into)
        self._operation_id = operation_id
        self._content = content
        self._progress = progress
        self._offset = offset
        self._end = pb.UploadImportEnd(content_bytes=content.total, content_hash=hash_of(content))

    async def arrived(self) -> int:
        """How much of it the server has; where to begin, if that was said, the first time."""
        if self._offset is not None:
            offset, self._offset = self._offset, None
            return offset
        answer = await self._client.imports.get_operation(
            operation_id=self._operation_id, **self._into
        )
        return answer.operation.received_bytes

    async def send(self, offset: int) -> operation_pb2.Operation:
        """Send it from there on, and that it is all; what it has come to."""
        return (await self._client.imports.upload(self._messages(offset))).operation

    async def _messages(self, offset: int) -> AsyncIterator[pb.UploadImportRequest]:
        header = pb.UploadImportHeader(operation_id=self._operation_id, offset=offset, **self._into)
        request = pb.UploadImportRequest
        sent = pieces(
            self._content,
            request(header=header),
            lambda piece: request(content=piece),
            self._progress,
            offset=offset,
        )
        async for message in sent:
            yield message
        yield request(end=self._end)
