"""Whether a campaign's sending window can be kept at the person's, too. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import SendingWindow

_STEP = timedelta(minutes=15)
_WEEKS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
"""A week of winter and one of summer: zones change their clocks on different days."""


def kept_zone(zone: str, window: SendingWindow | None) -> str:
    """The person's zone, where the window's hours there meet those of the window itself.

    Elsewhere both would never be open at once and the person never be written to: the window is
    the customer's word, so it counts alone, and no zone is named.
    """
    return zone if not zone or window is None or _meets(window, zone) else ""


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
