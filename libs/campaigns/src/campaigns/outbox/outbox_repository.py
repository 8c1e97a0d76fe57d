"""SQL on the outbox: an event is written with what makes it true, and sent in its subject's order.

Two that send at once never have the same subject: each takes the first unsent event of some, and
with it those behind, for a while; no lock is held meanwhile, so that whoever removes a lead waits
for nobody's network. What is taken is what is unsent, never what comes after a position:
transactions do not end in the order in which they began.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from servicekit.postgres.columns import Columns, Row, affected, column
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.sealed_values import opened, sealed

from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.taken_events import TakenEvents

BODY = SealedColumn("campaign", "outbox", "body")
"""By the organization's key: it is thrown away as soon as it was taken, and goes with its lead."""
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
# All that is taken of a subject says so: of those behind one is first as soon as that was sent. One
# that somebody has locked is not waited for: it is left, and all that are behind it.
_TAKE_UNSENT = Statement(f"""
    WITH first AS (
        SELECT organization_id, subject FROM outbox
         WHERE state = 'unsent' AND not_before <= now()
           AND (taken_until IS NULL OR taken_until <= now())
           AND organization_id <> ALL (:without)
           AND NOT EXISTS (SELECT FROM outbox AS before
                            WHERE before.organization_id = outbox.organization_id
                              AND before.subject = outbox.subject AND before.state = 'unsent'
                              AND before.number < outbox.number)
         ORDER BY written_at LIMIT :subjects FOR UPDATE SKIP LOCKED
    ), behind AS (
        SELECT unsent.* FROM first CROSS JOIN LATERAL (
               SELECT organization_id, subject, number,
                      row_number() OVER (ORDER BY number) AS place,
                      max(written_at) OVER (ORDER BY number) AS since
                 FROM outbox
                WHERE organization_id = first.organization_id AND subject = first.subject
                  AND state = 'unsent'
                ORDER BY number LIMIT :of_each) AS unsent
    ), unlocked AS (
        SELECT behind.* FROM behind JOIN outbox USING (organization_id, subject, number)
         WHERE state = 'unsent' FOR UPDATE OF outbox SKIP LOCKED
    ), ranked AS (
        SELECT *, row_number() OVER (
                   PARTITION BY organization_id, subject ORDER BY number) AS rank
          FROM unlocked
    ), taken AS (
        UPDATE outbox SET taken_until = now() + :lasts::interval
          FROM ranked
         WHERE outbox.organization_id = ranked.organization_id
           AND outbox.subject = ranked.subject AND outbox.number = ranked.number
           AND rank = place
     RETURNING {_EVENT.of("outbox")}, since, taken_until
    )
    SELECT {_EVENT}, taken_until, {wrapped_key("taken", "body")} AS wrapped
      FROM taken ORDER BY organization_id, since, subject, number
""")
_OLDEST = """
    SELECT coalesce(extract(epoch FROM now() - min(written_at)), 0)
      FROM outbox WHERE state = 'unsent'
"""
_FORGET = """
    DELETE FROM outbox WHERE ctid = ANY (ARRAY (
        SELECT ctid FROM outbox
         WHERE state <> 'unsent' AND ended_at < now() - $1::interval
         ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))
"""
_FORGOTTEN_AT_ONCE = 5_000


class OutboxRepository:
    """Of every organization."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool, self._seal = pool, seal

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
            event = make(last + 1)
            body = await sealed(self._pool, self._seal, BODY, organization_id, event_id, event.body)
            values = _EVENT.values(replace(event, body=body))
            await self._pool.execute(_WRITE.sql, *_WRITE.given(**values))
            return True

    @asynccontextmanager
    async def take(
        self,
        *,
        subjects: int,
        of_each: int,
        lasts: timedelta,
        without: Collection[str] = (),
    ) -> AsyncIterator[TakenEvents]:
        """The unsent events of subjects that nobody else has, those of some organizations not.

        They are the block's until its end, and no longer than it `lasts` at the most (real time):
        who dies in it leaves them to others then. So are those that do not open, and whatever is
        behind them, until they do.
        """
        given = _TAKE_UNSENT.given(
            subjects=subjects, of_each=of_each, lasts=lasts, without=list(without)
        )
        rows = await self._pool.fetch(_TAKE_UNSENT.sql, *given)
        until = rows[0]["taken_until"] if rows else None
        events = self._opened(rows)
        taken = TakenEvents(self._pool, events, until=until)
        try:
            yield taken
        finally:
            await taken.end()

    def _opened(self, rows: Sequence[Row]) -> list[OutboxEvent]:
        """The events of rows, in order; none behind one of its subject that does not open."""
        events, unreadable = [], set[tuple[str, str]]()
        for row in rows:
            subject = (row["organization_id"], row["subject"])
            if subject in unreadable:
                continue
            try:
                body = opened(
                    self._seal,
                    BODY,
                    row["organization_id"],
                    row["event_id"],
                    row["body"],
                    row["wrapped"],
                )
            except ValueUnreadable:
                unreadable.add(subject)
                continue
            values = {name: row[name] for name in _EVENT.types}
            events.append(OutboxEvent(**values | {"body": body}))
        return events

    async def oldest(self) -> timedelta:
        """For how long the oldest unsent one has waited; nothing if there is none."""
        return timedelta(seconds=float(await self._pool.fetchval(_OLDEST)))

    async def forget(self, *, older_than: timedelta) -> None:
        """Drop what was sent or refused long ago, some at a time."""
        dropped = _FORGOTTEN_AT_ONCE
        while dropped == _FORGOTTEN_AT_ONCE:
            dropped = affected(await self._pool.execute(_FORGET, older_than, _FORGOTTEN_AT_ONCE))
