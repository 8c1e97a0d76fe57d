"""SQL on the events that somebody sends, and what comes of each."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum, auto

from servicekit.postgres.connection import one_transaction
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool

from campaigns.outbox.outbox_event import OutboxEvent

# Those that nobody has removed meanwhile, or taken after the time was over.
_OURS = """
    SELECT outbox.organization_id, outbox.subject, outbox.number, postponements
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS told (organization_id, subject, number)
      JOIN outbox USING (organization_id, subject, number)
     WHERE state = 'unsent' AND taken_until = $4
"""
# Whoever removes a lead, or seals its rows anew, has locked them: they are passed over.
_OURS_UNLOCKED = f"{_OURS} FOR UPDATE OF outbox SKIP LOCKED"
_ARE_OURS = """
    outbox.organization_id = ours.organization_id AND outbox.subject = ours.subject
    AND outbox.number = ours.number
"""
_OF = f"FROM ({_OURS_UNLOCKED}) AS ours WHERE {_ARE_OURS}"
_SET_SENT = "UPDATE outbox SET state = 'sent', ended_at = now(), body = ''"
_KEY = "outbox.organization_id, outbox.subject, outbox.number"
_SENT = f"{_SET_SENT} {_OF} RETURNING {_KEY}"
# In the order in which others lock them, and no longer than they may be waited for.
_SENT_AT_LAST = f"""
    {_SET_SENT} FROM ({_OURS} ORDER BY {_KEY} FOR UPDATE OF outbox) AS ours
     WHERE {_ARE_OURS}
"""
_WAIT_FOR_LOCKS = "SET LOCAL lock_timeout = '500ms'"
_REFUSED = f"""
    UPDATE outbox SET state = 'refused', ended_at = now(), reason = $5 {_OF} RETURNING true
"""  # noqa: S608 - columns of ours
# Twice as long each time, and so often at the most. No row: it is not ours, or locked.
_POSTPONED = f"""
    WITH ours AS ({_OURS_UNLOCKED}), later AS (
        UPDATE outbox
           SET not_before = now()
                   + least($5::interval * power(2, ours.postponements), $6::interval),
               postponements = ours.postponements + 1
          FROM ours WHERE {_ARE_OURS} AND ours.postponements < $7
    )
    SELECT postponements < $7 FROM ours
"""  # noqa: S608 - columns of ours
_GIVEN_BACK = f"UPDATE outbox SET taken_until = NULL {_OF}"  # noqa: S608 - columns of ours


class Postponement(Enum):
    """What came of it that an event was to be sent later."""

    POSTPONED = auto()
    TIMES_OVER = auto()
    """It was postponed as often as it may be, and is as it was."""
    NOT_OURS = auto()
    """It was removed or taken by others, or somebody has locked it: it is as it was."""


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
        self._sent_unmarked: list[OutboxEvent] = []
        self.events = events

    async def ours(self, events: Sequence[OutboxEvent]) -> Sequence[OutboxEvent]:
        """Those of them that are still to be sent by us; others were removed with their lead."""
        rows = await self._pool.fetch(_OURS, *self._keys(events))
        ours = {tuple(row)[:3] for row in rows}
        return [each for each in events if _key(each) in ours]

    async def sent(self, events: Sequence[OutboxEvent]) -> None:
        """They were taken. Of what somebody has locked that is said again in the end."""
        for row in await self._pool.fetch(_SENT, *self._keys(events)):
            self._left.pop(tuple(row), None)
        self._sent_unmarked += [each for each in events if _key(each) in self._left]

    async def refused(self, event: OutboxEvent, *, reason: str) -> bool:
        """It will never be taken: it is kept for a while, for people to look at.

        False if it is not ours, or somebody has locked it: then it is as it was.
        """
        refused = await self._pool.fetchval(_REFUSED, *self._keys([event]), reason)
        self._left.pop(_key(event), None)
        return bool(refused)

    async def postponed(
        self, event: OutboxEvent, *, first: timedelta, longest: timedelta, times: int
    ) -> Postponement:
        """It is sent again later, and so are those behind it; not more often than so many times.

        After `first`, then twice as late each time, up to `longest`; real time.
        """
        given = first, longest, times
        later = await self._pool.fetchval(_POSTPONED, *self._keys([event]), *given)
        if later is None:
            # Given back it would be tried again at once: it is left until the time is over.
            self._left.pop(_key(event), None)
            return Postponement.NOT_OURS
        return Postponement.POSTPONED if later else Postponement.TIMES_OVER

    async def end(self) -> None:
        """What was neither sent nor refused may be taken by others at once.

        What was sent and is locked still is anybody's when the time is over, and sent again.
        """
        if self._sent_unmarked:
            await self._mark_at_last(self._sent_unmarked)
        if self._left:
            await self._pool.execute(_GIVEN_BACK, *self._keys([*self._left.values()]))

    async def _mark_at_last(self, events: Sequence[OutboxEvent]) -> None:
        for each in events:
            self._left.pop(_key(each), None)
        with suppress(DatabaseBusy):
            async with one_transaction(self._pool):
                await self._pool.execute(_WAIT_FOR_LOCKS)
                await self._pool.execute(_SENT_AT_LAST, *self._keys(events))

    def _keys(
        self, events: Sequence[OutboxEvent]
    ) -> tuple[list[str], list[str], list[int], datetime | None]:
        return (
            [event.organization_id for event in events],
            [event.subject for event in events],
            [event.number for event in events],
            self._until,
        )


def _key(event: OutboxEvent) -> tuple[str, str, int]:
    return event.organization_id, event.subject, event.number
