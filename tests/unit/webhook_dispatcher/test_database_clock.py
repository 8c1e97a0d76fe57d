"""A dispatcher knows by how much the database's clock was set back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from webhook_dispatcher.database_clock import DatabaseClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


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
