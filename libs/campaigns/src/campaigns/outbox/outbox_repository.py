"""SQL on the outbox: an event is written with what makes it true, and sent in its subject's order.

Two that send at once never have the same subject: each takes the first unsent event of some, by
its lock, and with it those behind. What is taken is what is unsent, never what comes after a
position: transactions do not end in the order in which they began.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Columns, column
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

CHANNEL = "outbox_written"
"""Where each commit that wrote something is told of."""

# Whoever has it draws the next number; it is given back with the end of the transaction.
_TAKE_SUBJECT = """
    INSERT INTO outbox_subjects AS taken (organization_id, subject) VALUES ($1, $2)
        ON CONFLICT (organization_id, subject) DO UPDATE SET last_number = taken.last_number
 RETURNING last_number
"""
_IS_WRITTEN = "SELECT true FROM outbox WHERE organization_id = $1 AND event_id = $2"
_EVENT = Columns(
    column("organization_id"),
    column("subject"),
    column("number", "bigint"),
    column("event_id"),
    column("type"),
    column("occurred_at", "timestamptz"),
    column("body", "bytea"),
    column("trace"),
)
_WRITE = Statement(f"""
    WITH counted AS (
        UPDATE outbox_subjects SET last_number = :number
         WHERE organization_id = :organization_id AND subject = :subject
    )
    INSERT INTO outbox ({_EVENT}) VALUES ({_EVENT.parameters()})
""")
_TAKE_UNSENT = f"""
    WITH first AS (
        SELECT organization_id, subject FROM outbox
         WHERE state = 'unsent' AND not_before <= now()
           AND NOT EXISTS (SELECT FROM outbox AS before
                            WHERE before.organization_id = outbox.organization_id
                              AND before.subject = outbox.subject AND before.state = 'unsent'
                              AND before.number < outbox.number)
         ORDER BY written_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    SELECT {_EVENT.of("behind")}
      FROM first CROSS JOIN LATERAL (
               SELECT {_EVENT}, max(written_at) OVER (ORDER BY number) AS since FROM outbox
                WHERE organization_id = first.organization_id AND subject = first.subject
                  AND state = 'unsent'
                ORDER BY number LIMIT $2) AS behind
     ORDER BY organization_id, since, subject, number
"""
_OF = """
    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS told (organization_id, subject, number)
   WHERE outbox.organization_id = told.organization_id AND outbox.subject = told.subject
     AND outbox.number = told.number
"""
_SENT = f"UPDATE outbox SET state = 'sent', ended_at = now(), body = '' {_OF}"
_REFUSED = f"UPDATE outbox SET state = 'refused', ended_at = now(), reason = $4 {_OF}"
_POSTPONED = f"UPDATE outbox SET not_before = now() + $4::interval {_OF}"
_OLDEST = """
    SELECT coalesce(extract(epoch FROM now() - min(written_at)), 0)
      FROM outbox WHERE state = 'unsent'
"""
_FORGET = "DELETE FROM outbox WHERE state <> 'unsent' AND ended_at < now() - $1::interval"


@dataclass(frozen=True, kw_only=True)
class OutboxEvent:
    """An event as it is sent."""

    organization_id: str
    subject: str
    """Whose events its number counts: a lead's, or a campaign's own."""
    number: int
    """From 1 on, without a gap among what was committed."""
    event_id: str
    type: str
    occurred_at: datetime
    body: bytes
    trace: str
    """The `traceparent` of what made it true; empty if nothing was traced."""


class TakenEvents:
    """Some that are unsent, held by a transaction.

    By organization; each subject's by number, and about in the order in which all were written.
    """

    def __init__(self, pool: Pool, events: Sequence[OutboxEvent]) -> None:
        self._pool = pool
        self.events = events

    async def sent(self, events: Sequence[OutboxEvent]) -> None:
        """They were taken."""
        await self._pool.execute(_SENT, *_keys(events))

    async def refused(self, event: OutboxEvent, *, reason: str) -> None:
        """It will never be taken; it is kept for a while, for people to look at."""
        await self._pool.execute(_REFUSED, *_keys([event]), reason)

    async def postponed(self, event: OutboxEvent, *, by: timedelta) -> None:
        """It is sent again later, and so are those behind it."""
        await self._pool.execute(_POSTPONED, *_keys([event]), by)


class OutboxRepository:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """A block in which what the rows say and what is written here happen together."""
        return one_transaction(self._pool)

    async def write(
        self, organization_id: str, subject: str, event_id: str, make: Callable[[int], OutboxEvent]
    ) -> bool:
        """Write an event of a subject, made with its number; False if it was written before."""
        async with self.transaction():
            last = await self._pool.fetchval(_TAKE_SUBJECT, organization_id, subject)
            # Asked under the lock: whoever wrote the same has committed it.
            if await self._pool.fetchval(_IS_WRITTEN, organization_id, event_id):
                return False
            await self._pool.execute(_WRITE.sql, *_WRITE.given(**_EVENT.values(make(last + 1))))
            return True

    @asynccontextmanager
    async def take(self, *, subjects: int, of_each: int) -> AsyncIterator[TakenEvents]:
        """The unsent events of subjects that nobody else has, for as long as the block lasts.

        What is said of them in the block is committed with its end, also if it raises nothing.
        """
        async with self.transaction():
            rows = await self._pool.fetch(_TAKE_UNSENT, subjects, of_each)
            yield TakenEvents(self._pool, [OutboxEvent(**row) for row in rows])

    async def oldest(self) -> timedelta:
        """For how long the oldest unsent one has waited; nothing if there is none."""
        return timedelta(seconds=float(await self._pool.fetchval(_OLDEST)))

    async def forget(self, *, older_than: timedelta) -> None:
        """Drop what was sent or refused long ago."""
        await self._pool.execute(_FORGET, older_than)


def _keys(events: Sequence[OutboxEvent]) -> tuple[list[str], list[str], list[int]]:
    return (
        [event.organization_id for event in events],
        [event.subject for event in events],
        [event.number for event in events],
    )
