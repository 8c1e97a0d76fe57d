"""The virtual clock of one stack: where it starts and how fast it runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servicekit.clock import Clock

MORNING = timedelta(hours=8, minutes=30)


def next_monday_morning(now: datetime) -> datetime:
    """The first Monday, 08:30 UTC, that is still to come."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    morning = midnight + timedelta(days=-midnight.weekday()) + MORNING
    return morning if morning > now else morning + timedelta(weeks=1)


def clock_reading(at: datetime, *, when: datetime, speed: float) -> Clock:
    """The clock of that speed which reads `at` in the real instant `when`.

    A clock is given by the instant in which both times agree; at speed 1 they agree
    always or never, so that clock shows the real time.
    """
    if speed == 1.0:
        return Clock(when, speed)
    return Clock(when + (when - at) / (speed - 1.0), speed)


def sandbox_clock(clock: Clock) -> str:
    """The clock as the value of `SANDBOX_CLOCK`."""
    return f"{clock.epoch.isoformat()},{clock.speed!r}"
