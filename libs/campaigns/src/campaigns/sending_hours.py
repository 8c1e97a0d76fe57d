"""Whether a campaign's sending window and an account's hours ever have time in common. Pure.

The gateway alone decides when something goes; this says beforehand whether anything ever can.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import SendingWindow

LONGEST_PAUSE = timedelta(seconds=180)
"""Between two actions of an account. Hours that are shorter are over before a turn is taken."""
_DAYS = 15
_SEASONS = (timedelta(), timedelta(days=182))
"""Daylight saving moves the hours of two zones against each other."""

Stretch = tuple[datetime, datetime]


def too_short(window: SendingWindow) -> bool:
    """Whether the window is over before anything can go in it, whatever the account's hours."""
    return not can_send(window, None, now=datetime(2026, 1, 1, tzinfo=UTC))


def can_send(window: SendingWindow | None, hours: SendingWindow | None, *, now: datetime) -> bool:
    """Whether both are open at once for as long as a pause, at any time of the year.

    None is open always. Days off are not looked at: they end.
    """
    if window is None and hours is None:
        return True
    return any(
        min(closes, ends) - max(opens, begins) >= LONGEST_PAUSE
        for season in _SEASONS
        for opens, closes in _stretches(window, now + season)
        for begins, ends in _stretches(hours, now + season)
    )


def _stretches(window: SendingWindow | None, at: datetime) -> Iterator[Stretch]:
    """When it is open in the two weeks from a moment on."""
    if window is None:
        yield at - timedelta(days=1), at + timedelta(days=_DAYS)
        return
    zone = ZoneInfo(window.time_zone)
    for offset in range(-1, _DAYS):
        day = at.astimezone(zone).date() + timedelta(days=offset)
        if day.isoweekday() in window.weekdays:
            overnight = timedelta(days=1 if window.closes <= window.opens else 0)
            yield (
                datetime.combine(day, window.opens, zone).astimezone(UTC),
                datetime.combine(day + overnight, window.closes, zone).astimezone(UTC),
            )
