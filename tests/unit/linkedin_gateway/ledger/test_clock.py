"""The database's clock, as a process follows it."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.metrics import Metrics
from prometheus_client import CollectorRegistry
from servicekit.postgres.pool import Pool

MINUTES = timedelta(minutes=10)


class Stepping:
    """A database whose clock may be set."""

    def __init__(self) -> None:
        self.step = timedelta()

    async def fetchval(self, _sql: str) -> datetime:
        return datetime.now(UTC) + self.step


async def read(clock: DatabaseClock, database: Any) -> timedelta:
    return await clock.read(cast("Pool", database))


@pytest.mark.parametrize("step", [MINUTES, -MINUTES], ids=["forward", "back"])
async def test_a_step_is_noticed_once(step: timedelta) -> None:
    """A clock that was set shows it in the next reading, and in no other; then it is followed."""
    database, clock = Stepping(), DatabaseClock.real_time()
    steps = [await read(clock, database), await read(clock, database)]

    database.step = step
    steps += [await read(clock, database), await read(clock, database)]

    near = timedelta(seconds=0.5)
    assert [round(each / MINUTES) for each in steps] == [0, 0, round(step / MINUTES), 0]
    assert abs(clock.now() - (datetime.now(UTC) + step)) < near


async def test_a_slow_answer_is_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long an answer is under way, before the clock is read or after."""
    passed = {"asked": 0.0, "told": 0.0}
    real = datetime(2026, 3, 2, tzinfo=UTC)

    class Slow:
        async def fetchval(self, _sql: str) -> datetime:
            passed["now"] += passed["asked"]
            read = real + timedelta(seconds=passed["now"])
            passed["now"] += passed["told"]
            return read

    passed["now"] = 0.0
    monkeypatch.setattr("time.monotonic", lambda: passed["now"])
    clock, steps = DatabaseClock.real_time(), []
    for asked, told in ((5.0, 0.0), (0.0, 0.0), (0.0, 5.0), (0.0, 0.0), (5.0, 5.0), (0.0, 0.0)):
        passed |= {"asked": asked, "told": told, "now": passed["now"] + 10}
        steps.append(await read(clock, Slow()))

    assert steps == [timedelta()] * 6


@pytest.mark.parametrize(
    ("step", "counted"),
    [
        (MINUTES, {"forward": 600.0, "back": 0.0}),
        (-MINUTES, {"forward": 0.0, "back": 600.0}),
        (timedelta(seconds=0.9), {"forward": 0.0, "back": 0.0}),
    ],
)
def test_steps_are_counted(step: timedelta, counted: dict[str, float]) -> None:
    """By their direction, from nought; what a clock drifts is none."""
    registry = CollectorRegistry()

    Metrics(registry).clock_stepped(step)

    name = "linkedin_database_clock_steps_seconds_total"
    assert {
        direction: registry.get_sample_value(name, {"direction": direction})
        for direction in counted
    } == counted
