"""Windows of the week, and days off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time

from outreach.common.v1 import sending_window_pb2
from servicekit.time_zones import is_time_zone

from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.models import WorkingHours
from linkedin_gateway.models.working_hours import WORKDAYS

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def window_message(hours: WorkingHours) -> sending_window_pb2.SendingWindow:
    return sending_window_pb2.SendingWindow(
        time_zone=hours.time_zone,
        weekdays=sorted(hours.weekdays),  # type: ignore[arg-type]
        opens=hours.opens.isoformat("minutes"),
        closes=hours.closes.isoformat("minutes"),
    )


def working_hours(
    window: sending_window_pb2.SendingWindow,
    field: str,
    wrong: Violations,
    *,
    holidays: frozenset[date] = frozenset(),
) -> WorkingHours:
    """A window of the week."""
    weekdays = frozenset(window.weekdays) or WORKDAYS
    if not weekdays <= set(range(1, 8)):
        wrong.add(f"{field}.weekdays", "holds a day that does not exist")
        weekdays = WORKDAYS
    return WorkingHours(
        time_zone=zone_of(window.time_zone, f"{field}.time_zone", wrong),
        weekdays=weekdays,
        opens=_time(window.opens, f"{field}.opens", wrong),
        closes=_time(window.closes, f"{field}.closes", wrong),
        holidays=holidays,
    )


def zone_of(zone: str, field: str, wrong: Violations) -> str:
    if not is_time_zone(zone):
        wrong.add(field, f"{zone!r} is not an IANA time zone")
        return "UTC"
    return zone


def _time(text: str, field: str, wrong: Violations) -> time:
    if _CLOCK_TIME.fullmatch(text) is None:
        wrong.add(field, "must be HH:MM on the 24-hour clock")
        return time(0)
    return time.fromisoformat(text)


def holidays_of(days: Iterable[str], field: str, wrong: Violations) -> frozenset[date]:
    """Days off."""
    found = set()
    for number, text in enumerate(days):
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            wrong.add(f"{field}[{number}]", "must be YYYY-MM-DD")
    return frozenset(found)
