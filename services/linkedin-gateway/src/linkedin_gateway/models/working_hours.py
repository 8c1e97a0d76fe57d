"""When an account may act: the part of the week, in a zone, without the days off. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WORKDAYS = frozenset({1, 2, 3, 4, 5})
_DAY = timedelta(days=1)
_HORIZON = 400
"""Days ahead that are searched; a window that does not open within them never opens."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A stretch of time in which one may act; `closes_at` is not part of it."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """Opens and closes on the wall clock of its zone; daylight saving moves it with the people.

    `closes` earlier than `opens` means past midnight: the window belongs to the day on
    which it opens. Equal means the whole day.
    """

    time_zone: str = "UTC"
    weekdays: frozenset[int] = WORKDAYS
    """Of ISO 8601: Monday is 1."""
    opens: time = time(9)
    closes: time = time(18)
    holidays: frozenset[date] = frozenset()

    def opening(self, at: datetime) -> Opening | None:
        """The stretch that `at` lies in, or the next one."""
        zone = ZoneInfo(self.time_zone)
        day = at.astimezone(zone).date() - _DAY
        for _ in range(_HORIZON):
            if day.isoweekday() in self.weekdays and day not in self.holidays:
                opening = self._opening_on(day, zone)
                if opening.closes_at > at:
                    return opening
            day += _DAY
        return None

    def _opening_on(self, day: date, zone: ZoneInfo) -> Opening:
        past_midnight = self.closes <= self.opens
        opens = datetime.combine(day, self.opens, zone)
        closes = datetime.combine(day + _DAY if past_midnight else day, self.closes, zone)
        return Opening(opens_at=opens.astimezone(UTC), closes_at=closes.astimezone(UTC))


_ALL_TIME = Opening(
    opens_at=datetime.min.replace(tzinfo=UTC), closes_at=datetime.max.replace(tzinfo=UTC)
)
ALWAYS = WorkingHours(weekdays=frozenset(range(1, 8)), opens=time(0), closes=time(0))


Late = Callable[[datetime], timedelta]


class CommonHours:
    """The hours that several working hours have in common: open when all of them are.

    `late` says how much after an opening people really begin; it never takes more than a
    quarter of the opening. The last stretch found is remembered: slots are asked for in order.
    """

    def __init__(self, *hours: WorkingHours, late: Late = lambda _: timedelta(0)) -> None:
        self._hours: Sequence[WorkingHours] = [one for one in hours if one != ALWAYS]
        self._late = late
        self._last: Opening | None = None

    def next_open(self, at: datetime) -> datetime | None:
        """`at` if it is open then, else when it opens next; None if it never does."""
        if not self._hours:
            return at
        opening = self.opening(at)
        return None if opening is None else max(at, opening.opens_at)

    def opening(self, at: datetime) -> Opening | None:
        """The stretch that `at` lies in, or the next one; None if there is none."""
        if not self._hours:
            return _ALL_TIME
        if self._last is None or not self._last.opens_at <= at < self._last.closes_at:
            self._last = self._find(at)
        return self._last

    def days_off(self, after: datetime, until: datetime) -> int:
        """On about how many days between somebody is off who worked on them else."""
        first, last = after.date(), until.date()
        return len(
            {
                day
                for hours in self._hours
                for day in hours.holidays
                if first < day <= last and day.isoweekday() in hours.weekdays
            }
        )

    def _find(self, at: datetime) -> Opening | None:
        for _ in range(_HORIZON):
            openings = [opening for hours in self._hours if (opening := hours.opening(at))]
            if len(openings) < len(self._hours):
                return None
            opens_at = max(opening.opens_at for opening in openings)
            closes_at = min(opening.closes_at for opening in openings)
            if opens_at < closes_at:
                late = min(self._late(opens_at), (closes_at - opens_at) / 4)
                return Opening(opens_at=opens_at + late, closes_at=closes_at)
            at = opens_at
        return None
