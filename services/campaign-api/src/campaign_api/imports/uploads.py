"""Imports as their callers see them: begun, uploaded piece by piece, waited for, cancelled."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from campaigns.errors import (
    CampaignEnded,
    ImportNotFound,
    OperationNotCancellable,
    UploadEnded,
)
from campaigns.lead_list_import import Destination, ImportPhase, LeadListImport
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.imports.upload_repository import UploadRepository
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import FieldViolation
from servicekit.ids import has_prefix, new_id

from campaign_api.errors import InvalidFields, invalid
from campaign_api.imports.result import ImportChoices
from campaign_api.watch.changes import CampaignChanges

MOST_BYTES = 256 * 1024 * 1024
_LOOKED_AGAIN = timedelta(seconds=2)


class Uploads:
    """Keeps what arrives; `reads` is set once there is something to read."""

    def __init__(
        self,
        imports: ImportRepository,
        uploads: UploadRepository,
        changes: CampaignChanges,
        *,
        clock: Clock,
        reads: asyncio.Event,
    ) -> None:
        self._imports = imports
        self._uploads = uploads
        self._changes = changes
        self._clock = clock
        self._reads = reads

    async def begin(
        self, into: Destination, choices: ImportChoices, *, request_id: str
    ) -> LeadListImport:
        """An import that waits for its list; the same request twice is one.

        Raises `CampaignEnded`, and `RequestIdReused` for a request that asked otherwise.
        """
        new = LeadListImport(
            import_id=new_id("imp"),
            organization_id=into.organization_id,
            campaign_id=into.campaign_id,
            lead_list_id=into.lead_list_id,
            created_at=self._clock.now(),
            created_by=current_principal(),
            column_by_field=dict(choices.column_by_field),
            literal=tuple(choices.literal),
            phase=ImportPhase.RECEIVING,
            request_id=request_id,
        )
        begun = await self._uploads.begun_by(new)
        if begun is not None:
            return begun
        if not into.is_open:
            raise CampaignEnded
        await self._imports.begin(new)
        # Of two at the same moment one has made it.
        return await self._uploads.begun_by(new) or new

    async def append(
        self, into: Destination, import_id: str, offset: int, pieces: AsyncIterator[bytes]
    ) -> LeadListImport:
        """Keep pieces from a place of the file on, each as it arrives; returns what is there then.

        Raises `ImportNotFound`, `UploadGap`, `UploadEnded`, and `InvalidFields` for a file that is
        too long.
        """
        found = await self.get(into, import_id)
        async for piece in pieces:
            if offset + len(piece) > MOST_BYTES:
                raise InvalidFields(
                    [invalid("content", f"A list has at most {MOST_BYTES:,} bytes.")]
                )
            arrived = await self._uploads.append(into.organization_id, import_id, offset, piece)
            offset += len(piece)
            found = replace(found, received_bytes=arrived)
        return found

    async def complete(
        self, into: Destination, import_id: str, *, content_bytes: int, content_hash: str
    ) -> LeadListImport:
        """Have what has arrived read, if that is the whole file; again, it changes nothing.

        Raises `InvalidFields` if it is not as long or another file, `UploadEnded` if the import
        was cancelled, and `CampaignEnded`.
        """
        organization_id = into.organization_id
        found = await self.get(into, import_id)
        if found.phase is not ImportPhase.RECEIVING:
            return _completed(found, content_bytes)
        if not into.is_open:
            raise CampaignEnded
        if found.received_bytes != content_bytes:
            told = f"{found.received_bytes:,} bytes have arrived."
            raise InvalidFields([invalid("end.content_bytes", told)])
        arrived = await self._uploads.hash(organization_id, import_id)
        if content_hash and content_hash.lower() != arrived:
            # Who cancels an import takes away what has arrived, which is then no other file.
            now = await self.get(into, import_id)
            if now.phase is not ImportPhase.RECEIVING:
                return _completed(now, content_bytes)
            told = f"What has arrived has the hash {arrived}."
            raise InvalidFields([FieldViolation("end.content_hash", told, "FIELD_INVALID")])
        complete = await self._uploads.complete(
            organization_id, import_id, content_bytes=content_bytes, content_hash=arrived
        )
        self._reads.set()
        return complete or _completed(await self.get(into, import_id), content_bytes)

    async def get(self, into: Destination, import_id: str) -> LeadListImport:
        """As it is now; raises `ImportNotFound` if there is no such one."""
        if not has_prefix(import_id, "imp"):
            raise ImportNotFound
        return await self._imports.get(into, import_id)

    async def cancel(self, into: Destination, import_id: str) -> LeadListImport:
        """End it where it is; one that is over stays as it ended.

        Raises `ImportNotFound`, and `OperationNotCancellable` for one that comes with its call.
        """
        found = await self.get(into, import_id)
        if found.phase is ImportPhase.STREAMED and found.ended_at is None:
            raise OperationNotCancellable
        cancelled = await self._uploads.cancel(
            into.organization_id, import_id, now=self._clock.now()
        )
        return cancelled or await self.get(into, import_id)

    async def wait(self, into: Destination, import_id: str, within: timedelta) -> LeadListImport:
        """As it is once it is over, or when the time is."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within.total_seconds()
        with self._changes.of(into.id) as waiter:
            while True:
                generation = self._changes.generation(into.id)
                found = await self.get(into, import_id)
                left = until - loop.time()
                if found.ended_at is not None or left <= 0:
                    return found
                try:
                    async with asyncio.timeout(min(left, _LOOKED_AGAIN.total_seconds())):
                        await waiter.beyond(generation)
                except TimeoutError:
                    continue


def _completed(found: LeadListImport, content_bytes: int) -> LeadListImport:
    if found.phase is ImportPhase.CANCELLED or found.content_bytes != content_bytes:
        raise UploadEnded
    return found
