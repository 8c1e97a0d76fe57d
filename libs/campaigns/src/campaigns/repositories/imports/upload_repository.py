"""SQL on lists that are uploaded: what has arrived, and who reads it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Row, affected
from servicekit.postgres.pool import Pool
from servicekit.request_ids.errors import RequestIdReused
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, ValueUnreadable
from servicekit.sealing.sealed_values import sealed

from campaigns.errors import ImportNotFound, TextUnreadable, UploadEnded, UploadGap
from campaigns.lead_list_import import ImportPhase, LeadListImport
from campaigns.repositories.imports.import_repository import IMPORTS
from campaigns.sealing.words import IMPORT_PIECE

_IMPORT = IMPORTS.selected()
_BY_REQUEST = f"""
    SELECT {_IMPORT} FROM lead_imports
     WHERE (campaign_id = $1 OR lead_list_id = $1) AND request_id = $2
"""
# Whoever uploads to the same import waits here; the second finds what the first has kept.
_LOCK = f"""
    SELECT {_IMPORT} FROM lead_imports
     WHERE organization_id = $1 AND import_id = $2 FOR UPDATE
"""
_KEEP = """
    INSERT INTO import_pieces (organization_id, import_id, first_byte, content, is_sealed)
    VALUES ($1, $2, $3, $4, $5)
"""
_ARRIVED = """
    UPDATE lead_imports SET received_bytes = $3, updated_at = now()
     WHERE organization_id = $1 AND import_id = $2
"""
_COMPLETE = f"""
    UPDATE lead_imports
       SET phase = CASE WHEN lead_list_id IS NULL THEN 'received' ELSE 'received_for_list' END,
           content_bytes = received_bytes, content_hash = $3, updated_at = now()
     WHERE organization_id = $1 AND import_id = $2 AND phase = 'receiving' AND received_bytes = $4
 RETURNING {_IMPORT}
"""
_PIECE = f"""
    SELECT first_byte, content, is_sealed, {wrapped_key("import_pieces", "content")} AS wrapped
      FROM import_pieces
     WHERE organization_id = $1 AND import_id = $2 AND first_byte >= $3
     ORDER BY first_byte LIMIT 1
"""
_FORGET = "DELETE FROM import_pieces WHERE organization_id = $1 AND import_id = $2"
_CANCEL = f"""
    UPDATE lead_imports SET phase = 'cancelled', ended_at = $3, leased_until = NULL
     WHERE organization_id = $1 AND import_id = $2
       AND phase IN ('receiving', 'received', 'received_for_list')
 RETURNING {_IMPORT}
"""
# By the database's clock, for all who may take it.
_CLAIM = f"""
    UPDATE lead_imports
       SET leased_by = $1, leased_until = clock_timestamp() + $2
     WHERE (organization_id, import_id) = (
               SELECT organization_id, import_id FROM lead_imports
                WHERE phase IN ('received', 'received_for_list')
                  AND (leased_until IS NULL OR leased_until < clock_timestamp())
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
 RETURNING {_IMPORT}
"""
_ADVANCE = """
    UPDATE lead_imports
       SET people = $4, result = $5, leased_until = clock_timestamp() + $6, updated_at = now()
     WHERE organization_id = $1 AND import_id = $2 AND leased_by = $3
       AND phase IN ('received', 'received_for_list')
"""
_END = """
    UPDATE lead_imports SET phase = 'ended', ended_at = $4, result = $5, failure = $6
     WHERE organization_id = $1 AND import_id = $2 AND leased_by = $3
       AND phase IN ('received', 'received_for_list')
"""
_RETURN = """
    UPDATE lead_imports SET leased_until = NULL
     WHERE organization_id = $1 AND import_id = $2 AND leased_by = $3
       AND phase IN ('received', 'received_for_list')
"""
_GIVE_UP = """
    UPDATE lead_imports
       SET phase = 'ended', ended_at = $2, failure = 'The upload was not completed in time.'
     WHERE phase = 'receiving' AND updated_at < now() - $1::interval
 RETURNING organization_id, import_id
"""


class LeaseLost(Exception):
    """It was cancelled, or somebody else reads it by now."""


class UploadRepository:
    """Keeps what arrives piece by piece; every step is taken once, by whoever comes first."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool, self._seal = pool, seal

    async def begun_by(self, new: LeadListImport) -> LeadListImport | None:
        """The import that the same request has begun.

        Raises `RequestIdReused` if that is read otherwise.
        """
        row = await self._pool.fetchrow(_BY_REQUEST, new.destination_id, new.request_id)
        if row is None:
            return None
        begun = IMPORTS.read(row)
        if begun.asks != new.asks:
            raise RequestIdReused
        return begun

    async def append(
        self, organization_id: str, import_id: str, first_byte: int, content: bytes
    ) -> int:
        """Keep a piece, as far as it has not arrived before; returns how much has arrived.

        Raises `UploadGap` if it begins behind that, and `UploadEnded` if no content is taken.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            found = await self._locked(connection, organization_id, import_id)
            if found.phase is not ImportPhase.RECEIVING:
                raise UploadEnded
            if first_byte > found.received_bytes:
                raise UploadGap(metadata={"received_bytes": str(found.received_bytes)})
            new = content[found.received_bytes - first_byte :]
            arrived = found.received_bytes + len(new)
            if new:
                key = (organization_id, import_id)
                name = _name(import_id, found.received_bytes)
                kept = await sealed(
                    connection, self._seal, IMPORT_PIECE, organization_id, name, new
                )
                await connection.execute(_KEEP, *key, found.received_bytes, kept, self._seal.on)
                await connection.execute(_ARRIVED, *key, arrived)
            return arrived

    async def hash(self, organization_id: str, import_id: str) -> str:
        """SHA-256 of what has arrived."""
        told = hashlib.sha256()
        async for content in self.pieces(organization_id, import_id):
            told.update(content)
        return told.hexdigest()

    async def complete(
        self, organization_id: str, import_id: str, *, content_bytes: int, content_hash: str
    ) -> LeadListImport | None:
        """Have it read; None if it is not as long, or takes no content any more."""
        row = await self._pool.fetchrow(
            _COMPLETE, organization_id, import_id, content_hash, content_bytes
        )
        return None if row is None else IMPORTS.read(row)

    async def pieces(self, organization_id: str, import_id: str) -> AsyncIterator[bytes]:
        """What has arrived, a piece at a time; raises `TextUnreadable` if one does not open."""
        at = 0
        while True:
            row = await self._pool.fetchrow(_PIECE, organization_id, import_id, at)
            if row is None:
                return
            content = self._opened(organization_id, import_id, row)
            yield content
            at = row["first_byte"] + len(content)

    def _opened(self, organization_id: str, import_id: str, row: Row) -> bytes:
        content: bytes = row["content"]
        if not row["is_sealed"]:
            return content
        name = _name(import_id, row["first_byte"])
        try:
            return self._seal.open(IMPORT_PIECE, organization_id, name, content, row["wrapped"])
        except ValueUnreadable as unreadable:
            raise TextUnreadable(str(unreadable)) from unreadable

    async def cancel(
        self, organization_id: str, import_id: str, *, now: datetime
    ) -> LeadListImport | None:
        """End it where it is; None if it is over, or comes with its call."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_CANCEL, organization_id, import_id, now)
            if row is not None:
                await connection.execute(_FORGET, organization_id, import_id)
            return None if row is None else IMPORTS.read(row)

    async def claim(self, reader: str, lease: timedelta) -> LeadListImport | None:
        """The oldest that is to be read and that nobody reads; it is the reader's for a while."""
        row = await self._pool.fetchrow(_CLAIM, reader, lease)
        return None if row is None else IMPORTS.read(row)

    async def advance(
        self,
        connection: PoolConnectionProxy[Record],
        claimed: LeadListImport,
        reader: str,
        *,
        people: int,
        result: Mapping[str, Any],
        lease: timedelta,
    ) -> None:
        """Note in a transaction how far it is, and go on for another while.

        Raises `LeaseLost`, and nothing of the transaction may be kept.
        """
        key = (claimed.organization_id, claimed.import_id, reader)
        told = await connection.execute(_ADVANCE, *key, people, dict(result), lease)
        if not affected(told):
            raise LeaseLost

    async def end(
        self,
        claimed: LeadListImport,
        reader: str,
        *,
        now: datetime,
        result: Mapping[str, Any],
        failure: str,
    ) -> bool:
        """Note what became of it, and forget the list; False if it is not the reader's any more."""
        key = (claimed.organization_id, claimed.import_id)
        async with self._pool.acquire() as connection, connection.transaction():
            told = await connection.execute(_END, *key, reader, now, dict(result), failure)
            if not affected(told):
                return False
            await connection.execute(_FORGET, *key)
            return True

    async def give_back(self, claimed: LeadListImport, reader: str) -> None:
        """Let somebody else read on at once."""
        await self._pool.execute(_RETURN, claimed.organization_id, claimed.import_id, reader)

    async def give_up(self, after: timedelta, *, now: datetime) -> int:
        """End uploads to which nothing has come for so long; returns how many."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_GIVE_UP, after, now)
            for row in rows:
                await connection.execute(_FORGET, row["organization_id"], row["import_id"])
            return len(rows)

    async def _locked(
        self, connection: PoolConnectionProxy[Record], organization_id: str, import_id: str
    ) -> LeadListImport:
        row = await connection.fetchrow(_LOCK, organization_id, import_id)
        if row is None:
            raise ImportNotFound
        return IMPORTS.read(row)


def _name(import_id: str, first_byte: int) -> str:
    """What is sealed in as a piece's row."""
    return f"{import_id}/{first_byte}"
