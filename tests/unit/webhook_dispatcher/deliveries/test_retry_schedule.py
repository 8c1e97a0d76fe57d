"""How patiently deliveries are tried."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from servicekit.clock import Clock
from webhook_dispatcher.deliveries.retry_schedule import (
    JITTER,
    SHORTEST,
    SHORTEST_LAPSE,
    RetrySchedule,
)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_wall_clock_changes_nothing() -> None:
    """In production intervals are what the settings say, and asked waits are kept."""
    retries = RetrySchedule(Clock.real_time())

    assert retries.first == timedelta(seconds=5)
    assert retries.longest == timedelta(hours=6)
    assert retries.lapse_after == timedelta(days=3)


@given(
    st.integers(1, 10_000),
    st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=365)),
)
def test_a_wish_only_lengthens(attempts: int, asked: timedelta | None) -> None:
    """Whatever a receiver asks for, it is not tried sooner than the schedule says, nor later than
    the longest interval; and the wait is never quite the same."""
    retries = RetrySchedule(Clock.real_time(), dice=random.Random(7))

    own, wait = retries.after(attempts), retries.after(attempts, asked)

    floor = min(timedelta(seconds=5) * 3 ** min(attempts - 1, 20), timedelta(hours=6))
    wished = min(asked or timedelta(0), timedelta(hours=6))
    assert max(floor, wished) <= wait <= max(floor, wished) * (1 + JITTER)
    assert floor <= own <= floor * (1 + JITTER)


def test_ten_times_in_three_days() -> None:
    """Who answers none of them is tried ten times and more before a delivery lapses."""
    retries = RetrySchedule(Clock.real_time(), dice=random.Random(7))
    waited, attempts = timedelta(0), 1
    while (waited := waited + retries.after(attempts)) < retries.lapse_after:
        attempts += 1

    assert attempts >= 10


@given(st.floats(min_value=1.0, max_value=100_000))
def test_a_fast_clock_keeps_the_floors(speed: float) -> None:
    """However fast the clock, receivers get their pause and deliveries survive a restart."""
    retries = RetrySchedule(Clock(EPOCH, speed))

    assert SHORTEST <= retries.first <= retries.longest <= timedelta(hours=6)
    assert retries.lapse_after >= SHORTEST_LAPSE
    assert SHORTEST <= retries.after(1) <= retries.longest * (1 + JITTER)
