"""The database's clock: the one by which every dispatcher goes, however theirs differ.

What is published is given its time by the statement that keeps it (`NOW`), so that of a lead what
came later has a later time, whichever process kept it. Everything else goes by the last reading
and what has passed since.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.process import Process
from servicekit.tasks import every

NOW = """to_timestamp(
    :clock_epoch::float8 + :clock_speed::float8
    * (extract(epoch FROM statement_timestamp())::float8 - :clock_epoch::float8)
)"""
"""Domain time by the database's clock, for a statement that is given `clock_values`."""
READ = "SELECT clock_timestamp()"
NEWEST = "SELECT max(published_at) FROM events WHERE organization_id = $1"
"""The latest time that the clock has given an event: ahead of it where it was set back since."""
_READ_EVERY = timedelta(seconds=10)
IS_A_STEP = timedelta(seconds=1)
"""A clock that is corrected little by little is behind by less, of one reading to the next."""
_NAME = "the database's clock"


def clock_values(clock: Clock) -> dict[str, float]:
    """What `NOW` is given."""
    return {"clock_epoch": clock.epoch.timestamp(), "clock_speed": clock.speed}


@dataclass
class _Reading:
    shown: datetime
    """By the database's clock."""
    told_at: float
    """By the clock that nobody sets, in seconds."""


@dataclass(frozen=True)
class DatabaseClock(Clock):
    """Domain time by the database's clock; by the process's own until that was read.

    Behind it by as long as an answer travels.
    """

    passed: Callable[[], float] = field(default=time.monotonic, compare=False, repr=False)
    _readings: list[_Reading] = field(default_factory=list, compare=False, repr=False)
    _steps_back: list[timedelta] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def of(cls, clock: Clock) -> Self:
        """The database's clock, at the speed of `clock`."""
        return cls(clock.epoch, clock.speed)

    async def keep_up(self, running: Process, pool: Pool) -> None:
        """Read it now, and every ten seconds until the process is left."""
        await self.read(pool)
        running.spawn(_NAME, partial(every, _READ_EVERY, _NAME, partial(self.read, pool)))

    async def read(self, pool: Pool) -> datetime:
        """Read it; the domain time at which that was."""
        at_least = self.real_now() if self._readings else None
        shown = await pool.fetchval(READ)
        if at_least is not None and at_least - shown > IS_A_STEP:
            self._steps_back.append(at_least - shown)
        self._readings[:] = [_Reading(shown, self.passed())]
        return self.at(shown)

    @property
    def went_back(self) -> timedelta:
        """By how much it was set back so far, as this process has seen, in real time."""
        return sum(self._steps_back, timedelta(0))

    def now(self) -> datetime:
        """The virtual time, aware, in UTC."""
        return self.at(self.real_now())

    def real_now(self) -> datetime:
        """The time on the wall, as the database has it."""
        if not self._readings:
            return datetime.now(UTC)
        (last,) = self._readings
        return last.shown + timedelta(seconds=self.passed() - last.told_at)
