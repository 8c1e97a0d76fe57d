"""Windows of the week, and days off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from outreach.common.v1 import sending_window_pb2
from servicekit.time_zones import is_time_zone

from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.models import WorkingHours
from linkedin_gateway.models.working_hours import WORKDAYS


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
    return WorkingHours(
        time_zone=zone_of(window.time_zone, f"{field}.time_zone", wrong),
        weekdays=frozenset(window.weekdays) or WORKDAYS,
        opens=_time_of(window.opens),
        closes=_time_of(window.closes),
        holidays=holidays,
    )


def _time_of(said: str) -> time:
    """A time of the day; what is none is refused by its rule, beside what else is wrong."""
    try:
        return time.fromisoformat(said)
    except ValueError:
        return time.min


def zone_of(zone: str, field: str, wrong: Violations) -> str:
    if not is_time_zone(zone):
        wrong.add(field, f"{zone!r} is not an IANA time zone")
        return "UTC"
    return zone


def holidays_of(days: Iterable[str], field: str, wrong: Violations) -> frozenset[date]:
    """Days off."""
    found = set()
    for number, text in enumerate(days):
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            wrong.add(f"{field}[{number}]", "is no day of the calendar")
    return frozenset(found)
