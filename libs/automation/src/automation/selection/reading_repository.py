"""SQL on what was last known of senders, for when their source does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from servicekit.postgres.columns import Row, Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from automation.selection.capacity import DAYS, SenderFacts


@dataclass(frozen=True, kw_only=True)
class SenderReading:
    """What a sender could do when it was asked."""

    account_id: str
    invitations: int
    """In two days."""
    pending: int
    multiplier: float
    connected: bool
    on_hold: bool
    read_at: datetime
    free_by_day: Sequence[int] = ()
    """Invitations of each day that was asked for; of none by a release before."""


def facts_of(
    reading: SenderReading | None,
    account_id: str,
    *,
    waiting: int,
    now: datetime,
    days: int = DAYS,
) -> SenderFacts:
    """As selection goes by it, with how old it is; of whom nothing is known there is no age.

    What was not asked of the last of `days` counts as nothing.
    """
    if reading is None:
        return SenderFacts(account_id=account_id, waiting=waiting, age=None)
    return SenderFacts(
        account_id=account_id,
        invitations=max(reading.invitations, sum(reading.free_by_day[:days])),
        pending=reading.pending,
        multiplier=reading.multiplier,
        connected=reading.connected,
        on_hold=reading.on_hold,
        waiting=waiting,
        age=now - reading.read_at,
    )


_DAYS, _READ_AT = "days", "read_at"
_READING: Table[SenderReading] = Table(
    SenderReading,
    column("account_id"),
    column("invitations", "integer"),
    column("pending", "integer"),
    column("multiplier", "double precision"),
    column("connected", "boolean"),
    column("on_hold", "boolean"),
    column("read_at", "timestamptz"),
    # An object: of arrays an array of arrays would be made.
    column(
        "free_by_day",
        "jsonb",
        write=lambda each: {
            _DAYS: list(each.free_by_day),
            _READ_AT: each.read_at.isoformat(),
        },
        read=lambda kept: tuple(kept.get(_DAYS, ())),
    ),
)
# Whoever has read later is right.
_KEEP = Statement(f"""
    INSERT INTO sender_readings AS kept (organization_id, {_READING})
    SELECT :organization_id::text, {_READING} FROM {_READING.unnested("given")}
    ON CONFLICT (organization_id, account_id) DO UPDATE SET {_READING.set_from("excluded")}
     WHERE kept.read_at <= excluded.read_at
""")
_GET = f"SELECT {_READING} FROM sender_readings WHERE organization_id = $1 AND account_id = ANY($2)"


class ReadingRepository:
    """The last reading of each sender."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, organization_id: str, readings: Sequence[SenderReading]) -> None:
        """Remember what was read now."""
        given = _KEEP.given(organization_id=organization_id, **_READING.arrays(readings))
        await self._pool.execute(_KEEP.sql, *given)

    async def of(
        self, organization_id: str, account_ids: Sequence[str]
    ) -> Mapping[str, SenderReading]:
        """The last readings, by account; whoever was never read is not there."""
        rows = await self._pool.fetch(_GET, organization_id, list(account_ids))
        return {row["account_id"]: _reading(row) for row in rows}


def _reading(row: Row) -> SenderReading:
    """A process of a release before leaves the days of another reading beside what it has read."""
    reading, of = _READING.read(row), row["free_by_day"].get(_READ_AT)
    if of is not None and datetime.fromisoformat(of) == reading.read_at:
        return reading
    return replace(reading, free_by_day=())
