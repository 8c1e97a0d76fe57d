"""A dispatcher knows by how much the database's clock was set back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.endpoints.registry import missed_since

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("since", "back", "told"), [(-2, 0, -2), (2, 0, 0), (1, 2, -2), (-1, 3, -4)]
)
def test_what_was_missed_has_no_time_that_is_to_come(since: int, back: int, told: int) -> None:
    """Hours from now: it is from as much earlier as the clock was set back."""
    hour = timedelta(hours=1)

    found = missed_since(NOON + since * hour, now=NOON, back=back * hour)

    assert found == NOON + told * hour


class Database:
    """It shows what it is told to; an answer travels for as long as that takes."""

    def __init__(self, passed: list[float]) -> None:
        self.shown, self.travels = NOON, 0.0
        self._passed = passed

    async def fetchval(self, _statement: str) -> datetime:
        shown = self.shown
        self._passed[0] += self.travels
        return shown


async def test_steps_back_are_added_up() -> None:
    """However long an answer travels: that is no step; nor is one forwards."""
    passed = [0.0]
    database: Any = Database(passed)
    clock = DatabaseClock(NOON, 1.0, passed=lambda: passed[0])

    async def read_after(seconds: float, *, shown: timedelta, travels: float = 0.0) -> timedelta:
        passed[0] += seconds
        database.shown, database.travels = NOON + shown, travels
        await clock.read(database)
        return clock.went_back

    assert await read_after(0, shown=0 * SECOND) == timedelta(0)
    assert await read_after(10, shown=10 * SECOND, travels=5) == timedelta(0)
    assert await read_after(5, shown=20 * SECOND) == timedelta(0)
    assert await read_after(10, shown=-3570 * SECOND) == timedelta(hours=1)
    assert await read_after(10, shown=-3560 * SECOND) == timedelta(hours=1)
    assert await read_after(10, shown=3600 * SECOND) == timedelta(hours=1)
    assert await read_after(10, shown=0 * SECOND) == timedelta(hours=2, seconds=10)
