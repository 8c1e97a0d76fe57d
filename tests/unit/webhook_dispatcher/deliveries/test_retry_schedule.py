"""How patiently deliveries are tried."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from servicekit.clock import Clock
from webhook_dispatcher.deliveries.retry_schedule import SHORTEST, SHORTEST_LAPSE, RetrySchedule

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_wall_clock_changes_nothing() -> None:
    """In production intervals are what the settings say, and asked waits are kept."""
    retries = RetrySchedule(Clock.real_time())

    assert retries.first == timedelta(seconds=5)
    assert retries.longest == timedelta(hours=6)
    assert retries.lapse_after == timedelta(days=3)
    assert retries.requested(timedelta(minutes=10)) == timedelta(minutes=10)


def test_nobody_asks_for_more_than_the_longest_interval() -> None:
    """A receiver that asks to be left alone for a week is tried after the longest interval."""
    assert RetrySchedule(Clock.real_time()).requested(timedelta(days=7)) == timedelta(hours=6)


def test_asking_for_no_wait_is_not_a_busy_loop() -> None:
    """`Retry-After: 0` still leaves the shortest pause."""
    assert RetrySchedule(Clock.real_time()).requested(timedelta(0)) == SHORTEST


@given(st.floats(min_value=1.0, max_value=100_000))
def test_a_fast_clock_keeps_the_floors(speed: float) -> None:
    """However fast the clock, receivers get their pause and deliveries survive a restart."""
    retries = RetrySchedule(Clock(EPOCH, speed))

    assert SHORTEST <= retries.first <= retries.longest <= timedelta(hours=6)
    assert retries.lapse_after >= SHORTEST_LAPSE
    assert SHORTEST <= retries.requested(timedelta(minutes=1)) <= retries.longest
