"""Forecasts: what the caps and hours leave for each day."""

from datetime import UTC, date, datetime, timedelta

from linkedin_gateway.models import Cap, Kind, WorkingHours
from linkedin_gateway.models.working_hours import CommonHours
from linkedin_gateway.pace.forecast import UNBOUNDED, capacity, days_ahead
from linkedin_gateway.pace.slots import Schedule, Window

FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)
DAILY = Cap(kind=Kind.INVITATION, per=timedelta(days=1), actions=3)


def test_capacity_keeps_caps_and_hours() -> None:
    """Two of three are used today; nothing goes on a weekend; a day has no more than its cap."""
    ended = [FRIDAY - timedelta(hours=2), FRIDAY - timedelta(hours=1)]
    schedule = Schedule(
        windows=[Window(cap=DAILY, ended=ended)],
        hours=CommonHours(WorkingHours()),
        gap=timedelta(minutes=2),
    )

    slots = capacity(schedule, now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=5)

    assert slots == {date(2026, 3, 6): 1, date(2026, 3, 9): 3, date(2026, 3, 10): 3}


def test_days_are_those_of_the_zone() -> None:
    """Late on Friday in UTC it is Saturday in Tokyo."""
    late = FRIDAY.replace(hour=20)

    assert days_ahead(late, "Asia/Tokyo", 2) == [date(2026, 3, 7), date(2026, 3, 8)]


def test_hours_that_never_open_hold_nothing() -> None:
    """The forecast ends although the slots would not."""
    weekend = WorkingHours(weekdays=frozenset({6, 7}))
    schedule = Schedule(hours=CommonHours(WorkingHours(), weekend), gap=timedelta(minutes=2))

    assert not capacity(schedule, now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=7)


def test_a_forecast_of_open_caps_ends() -> None:
    """Nothing bounds a day, and it says so; it once counted slots until the memory was full."""
    slots = capacity(Schedule(), now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=2)

    assert slots == {date(2026, 3, 6): UNBOUNDED, date(2026, 3, 7): UNBOUNDED}
