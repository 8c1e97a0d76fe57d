"""Whether a campaign's sending window and an account's hours ever have time in common. Pure.

The gateway alone decides when something goes; this says beforehand whether anything ever can.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import SendingWindow

LONGEST_PAUSE = timedelta(seconds=180)
"""Between two actions of an account. Hours that are shorter are over before a turn is taken."""
_FORTNIGHT = 15
_HORIZON = 400
"""As many days ahead the gateway looks for an opening too: what opens later never does."""
_SEASONS = (timedelta(), timedelta(days=182))
"""Daylight saving moves the hours of two zones against each other."""

_WEEKS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
_EIGHT_DAYS = timedelta(days=8)

Stretch = tuple[datetime, datetime]


def too_short(window: SendingWindow) -> bool:
    """Whether the window is over before anything can go in it, whatever the account's hours."""
    return not can_send(window, None, now=datetime(2026, 1, 1, tzinfo=UTC))


def can_send(window: SendingWindow | None, hours: SendingWindow | None, *, now: datetime) -> bool:
    """Whether both are open at once for as long as a pause, at any time of the year.

    None is open always. Days off end; if they leave nothing of a whole year, it is never.
    """
    if window is None and hours is None:
        return True
    weeks = [_without_days_off(each) for each in (window, hours)]
    if all(_opens(*weeks, now=now + season, days=_FORTNIGHT) is None for season in _SEASONS):
        return False
    return weeks == [window, hours] or _opens(window, hours, now=now, days=_HORIZON) is not None


@lru_cache(maxsize=1_024)
def meet_weekly(*hours: SendingWindow) -> bool:
    """Whether all are open at once in some moment of every week, winter and summer."""
    return all(_opens_together(hours, begin) for begin in _WEEKS)


def _opens_together(hours: Sequence[SendingWindow], begin: datetime) -> bool:
    found: list[Stretch] = [(begin, begin + _EIGHT_DAYS)]
    for each in hours:
        stretches = list(_stretches(each, begin, _EIGHT_DAYS.days + 1))
        common = (
            (max(mine[0], other[0]), min(mine[1], other[1]))
            for mine in found
            for other in stretches
        )
        found = [(opens, closes) for opens, closes in common if opens < closes]
    return bool(found)


def off_until(
    window: SendingWindow | None, hours: SendingWindow | None, *, now: datetime
) -> datetime | None:
    """When both are open again, where but for a day off they would be sooner; else None."""
    opens = _opens(window, hours, now=now, days=_HORIZON)
    weeks = [_without_days_off(each) for each in (window, hours)]
    return opens if opens != _opens(*weeks, now=now, days=_HORIZON) else None


def _without_days_off(window: SendingWindow | None) -> SendingWindow | None:
    return window and replace(window, days_off=frozenset())


def _opens(
    window: SendingWindow | None, hours: SendingWindow | None, *, now: datetime, days: int
) -> datetime | None:
    """The first moment at which both are open, for as long as a pause from then on."""
    mine, theirs = _stretches(window, now, days), _stretches(hours, now, days)
    one, other = next(mine, None), next(theirs, None)
    while one is not None and other is not None:
        opens, closes = max(one[0], other[0], now), min(one[1], other[1])
        if closes - opens >= LONGEST_PAUSE:
            return opens
        if one[1] <= other[1]:
            one = next(mine, None)
        else:
            other = next(theirs, None)
    return None


def _stretches(window: SendingWindow | None, at: datetime, days: int) -> Iterator[Stretch]:
    """When it is open in the days from a moment on, in order."""
    if window is None:
        yield at, at + timedelta(days=days)
        return
    zone = ZoneInfo(window.time_zone)
    for offset in range(-1, days):
        day = at.astimezone(zone).date() + timedelta(days=offset)
        if day.isoweekday() in window.weekdays and day not in window.days_off:
            overnight = timedelta(days=1 if window.closes <= window.opens else 0)
            yield (
                datetime.combine(day, window.opens, zone).astimezone(UTC),
                datetime.combine(day + overnight, window.closes, zone).astimezone(UTC),
            )
