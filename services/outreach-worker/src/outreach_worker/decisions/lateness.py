"""How late a program's day may be: what is too late is not done any more."""

from datetime import datetime, timedelta

from automation.programs.temporal_schedules import CATCH_UP
from servicekit.clock import Clock

_ON_THE_WALL = timedelta(seconds=30)
"""In the sandbox a virtual day may be over within a second: so late is nothing too late."""


def is_too_late(since: datetime, clock: Clock) -> bool:
    """Whether what was due, or decided, at that time is no more than history by now."""
    return clock.now() - since > max(CATCH_UP, clock.virtual(_ON_THE_WALL))
