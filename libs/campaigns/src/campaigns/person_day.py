"""Whether the hours of a campaign and an account can be kept at the person's, too. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import SendingWindow
from campaigns.sending_hours import meet_weekly

DAY_BEGINS, DAY_ENDS = time(8), time(20)
"""When a person may be written to, at their clock, where no window says more of it."""
_STEP = timedelta(minutes=15)
_WEEKS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
"""A week of winter and one of summer: zones change their clocks on different days."""


def kept_zone(zone: str, window: SendingWindow | None) -> str:
    """The person's zone, where the window's hours there meet those of the window itself.

    Elsewhere both would never be open at once and the person never be written to: the window is
    the customer's word, so it counts alone, and no zone is named.
    """
    return zone if not zone or window is None or _meets(window, zone) else ""


def keeps_day(zone: str, window: SendingWindow | None, hours: SendingWindow | None) -> bool:
    """Whether the person's day in that zone is kept: by the window, and by an account's hours.

    `hours` are None where nobody knows them. The gateway decides by the same rule when it sends.
    """
    if not kept_zone(zone, window):
        return False
    if hours is None:
        return True
    here = replace(hours, days_off=frozenset())
    if window is None:
        return meet_weekly(
            here,
            SendingWindow(
                time_zone=zone, weekdays=here.weekdays, opens=DAY_BEGINS, closes=DAY_ENDS
            ),
        )
    window = replace(window, days_off=frozenset())
    day = replace(window, time_zone=zone)
    return meet_weekly(here, window, day) or not meet_weekly(window, day)


@lru_cache(maxsize=1_024)
def _meets(window: SendingWindow, zone: str) -> bool:
    return all(
        any(
            _is_open(window, at, window.time_zone) and _is_open(window, at, zone)
            for at in (begin + _STEP * step for step in range(7 * 24 * 4))
        )
        for begin in _WEEKS
    )


def _is_open(window: SendingWindow, at: datetime, zone: str) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    clock, day = local.time(), local.isoweekday()
    if window.opens < window.closes:
        return day in window.weekdays and window.opens <= clock < window.closes
    before = (day - 2) % 7 + 1
    return (day in window.weekdays and clock >= window.opens) or (
        before in window.weekdays and clock < window.closes
    )
