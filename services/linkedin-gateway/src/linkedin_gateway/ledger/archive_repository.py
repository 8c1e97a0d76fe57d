"""SQL on the ledger's archive: a table for each month, of actions that no window looks at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.kind_conditions import IS_WRITE
from linkedin_gateway.storage.rows import ACTIONS

_ARCHIVING = 7_236_112
"""The lock of the one that archives."""

TRY = "SELECT pg_try_advisory_xact_lock($1)"
PATIENCE = "SET LOCAL lock_timeout = '2s'"
# The months of the next batch.
MONTHS = """
SELECT DISTINCT date_trunc('month', finished_at AT TIME ZONE 'UTC') AS month
  FROM (SELECT finished_at FROM actions
         WHERE finished_at < $1 AND state NOT IN ('queued', 'sending')
         ORDER BY finished_at LIMIT $2) due
"""
# One statement: an action is in the ledger or in the archive, never in neither. The gateway's
# own reads answer nobody again and are dropped; what was cancelled before it was asked for,
# which names no account, answers a late request. Who follows actions has been told of it.
MOVE = f"""
WITH due AS (
    SELECT organization_id, action_id FROM actions
     WHERE finished_at < $1 AND state NOT IN ('queued', 'sending')
     ORDER BY finished_at LIMIT $2
       FOR UPDATE SKIP LOCKED
), moved AS (
    DELETE FROM actions a USING due
     WHERE a.organization_id = due.organization_id AND a.action_id = due.action_id
 RETURNING a.*
), kept AS (
    INSERT INTO archived_actions ({ACTIONS.names}, changed_in, changed_at)
    SELECT {ACTIONS.names}, changed_in, changed_at FROM moved WHERE {IS_WRITE} OR account_id = ''
)
SELECT count(*) FROM moved
"""
# The state is not asked for: whatever has ended is to go, and the index knows the oldest.
OLDEST = "SELECT min(finished_at) FROM actions WHERE finished_at IS NOT NULL"
PARTITIONS = """
SELECT c.relname AS name
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'archived_actions'::regclass
"""
# Tables are their owner's to make and to drop, who lets the background do these two.
OPEN_MONTH = "SELECT open_archive_month($1)"
DROP_MONTH = "SELECT drop_archive_month($1)"
_NAME = re.compile(r"archived_actions_(\d{4})_(\d{2})")


class ArchiveRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def archive(self, *, before: datetime, limit: int) -> int:
        """Move the oldest actions that ended before; returns how many.

        One process at a time does; the others move none.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(TRY, _ARCHIVING):
                return 0
            await connection.execute(PATIENCE)
            months = await connection.fetch(MONTHS, before, limit)
            await self._make_room(connection, [row["month"] for row in months])
            moved: int = await connection.fetchval(MOVE, before, limit)
            return moved

    async def _make_room(self, connection: Connection, months: Sequence[datetime]) -> None:
        there = await self._partitions(connection)
        for month in months:
            if f"archived_actions_{month:%Y_%m}" not in there:
                await connection.execute(OPEN_MONTH, month)

    async def drop(self, *, before: datetime) -> Sequence[str]:
        """Drop the months that were over before; returns their tables."""
        dropped = []
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(TRY, _ARCHIVING):
                return ()
            await connection.execute(PATIENCE)
            for name, month in sorted((await self._partitions(connection)).items()):
                if _month_after(month) <= before:
                    await connection.execute(DROP_MONTH, name)
                    dropped.append(name)
        return dropped

    async def oldest(self) -> datetime | None:
        """When the oldest action that is not archived ended."""
        ended_at: datetime | None = await self._pool.fetchval(OLDEST)
        return ended_at

    @staticmethod
    async def _partitions(connection: Connection) -> dict[str, datetime]:
        """The months that there are, by table."""
        names = [row["name"] for row in await connection.fetch(PARTITIONS)]
        matches = [match for name in names if (match := _NAME.fullmatch(name))]
        return {
            match.group(): datetime(int(match.group(1)), int(match.group(2)), 1, tzinfo=UTC)
            for match in matches
        }


def _month_after(month: datetime) -> datetime:
    if month.month == 12:  # noqa: PLR2004 - December
        return month.replace(year=month.year + 1, month=1, day=1)
    return month.replace(month=month.month + 1, day=1)
