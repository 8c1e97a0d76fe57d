"""The database's clock: the one by which every replica decides.

Processes' clocks differ and step. So a statement that decides, claims or finishes reads the time
itself (`NOW`), and everything else goes by the last reading and what has passed since, which the
monotonic clock of the process measures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from servicekit.clock import Clock
from servicekit.postgres.pool import Pool

NOW = """coalesce(:now::timestamptz, to_timestamp(
    :clock_epoch::float8 + :clock_speed::float8 *
    (extract(epoch FROM statement_timestamp())::float8 - :clock_epoch::float8)
))"""
"""Domain time by the database's clock, for a statement that is given `DatabaseClock.values`.

The time at which the statement came: the same wherever the statement says it, and later than the
locks that the one before has taken.
"""

_READ = "SELECT clock_timestamp()"
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass
class _Reading:
    real: datetime = _NEVER
    asked_at: float = 0.0
    monotonic: float = 0.0


@dataclass(frozen=True)
class DatabaseClock(Clock):
    """Domain time by the database's clock.

    What `now` tells is behind it by as long as an answer travels, and never ahead of it but by
    what two clocks differ in the seconds between readings.
    """

    _last: _Reading = field(default_factory=_Reading, compare=False, repr=False)

    @classmethod
    async def read_from(cls, pool: Pool, clock: Clock) -> Self:
        """The database's clock, at the speed of `clock`."""
        own = cls(clock.epoch, clock.speed)
        await own.read(pool)
        return own

    async def read(self, pool: Pool) -> timedelta:
        """Read the database's clock; by how much it differs from what it would show by itself.

        It was set, or another host's is read since a fail-over. The first reading differs by
        nothing.
        """
        asked_at = time.monotonic()
        real: datetime = await pool.fetchval(_READ)
        read_at = time.monotonic()
        before, first = self._last, self._last.real == _NEVER
        # However long an answer is under way, the clock was read in between.
        earliest = before.real + timedelta(seconds=asked_at - before.monotonic)
        latest = before.real + timedelta(seconds=read_at - before.asked_at)
        step = timedelta() if first else real - min(max(real, earliest), latest)
        before.real, before.asked_at, before.monotonic = real, asked_at, read_at
        return step

    def now(self) -> datetime:
        """The virtual time, aware, in UTC."""
        passed = timedelta(seconds=time.monotonic() - self._last.monotonic)
        return self.at(self._last.real + passed)

    def values(self, now: datetime | None = None) -> dict[str, Any]:
        """What `NOW` is given. A `now` stands for the reading."""
        return {
            "now": now,
            "clock_epoch": self.epoch.timestamp(),
            "clock_speed": self.speed,
        }
