"""When a program runs: times of day in a zone, and what clocks that are put forward do to them.

Pure. A time of day that a change of clocks leaves out on one day of the year would silently not
run on it, so such a time is refused, with the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY = 1
"""Days of the week from 1, a Monday, to 7, as ISO 8601 counts them."""
EVERY_DAY = frozenset(range(1, 8))
DEFAULT_MINUTE = 6 * 60
"""Six in the morning: no zone's clocks are changed then."""
_LOOKED_AHEAD = timedelta(days=800)
"""Two years and a bit: zones change their clocks once a year, or not."""
_MINUTES, _WEEK_DAYS = 60, 7
LOOKED_BACK = timedelta(days=15)
"""So far back a run is looked for that was due."""
_NEXT_WITHIN = timedelta(days=15)


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When the daily run and the weekly review are due, in a zone."""

    time_zone: str
    daily_minute: int = DEFAULT_MINUTE
    """Minutes after midnight."""
    weekdays: frozenset[int] = EVERY_DAY
    """On which it runs, from 1, a Monday."""
    review_weekday: int | None = MONDAY
    """When the week is looked at; None: never."""
    review_minute: int = DEFAULT_MINUTE

    def day_of(self, moment: datetime) -> date:
        """The day in the zone."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def day_begins_at(self, day: date) -> datetime:
        """Midnight in the zone."""
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A day on which a time of day does not exist."""

    day: date
    minute: int


def hole_of(timetable: Timetable, *, now: datetime) -> Hole | None:
    """The first day ahead on which one of the times would not exist, or None."""
    found = [
        hole
        for days, minute in _asked(timetable)
        if (hole := _first_hole(timetable.time_zone, days, minute, now)) is not None
    ]
    return min(found, key=lambda hole: hole.day, default=None)


def _asked(timetable: Timetable) -> list[tuple[frozenset[int], int]]:
    times = [(timetable.weekdays, timetable.daily_minute)]
    if timetable.review_weekday is not None:
        times.append((frozenset({timetable.review_weekday}), timetable.review_minute))
    return times


def _first_hole(zone_name: str, days: frozenset[int], minute: int, now: datetime) -> Hole | None:
    zone = ZoneInfo(zone_name)
    day = now.astimezone(zone).date()
    last = day + _LOOKED_AHEAD
    while day <= last:
        if day.isoweekday() in days and not exists(zone, day, minute):
            return Hole(day=day, minute=minute)
        day += timedelta(days=1)
    return None


def days_since_due(timetable: Timetable, *, until: date) -> int:
    """How many days a daily run after `until` is about: those from the last one's own day on."""
    days = range(1, _WEEK_DAYS + 1)
    before = ((until - timedelta(days=back - 1)).isoweekday() for back in days)
    return next(
        (back for back, day in zip(days, before, strict=True) if day in timetable.weekdays), 1
    )


def last_due(timetable: Timetable, *, now: datetime) -> datetime | None:
    """When the daily run was due the last time, in the last two weeks."""
    zone = ZoneInfo(timetable.time_zone)
    today = now.astimezone(zone).date()
    for back in range(LOOKED_BACK.days):
        day = today - timedelta(days=back)
        at = datetime.combine(day, clock_time(timetable.daily_minute), tzinfo=zone)
        is_there = exists(zone, day, timetable.daily_minute)
        if day.isoweekday() in timetable.weekdays and is_there and at <= now:
            return at.astimezone(UTC)
    return None


def next_due(timetable: Timetable, *, now: datetime) -> datetime | None:
    """When the daily run is due next, in the coming two weeks."""
    zone = ZoneInfo(timetable.time_zone)
    today = now.astimezone(zone).date()
    for ahead in range(_NEXT_WITHIN.days):
        day = today + timedelta(days=ahead)
        at = datetime.combine(day, clock_time(timetable.daily_minute), tzinfo=zone)
        is_there = exists(zone, day, timetable.daily_minute)
        if day.isoweekday() in timetable.weekdays and is_there and at > now:
            return at.astimezone(UTC)
    return None


def past_days(timetable: Timetable, *, days: int, now: datetime) -> list[datetime]:
    """When the daily run was due on so many days before this one, the oldest first."""
    zone, minute = ZoneInfo(timetable.time_zone), timetable.daily_minute
    today = now.astimezone(zone).date()
    before = [today - timedelta(days=back) for back in range(days, 0, -1)]
    return [
        datetime.combine(day, clock_time(minute), tzinfo=zone).astimezone(UTC)
        for day in before
        if day.isoweekday() in timetable.weekdays and exists(zone, day, minute)
    ]


def exists(zone: ZoneInfo, day: date, minute: int) -> bool:
    """Whether clocks of the zone show this time on this day."""
    local = datetime.combine(day, clock_time(minute), tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


def clock_time(minute: int) -> time:
    """Minutes after midnight as a time of day."""
    return time(*divmod(minute, _MINUTES))


def minute_of(text: str) -> int:
    """Minutes after midnight of `06:00`; raises `ValueError` for anything else."""
    hours, _, minutes = text.partition(":")
    if not (len(hours) == len(minutes) == 2 and (hours + minutes).isascii()):  # noqa: PLR2004 - digits
        raise ValueError(f"not a time of day: {text!r}")
    found = time(int(hours), int(minutes))
    return found.hour * _MINUTES + found.minute


def time_text(minute: int) -> str:
    """`06:00`."""
    return clock_time(minute).strftime("%H:%M")
