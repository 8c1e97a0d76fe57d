"""Where a stack's clock starts."""

from datetime import UTC, datetime, timedelta

import pytest
from devstack.stack.virtual_time import clock_reading, next_monday_morning, sandbox_clock
from hypothesis import given
from hypothesis import strategies as st
from servicekit.clock import Clock

SATURDAY = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001 - made aware below
def test_monday_morning_is_ahead_and_within_a_week(naive: datetime) -> None:
    """Whatever day it is, the clock starts on a Monday, 08:30, that is still to come."""
    now = naive.replace(tzinfo=UTC)

    morning = next_monday_morning(now)

    assert now < morning <= now + timedelta(weeks=1)
    assert (morning.weekday(), morning.hour, morning.minute) == (0, 8, 30)


@pytest.mark.parametrize("speed", [2.0, 200.0, 30_000.0, 0.5])
def test_the_clock_reads_what_was_asked_when_it_was_asked(speed: float) -> None:
    """The epoch follows from the instant, the reading and the speed."""
    at = next_monday_morning(SATURDAY)

    clock = clock_reading(at, when=SATURDAY, speed=speed)

    assert abs(clock.at(SATURDAY) - at) < timedelta(seconds=1)
    later = clock.at(SATURDAY + timedelta(seconds=1))
    assert abs(later - at - timedelta(seconds=speed)) < timedelta(seconds=1)


def test_processes_read_the_same_clock() -> None:
    """What is put into SANDBOX_CLOCK is the clock that a service reads there."""
    clock = clock_reading(next_monday_morning(SATURDAY), when=SATURDAY, speed=29_500.0)

    assert Clock.from_env({"SANDBOX_CLOCK": sandbox_clock(clock)}) == clock
