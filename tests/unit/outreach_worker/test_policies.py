"""Real limits on virtual waits."""

from datetime import UTC, datetime, timedelta

from outreach_worker.policies import (
    CALL_OFF,
    GATEWAY_DEADLINE,
    LONGEST_WAIT,
    NOTICED_WITHIN,
    coming_to_its_end,
    slow_check,
    waiting_for_turn,
)
from servicekit.clock import Clock

REAL = Clock.real_time()
FAST = Clock(datetime(2026, 3, 2, tzinfo=UTC), 25_000.0)


def test_a_turn_is_waited_for_by_time_not_by_attempts() -> None:
    """Every wait is an attempt: their number must not end a lead."""
    options = waiting_for_turn(REAL)

    assert options["schedule_to_close_timeout"] == LONGEST_WAIT
    assert options["retry_policy"].maximum_attempts == 0


def test_one_attempt_outlasts_the_gateways_deadline() -> None:
    """The gateway gives up first, so that its word is heard."""
    assert waiting_for_turn(REAL)["start_to_close_timeout"] > GATEWAY_DEADLINE


def test_a_dead_worker_is_noticed_within_seconds() -> None:
    """A call that nobody is making any more is made again long before it would have timed out."""
    for options in (waiting_for_turn(REAL), coming_to_its_end(REAL), CALL_OFF):
        assert options["heartbeat_timeout"] == NOTICED_WITHIN <= timedelta(seconds=30)


def test_a_fast_clock_still_sits_out_an_outage() -> None:
    """400 virtual days are 23 real minutes at such a speed; an outage may take longer."""
    assert waiting_for_turn(FAST)["schedule_to_close_timeout"] >= timedelta(hours=1)


def test_the_slow_look_is_never_busy() -> None:
    """However fast the clock, nobody looks at the list more than once a minute unasked."""
    assert slow_check(REAL) == timedelta(hours=1)
    assert slow_check(FAST) == timedelta(minutes=1)
