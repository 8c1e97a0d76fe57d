"""SQL on the outbox: an event is written with what makes it true, and sent in its subject's order.

Two that send at once never have the same subject: each takes the first unsent event of some, and
with it those behind, for a while; no lock is held meanwhile, so that whoever removes a lead waits
for nobody's network. What is taken is what is unsent, never what comes after a position:
transactions do not end in the order in which they began.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from servicekit.postgres.columns import Columns, Row, affected, column
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.sealed_values import opened, sealed

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
# All that is taken of a subject says so: of those behind one is first as soon as that was sent.
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
                      max(written_at) OVER (ORDER BY number) AS since
                 FROM outbox
                WHERE organization_id = first.organization_id AND subject = first.subject
                  AND state = 'unsent'
                ORDER BY number LIMIT :of_each) AS unsent
    ), taken AS (
        UPDATE outbox SET taken_until = now() + :lasts::interval
          FROM behind
         WHERE outbox.organization_id = behind.organization_id
           AND outbox.subject = behind.subject AND outbox.number = behind.number
     RETURNING {_EVENT.of("outbox")}, since, taken_until
    )
    SELECT {_EVENT}, taken_until, {wrapped_key("taken", "body")} AS wrapped
      FROM taken ORDER BY organization_id, since, subject, number
""")
# Those that nobody has removed meanwhile, or taken after the time was over. Whoever removes a lead
# has locked its rows in the order of their numbers: they are passed over, not waited for.
_OURS = """
    SELECT outbox.organization_id, outbox.subject, outbox.number
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS told (organization_id, subject, number)
      JOIN outbox USING (organization_id, subject, number)
     WHERE state = 'unsent' AND taken_until = $4
"""
_OF = f"""
    FROM ({_OURS} FOR UPDATE OF outbox SKIP LOCKED) AS ours
   WHERE outbox.organization_id = ours.organization_id AND outbox.subject = ours.subject
     AND outbox.number = ours.number
"""
_SENT = f"UPDATE outbox SET state = 'sent', ended_at = now(), body = '' {_OF}"
_REFUSED = f"UPDATE outbox SET state = 'refused', ended_at = now(), reason = $5 {_OF}"
# Twice as long each time, and so often at the most.
_POSTPONED = f"""
    UPDATE outbox
       SET not_before = now() + least($5::interval * power(2, postponements), $6::interval),
           postponements = postponements + 1
    {_OF} AND postponements < $7
 RETURNING true
"""
_GIVEN_BACK = f"UPDATE outbox SET taken_until = NULL {_OF}"
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
    """Some that are unsent, nobody else's for a while.

    By organization; each subject's by number, and about in the order in which all were written.
    What is said of one that is not ours any more changes nothing.
    """

    def __init__(
        self, pool: Pool, events: Sequence[OutboxEvent], *, until: datetime | None
    ) -> None:
        self._pool = pool
        self._until = until
        self._left = {_key(each): each for each in events}
        self.events = events

    async def ours(self, events: Sequence[OutboxEvent]) -> Sequence[OutboxEvent]:
        """Those of them that are still to be sent by us; others were removed with their lead."""
        rows = await self._pool.fetch(_OURS, *self._keys(events))
        ours = {tuple(row) for row in rows}
        return [each for each in events if _key(each) in ours]

    async def sent(self, events: Sequence[OutboxEvent]) -> None:
        """They were taken."""
        await self._pool.execute(_SENT, *self._keys(events))
        self._told(events)

    async def refused(self, event: OutboxEvent, *, reason: str) -> None:
        """It will never be taken; it is kept for a while, for people to look at."""
        await self._pool.execute(_REFUSED, *self._keys([event]), reason)
        self._told([event])

    async def postponed(
        self, event: OutboxEvent, *, first: timedelta, longest: timedelta, times: int
    ) -> bool:
        """It is sent again later, and so are those behind it; false after so many times.

        After `first`, then twice as late each time, up to `longest`; real time.
        """
        given = first, longest, times
        return bool(await self._pool.fetchval(_POSTPONED, *self._keys([event]), *given))

    async def given_back(self) -> None:
        """What was neither sent nor refused may be taken by others at once."""
        if self._left:
            await self._pool.execute(_GIVEN_BACK, *self._keys([*self._left.values()]))

    def _told(self, events: Sequence[OutboxEvent]) -> None:
        for each in events:
            self._left.pop(_key(each), None)

    def _keys(
        self, events: Sequence[OutboxEvent]
    ) -> tuple[list[str], list[str], list[int], datetime | None]:
        return (
            [event.organization_id for event in events],
            [event.subject for event in events],
            [event.number for event in events],
            self._until,
        )


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
            await taken.given_back()

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


def _key(event: OutboxEvent) -> tuple[str, str, int]:
    return event.organization_id, event.subject, event.number
