"""SQL on the outbox: events that are still to be published, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool, milliseconds
from servicekit.sealing.seal import Seal, ValueUnreadable

from linkedin_gateway.outbox.linkedin_events import OutboxEvent
from linkedin_gateway.outbox.sealed_events import EVENT_COLUMNS, opened
from linkedin_gateway.storage.connection import Connection

_RELAY = 7_236_111
"""The lock of the one relay at work."""
PUBLISH_TIMEOUT = timedelta(seconds=30)
"""How long publishing may take. The relay's transaction says nothing meanwhile; it is ended as that
of a process that stands still only later, else the same would be published again for ever."""
_PUBLISHING = (
    f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds(PUBLISH_TIMEOUT * 1.2)}"
)

# An event that was published before, or is about to be, is not published twice; also where a
# release before has kept it by its own id ($5).
APPEND = """
INSERT INTO outbox (event_id, event, created_at, organization_id)
SELECT $1::text, $2::bytea, $3::timestamptz, $4::text
 WHERE NOT EXISTS (SELECT FROM outbox WHERE event_id = $5)
ON CONFLICT (event_id) DO NOTHING
"""
# One that was published before is published again, in its turn among the others.
APPEND_AGAIN = """
WITH before AS (
    DELETE FROM outbox WHERE event_id = $5
)
INSERT INTO outbox (event_id, event, created_at, organization_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (event_id) DO UPDATE
   SET position = DEFAULT, event = excluded.event, delivered_at = NULL, refused_at = NULL
"""
# Events of accounts themselves: a webhook of them is not replayed, it was true only then.
REOPEN_ACCOUNTS = """
UPDATE outbox
   SET delivered_at = NULL, refused_at = NULL
 WHERE created_at >= $1 AND (delivered_at IS NOT NULL OR refused_at IS NOT NULL)
   AND split_part(event_id, '/', 1) IN ('disconnected', 'reconnected')
   AND ($2 = '' OR split_part(event_id, '/', 2) = $2)
RETURNING event_id
"""
NEXT = f"""
SELECT position, {EVENT_COLUMNS}
  FROM outbox
 WHERE delivered_at IS NULL AND refused_at IS NULL AND position <> ALL($2)
 ORDER BY position
 LIMIT $1
"""
DELIVERED = "UPDATE outbox SET delivered_at = $2 WHERE position = ANY($1)"
REFUSED = "UPDATE outbox SET refused_at = $2 WHERE position = $1"
WAITING = """
SELECT count(*) AS waiting, min(created_at) AS oldest
  FROM outbox
 WHERE delivered_at IS NULL AND refused_at IS NULL
"""
FORGET = "DELETE FROM outbox WHERE delivered_at < $1"


async def append(
    connection: Connection, events: Iterable[OutboxEvent], *, now: datetime, again: bool = False
) -> None:
    """Add events in the transaction of what they are of; `again` those published before too."""
    rows = [
        (event.event_id, event.body, now, event.organization_id, event.told_id) for event in events
    ]
    if rows:
        await connection.executemany(APPEND_AGAIN if again else APPEND, rows)


@dataclass(frozen=True, kw_only=True)
class OutboxEntry:
    """One event that is to be published."""

    position: int
    body: bytes


class OutboxBatch:
    """The oldest events, held by the one relay at work."""

    def __init__(
        self, connection: Connection, events: Sequence[OutboxEntry], unopened: Sequence[int]
    ) -> None:
        self._connection = connection
        self.events = events
        self.unopened = unopened
        """The positions of those that cannot be opened."""

    async def delivered(self, events: Iterable[OutboxEntry], *, now: datetime) -> None:
        """They were published."""
        await self._connection.execute(DELIVERED, [event.position for event in events], now)

    async def refused(self, event: OutboxEntry, *, now: datetime) -> None:
        """It will never be taken; it is kept for people to look at."""
        await self._connection.execute(REFUSED, event.position, now)


class OutboxRepository:
    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    @asynccontextmanager
    async def batch(
        self, limit: int, *, without: Collection[int] = ()
    ) -> AsyncIterator[OutboxBatch | None]:
        """The oldest events but some; None while the relay of another process is at work."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _RELAY):
                yield None
                return
            rows = await connection.fetch(NEXT, limit, list(without))
            await connection.execute(_PUBLISHING)
            yield _batch(connection, self._seal, rows)

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        row = await self._pool.fetchrow(WAITING)
        return (row["waiting"], row["oldest"]) if row else (0, None)

    async def reopen_accounts(self, *, since: datetime, account_id: str) -> int:
        """Publish again which accounts went down or came back; how many events those are."""
        return len(await self._pool.fetch(REOPEN_ACCOUNTS, since, account_id))

    async def forget(self, *, before: datetime) -> None:
        """Drop what was published long ago."""
        await self._pool.execute(FORGET, before)


def _batch(connection: Connection, seal: Seal, rows: Sequence[Row]) -> OutboxBatch:
    events, unopened = [], []
    for row in rows:
        try:
            events.append(OutboxEntry(position=row["position"], body=opened(seal, row)))
        except ValueUnreadable:
            unopened.append(row["position"])
    return OutboxBatch(connection, events, unopened)
