"""servicekit.clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.clock import Clock

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FAST = Clock(EPOCH, 20_000.0)


def test_real_time_is_no_sandbox() -> None:
    """With nothing set, both times are the same and nothing of the sandbox is visible."""
    clock = Clock.from_env({})

    assert clock == Clock.real_time()
    assert not clock.sandbox
    assert clock.at(EPOCH) == EPOCH
    assert clock.real(timedelta(hours=1)) == clock.virtual(timedelta(hours=1))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "text", ["2026-01-01T00:00:00Z,20000", "2026-01-01T00:00:00, 2e4", "1767225600,20000.0"]
)
def test_epochs_are_instants_or_unix_seconds(text: str) -> None:
    """An epoch may be written as ISO-8601 or as unix seconds, in UTC."""
    clock = Clock.from_env({"SANDBOX_CLOCK": text})

    assert clock == FAST
    assert clock.sandbox


@pytest.mark.parametrize("text", ["soon,2", "2026-01-01,", "1767225600", "0,-1", "0,0", "0,nan"])
def test_broken_clocks_are_refused(text: str) -> None:
    """A clock that cannot be read stops the service, and says which variable is wrong."""
    with pytest.raises(ValueError, match="SANDBOX_CLOCK"):
        Clock.from_env({"SANDBOX_CLOCK": text})


def test_a_sandbox_at_speed_one_is_still_one() -> None:
    """Sandbox is a mode, not a speed."""
    assert Clock(EPOCH).sandbox


def test_virtual_time_runs_from_the_epoch() -> None:
    """At the epoch both times agree; a real second later, `speed` virtual ones have passed."""
    elsewhere = timezone(timedelta(hours=5))

    assert FAST.at(EPOCH) == EPOCH
    later = FAST.at((EPOCH + timedelta(seconds=1)).astimezone(elsewhere))
    assert later == EPOCH + timedelta(seconds=20_000)
    assert later.tzinfo is UTC


@given(st.timedeltas(timedelta(0), timedelta(days=400)), st.floats(0.1, 30_000))
def test_durations_round_trip(duration: timedelta, speed: float) -> None:
    """A virtual duration made real and back is itself, up to the clock's resolution."""
    clock = Clock(EPOCH, speed)

    there_and_back = clock.virtual(clock.real(duration))

    assert abs(there_and_back - duration) <= timedelta(microseconds=1) * (speed + 1)


async def test_sleep_is_divided_by_the_speed() -> None:
    """An hour takes less than a second on a fast clock; a past moment takes no time."""
    fast = Clock(datetime.now(UTC), 20_000.0)
    before = fast.now()

    await fast.sleep(timedelta(hours=1))
    await fast.sleep(timedelta(hours=-1))

    assert timedelta(hours=1) <= fast.now() - before < timedelta(days=2)
