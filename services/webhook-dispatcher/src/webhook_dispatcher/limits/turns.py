"""When an endpoint that is to be sent so many requests a minute is sent the next one. Pure.

Whoever comes is given a turn, one after the other: so they know when to come again, and need not
ask meanwhile. What is posted is counted apart from that: of turns that nobody took, because a
process was away or an endpoint spared, none is made up for at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEEWAY = timedelta(seconds=1)
"""By how much one may follow another too soon, of those that came too late."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Of one endpoint."""

    next_at: datetime
    """The next turn that is given."""
    free_at: datetime
    """When what was posted is as far apart as it should be."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What came of asking for a turn."""

    pace: Pace
    turn_at: datetime | None
    """None if it may be posted now; it has taken its turn."""


def drawn(pace: Pace, *, turn_at: datetime | None, apart: timedelta, now: datetime) -> Drawn:
    """Ask for a turn, or whether the one that was given has come.

    Over any time no more are posted than `apart` allows, and those of one `LEEWAY`. Whoever comes
    when there is no room, though its turn has come, is given another one behind all others.
    """
    next_at = pace.next_at
    if turn_at is None:
        turn_at, next_at = _given(next_at, apart=apart, now=now)
    if turn_at > now:
        return Drawn(pace=Pace(next_at=next_at, free_at=pace.free_at), turn_at=turn_at)
    if pace.free_at <= now + LEEWAY:
        free_at = max(pace.free_at, now) + apart
        return Drawn(pace=Pace(next_at=next_at, free_at=free_at), turn_at=None)
    turn_at, next_at = _given(max(next_at, pace.free_at), apart=apart, now=now)
    return Drawn(pace=Pace(next_at=next_at, free_at=pace.free_at), turn_at=turn_at)


def _given(next_at: datetime, *, apart: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """A turn, and the one after it."""
    turn_at = max(next_at, now)
    return turn_at, turn_at + apart
