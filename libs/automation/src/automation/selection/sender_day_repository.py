"""SQL on what each sender's slots of a program's day came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement, in_pieces

from automation.decisions.decision_repository import Connection
from automation.selection.capacity import Bound
from automation.selection.day import Day


@dataclass(frozen=True, kw_only=True)
class SenderDay:
    """The slots that a day's selection had for a sender, and what became of them.

    Who was released before and is not invited holds a slot that this day has not: it is neither
    used nor unused.
    """

    account_id: str
    day: date
    slots: int
    used: int
    unused: Mapping[str, int] = field(default_factory=dict)
    """How many stayed empty, by `Bound`; none by what left the sender without a slot."""


def sender_days_of(selected: Day, day: date) -> list[SenderDay]:
    """What a selection came to, by sender. Pure."""
    unused: defaultdict[str, dict[str, int]] = defaultdict(dict)
    full = {
        each.account_id
        for each in selected.capacities
        if not each.slots and each.bound is Bound.WAITING
    }
    for each in selected.selection.unused:
        waits = each.why is Bound.WAITING
        if not waits or each.account_id in full:
            by_reason = unused[each.account_id]
            slots = 0 if waits else each.slots
            by_reason[each.why.value] = by_reason.get(each.why.value, 0) + slots
    used = {
        each.account_id: sum(lead.account_id == each.account_id for lead in selected.leads)
        for each in selected.capacities
    }
    return [
        SenderDay(
            account_id=account_id,
            day=day,
            slots=taken + sum(unused[account_id].values()),
            used=taken,
            unused=dict(sorted(unused[account_id].items())),
        )
        for account_id, taken in used.items()
    ]


_DAY: Columns[SenderDay] = Columns(
    column("account_id"),
    column("day", "date"),
    column("slots", "integer"),
    column("used", "integer"),
    column("unused", "jsonb", write=lambda each: dict(each.unused)),
)
# Of a day that is decided anew the last decision counts, and nothing of those before it.
_DECIDED = Statement(f"""
    WITH before AS (
        DELETE FROM sender_days AS kept
         WHERE organization_id = :organization_id::text AND program_id = :program_id::text
           AND day = ANY(:day::date[]) AND account_id <> ALL(:account_id::text[]))
    INSERT INTO sender_days AS kept (organization_id, program_id, {_DAY})
    SELECT :organization_id::text, :program_id::text, {_DAY} FROM {_DAY.unnested("given")}
    ON CONFLICT (organization_id, program_id, day, account_id)
    DO UPDATE SET slots = excluded.slots, used = excluded.used, unused = excluded.unused
""")
# Who takes nobody takes nothing away from a decision, nor stands beside it.
_UNDECIDED = Statement(f"""
    INSERT INTO sender_days AS kept (organization_id, program_id, {_DAY})
    SELECT :organization_id::text, :program_id::text, {_DAY} FROM {_DAY.unnested("given")}
     WHERE NOT EXISTS (
           SELECT FROM sender_days AS decided
            WHERE decided.organization_id = :organization_id::text
              AND decided.program_id = :program_id::text
              AND decided.day = given.day AND decided.used > 0)
    ON CONFLICT (organization_id, program_id, day, account_id)
    DO UPDATE SET slots = excluded.slots, used = excluded.used, unused = excluded.unused
     WHERE kept.used = 0
""")
_BETWEEN = f"""
    SELECT {_DAY} FROM sender_days
     WHERE organization_id = $1 AND program_id = $2 AND day BETWEEN $3 AND $4
     ORDER BY day, account_id
"""
_FORGET = """
    WITH old AS (
        SELECT organization_id, program_id, day, account_id FROM sender_days
         WHERE day < $1 ORDER BY day LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM sender_days AS kept USING old
     WHERE (kept.organization_id, kept.program_id, kept.day, kept.account_id)
         = (old.organization_id, old.program_id, old.day, old.account_id)
 RETURNING true
"""


class SenderDayRepository:
    """A day is kept as the selection had it that decided it last; what was tried is not kept."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def decided(
        self, organization_id: str, program_id: str, days: Sequence[SenderDay]
    ) -> Callable[[Connection], Awaitable[object]]:
        """Remembers what a decision's selection came to, in the transaction that records it."""
        given = _DECIDED.given(
            organization_id=organization_id, program_id=program_id, **_DAY.arrays(days)
        )
        return lambda connection: connection.execute(_DECIDED.sql, *given)

    async def undecided(
        self, organization_id: str, program_id: str, days: Sequence[SenderDay]
    ) -> None:
        """Remember why a selection took nobody; a day that has had a decision stays as it is."""
        given = _UNDECIDED.given(
            organization_id=organization_id, program_id=program_id, **_DAY.arrays(days)
        )
        await self._pool.execute(_UNDECIDED.sql, *given)

    async def between(
        self, organization_id: str, program_id: str, first: date, last: date
    ) -> Iterable[SenderDay]:
        """The days of a program, both ends included."""
        rows = await self._pool.fetch(_BETWEEN, organization_id, program_id, first, last)
        return [SenderDay(**dict(row)) for row in rows]

    async def forget(self, *, before: date) -> int:
        """Delete what is older; how many."""
        return await in_pieces(self._pool, _FORGET, before)
