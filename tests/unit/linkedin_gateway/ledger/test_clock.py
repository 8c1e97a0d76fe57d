"""The database's clock, as processes follow it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from linkedin_gateway.ledger.clock import CONFIRM, HOLD_BACK, READ, DatabaseClock
from linkedin_gateway.metrics import Metrics
from prometheus_client import CollectorRegistry
from servicekit.postgres.pool import Pool

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = timedelta(minutes=10)
NEAR = timedelta(seconds=0.1)


@dataclass
class Database:
    """A database whose clock may be set, and the time that really passes."""

    passed: float = 0.0
    step: timedelta = timedelta()
    asking: float = 0.0
    telling: float = 0.0
    row: dict[str, Any] = field(
        default_factory=lambda: {"held_back": timedelta(), "changes": 0, "confirmations": 0}
    )

    @property
    def really(self) -> datetime:
        return BEGUN + timedelta(seconds=self.passed)

    async def fetchrow(self, sql: str) -> dict[str, Any]:
        assert sql == READ
        self.passed += self.asking
        row = {"shown": self.really + self.step, **self.row}
        self.passed += self.telling
        return row

    async def fetchval(self, sql: str, *values: Any) -> Any:
        if sql == CONFIRM:
            before = self.row["held_back"]
            if not before:
                return None
            self.row |= {"held_back": timedelta(), "confirmations": self.row["confirmations"] + 1}
            self.row["changes"] += 1
            return before
        assert sql == HOLD_BACK
        held_back, changes = values
        if changes != self.row["changes"]:
            return None
        self.row |= {"held_back": held_back, "changes": changes + 1}
        return True

    def clock(self, stood_still: Callable[[], float] = lambda: 0.0) -> DatabaseClock:
        """A process that follows it, whose machine was paused for so long and does not know it."""
        passed = lambda: self.passed - stood_still()  # noqa: E731 - of this machine
        return DatabaseClock(datetime.fromtimestamp(0, UTC), passed=passed)

    async def read(self, *clocks: DatabaseClock) -> list[timedelta]:
        """Ten seconds later these processes read it."""
        self.passed += 10
        return [await clock.read(cast("Pool", self)) for clock in clocks]


@pytest.mark.parametrize("step", [MINUTES, -MINUTES], ids=["forward", "back"])
async def test_a_step_is_noticed_once(step: timedelta) -> None:
    """A clock that was set shows it in the next reading, and in no other."""
    database = Database()
    clock = database.clock()
    steps = [*await database.read(clock), *await database.read(clock)]

    database.step = step
    steps += [*await database.read(clock), *await database.read(clock)]

    assert steps == [timedelta(), timedelta(), step, timedelta()]


async def test_a_slow_answer_is_no_step() -> None:
    """However long an answer is under way, before the clock is read or after."""
    database = Database()
    clock, steps = database.clock(), []
    for asking, telling in ((5.0, 0.0), (0.0, 0.0), (0.0, 5.0), (0.0, 0.0), (5.0, 5.0), (0.0, 0.0)):
        database.asking, database.telling = asking, telling
        steps += await database.read(clock)

    assert steps == [timedelta()] * 6
    assert database.row["changes"] == 0


async def test_a_clock_that_is_set_forward_is_not_followed() -> None:
    """Before it is read again a statement takes no later time than can be; once it is read, each
    process goes on as if it had not been set, and writes that down once for all of them."""
    database = Database()
    clock, another = database.clock(), database.clock()
    await database.read(clock, another)

    database.step = MINUTES
    latest = [each.values()["clock_latest"] for each in (clock, another)]
    at_once = database.really
    await database.read(clock, another)

    assert all(at_once <= each < at_once + timedelta(seconds=1.5) for each in latest)
    assert database.row["changes"] == 1
    for each in (clock, another, await _started(database)):
        values = each.values()
        assert abs(each.now() - database.really) < NEAR
        assert abs(values["clock_held_back"] - MINUTES) < NEAR


async def _started(database: Database) -> DatabaseClock:
    """A process that has begun after the clock was set."""
    clock = database.clock()
    await database.read(clock)
    return clock


async def test_it_is_followed_again_once_it_is_right() -> None:
    """It is set back by as much: nothing is held back any more, and no time is lost."""
    database = Database()
    clock = database.clock()
    await database.read(clock)
    for step in (MINUTES, timedelta()):
        database.step = step
        await database.read(clock)

    assert database.row["held_back"] < NEAR
    assert abs(clock.now() - database.really) < NEAR


async def test_who_was_paused_holds_all_back_until_it_is_confirmed() -> None:
    """Whose machine does not count its pause finds the clock ahead; for the others nothing was
    set, so they do not undo what it writes down, and it does not write it down again and again."""
    database, stood_still = Database(), 0.0
    paused, another = database.clock(lambda: stood_still), database.clock()
    await database.read(paused, another)

    stood_still = MINUTES.total_seconds()
    database.passed += stood_still
    for _ in range(3):
        await database.read(paused, another)
    changes = database.row["changes"]
    behind = [abs(each.now() - database.really + MINUTES) for each in (paused, another)]
    confirmed = await another.confirm(cast("Pool", database))
    await database.read(paused, another)

    assert changes == 1
    assert all(each < NEAR for each in behind)
    assert abs(confirmed - MINUTES) < NEAR
    assert all(abs(each.now() - database.really) < NEAR for each in (paused, another))


async def test_who_finds_it_set_back_later_does_not_count_it_again() -> None:
    """Another process has written down already that less is to be held back."""
    database = Database()
    clock, another = database.clock(), database.clock()
    await database.read(clock, another)
    database.step = MINUTES
    await database.read(clock, another)

    database.step = MINUTES * 0.6
    await database.read(clock, another)

    assert abs(database.row["held_back"] - MINUTES * 0.6) < NEAR
    assert all(abs(each.now() - database.really) < NEAR for each in (clock, another))


async def test_it_is_set_back() -> None:
    """A slow clock is followed: everybody waits; it is right again, and is not followed at once."""
    database = Database()
    clock = database.clock()
    await database.read(clock)
    seen = []
    for step in (-MINUTES, timedelta()):
        database.step = step
        await database.read(clock)
        seen.append(clock.now() - database.really)

    assert all(abs(each + MINUTES) < NEAR for each in seen)


async def test_it_is_followed_once_it_is_confirmed() -> None:
    """Who knows that it is right says so, once: each process goes by it from its next reading."""
    database = Database()
    clock, another = database.clock(), database.clock()
    await database.read(clock, another)
    database.step = MINUTES
    await database.read(clock, another)

    await clock.confirm(cast("Pool", database))
    await database.read(clock, another)
    await database.read(clock, another)

    for each in (clock, another):
        assert abs(each.now() - database.really - MINUTES) < NEAR
        assert each.held_back == timedelta()


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
