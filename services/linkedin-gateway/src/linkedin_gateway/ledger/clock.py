"""The database's clock: the one by which every replica decides, as long as nobody sets it forward.

Processes' clocks differ and step. So a statement that decides, claims or finishes reads the time
itself (`NOW`), and everything else goes by the last reading and what has passed since, which a
clock of the machine measures that is never set.

By that clock each process also knows the latest that it can be. No statement takes a later time,
and whoever finds the database's clock ahead writes down, for all, by how much the gateway stays
behind it. That is worked off a little with each second, ends if the clock is set back, and can be
confirmed by an operator, who has waited for as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from servicekit.clock import Clock
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool

from linkedin_gateway.models.steady_time import SteadyTime

NOW = """coalesce(:now::timestamptz, to_timestamp(
    :clock_epoch::float8 + :clock_speed::float8 *
    (extract(epoch FROM least(statement_timestamp() - :clock_held_back::interval,
                              :clock_latest::timestamptz))::float8 - :clock_epoch::float8)
))"""
"""Domain time by the database's clock, for a statement that is given `DatabaseClock.values`.

The time at which the statement came: the same wherever the statement says it, and later than the
locks that the one before has taken.
"""

# 17 seconds a day are worked off, less than two clocks may differ by. A clock that was set back is
# before `since`, and nothing has passed.
_STILL = """
    least(held_back, greatest(held_back - (clock_timestamp() - since) * 0.0002, '0')) AS held_back
"""
READ = f"""
SELECT clock_timestamp() AS shown, changes, confirmations, {_STILL}
  FROM database_clock
 WHERE only_one
"""
# By one of those who find it at once.
HOLD_BACK = """
UPDATE database_clock SET held_back = $1, since = clock_timestamp(), changes = changes + 1
 WHERE only_one AND changes = $2
RETURNING true
"""
CONFIRM = f"""
WITH before AS (
    SELECT {_STILL}
      FROM database_clock
     WHERE only_one
       FOR UPDATE
)
UPDATE database_clock
   SET held_back = '0', since = clock_timestamp(), changes = changes + 1,
       confirmations = confirmations + 1
  FROM before
 WHERE only_one AND before.held_back > '0'
RETURNING before.held_back
"""
_NEVER = datetime.fromtimestamp(0, UTC)


def since_start() -> float:
    """Seconds since the machine has started, those in which it slept too, where that is known."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class _Reading:
    """What was read last."""

    shown: datetime = _NEVER
    """By the database's clock."""
    held_back: timedelta = timedelta()
    changes: int = 0
    confirmations: int = 0
    asked_at: float = 0.0
    told_at: float = 0.0

    @classmethod
    def of(cls, row: Row, *, asked_at: float, told_at: float) -> Self:
        return cls(
            shown=row["shown"],
            held_back=row["held_back"],
            changes=row["changes"],
            confirmations=row["confirmations"],
            asked_at=asked_at,
            told_at=told_at,
        )

    @property
    def time(self) -> datetime:
        """By which the gateway goes, real."""
        return self.shown - self.held_back


@dataclass
class _State:
    last: _Reading = field(default_factory=_Reading)
    steady: SteadyTime | None = None
    """None before the first reading."""


@dataclass(frozen=True)
class DatabaseClock(Clock):
    """Domain time by the database's clock, behind it by as much as it was set forward.

    What `now` tells is behind that by as long as an answer travels, and never ahead of it but by
    what two clocks differ in the seconds between readings.
    """

    passed: Callable[[], float] = field(default=since_start, compare=False, repr=False)
    _state: _State = field(default_factory=_State, compare=False, repr=False)

    @classmethod
    async def read_from(cls, pool: Pool, clock: Clock) -> Self:
        """The database's clock, at the speed of `clock`."""
        own = cls(clock.epoch, clock.speed)
        await own.read(pool)
        return own

    @property
    def held_back(self) -> timedelta:
        """By how much the gateway stays behind the database's clock, as it was read last."""
        return self._state.last.held_back

    async def read(self, pool: Pool) -> timedelta:
        """Read the database's clock; by how much it differs from what it would show by itself.

        It was set, or another host's is read since a fail-over. The first reading differs by
        nothing. If it was set forward the gateway stays behind it by as much.
        """
        while True:
            asked_at = self.passed()
            row = await pool.fetchrow(READ)
            if row is None:
                raise AssertionError("the clock has one row")
            reading = _Reading.of(row, asked_at=asked_at, told_at=self.passed())
            held_back = self._to_hold_back(reading)
            if held_back == reading.held_back:
                break
            if await pool.fetchval(HOLD_BACK, held_back, reading.changes):
                reading.held_back, reading.changes = held_back, reading.changes + 1
                break
        return self._note(reading)

    async def confirm(self, pool: Pool) -> timedelta:
        """The time of the database is right: it counts from each process's next reading on.

        Returns by how much the gateway was behind it.
        """
        held_back: timedelta | None = await pool.fetchval(CONFIRM)
        return held_back or timedelta()

    def now(self) -> datetime:
        """The virtual time, aware, in UTC."""
        last = self._state.last
        return self.at(last.time + timedelta(seconds=self.passed() - last.told_at))

    def values(self, now: datetime | None = None) -> dict[str, Any]:
        """What `NOW` is given. A `now` stands for the reading."""
        steady = self._state.steady
        return {
            "now": now,
            "clock_epoch": self.epoch.timestamp(),
            "clock_speed": self.speed,
            "clock_held_back": self._state.last.held_back,
            "clock_latest": steady.latest(self.passed()) if steady else None,
        }

    def _to_hold_back(self, reading: _Reading) -> timedelta:
        """By how much to stay behind, by what can have passed since the last reading."""
        held_back = reading.held_back
        steady = self._steady_before(reading)
        if steady is None:
            return held_back
        ahead = steady.ahead(reading.time, told_at=reading.told_at)
        # Set back it was, and nobody has written that down yet: by what it shows, and by what
        # follows from that. Else another process, whose machine was paused, holds all back.
        last = self._state.last
        by_itself = SteadyTime.first(last.shown, asked_at=last.asked_at, told_at=last.told_at)
        behind = min(
            steady.behind(reading.time, asked_at=reading.asked_at),
            by_itself.behind(reading.shown, asked_at=reading.asked_at),
        )
        return max(held_back + ahead - behind, timedelta()) if held_back or ahead else held_back

    def _note(self, reading: _Reading) -> timedelta:
        before, steady = self._state.last, self._steady_before(reading)
        looked = {"asked_at": reading.asked_at, "told_at": reading.told_at}
        self._state.last = reading
        self._state.steady = (
            SteadyTime.first(reading.time, **looked)
            if steady is None
            else steady.after(reading.time, **looked)
        )
        if before.shown == _NEVER:
            return timedelta()
        # However long an answer is under way, the clock was read in between.
        earliest = before.shown + timedelta(seconds=reading.asked_at - before.told_at)
        latest = before.shown + timedelta(seconds=reading.told_at - before.asked_at)
        return reading.shown - min(max(reading.shown, earliest), latest)

    def _steady_before(self, reading: _Reading) -> SteadyTime | None:
        """What follows from earlier readings; nothing does once the clock is confirmed."""
        confirmed = reading.confirmations != self._state.last.confirmations
        return None if confirmed else self._state.steady
