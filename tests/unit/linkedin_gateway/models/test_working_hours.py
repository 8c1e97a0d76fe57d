"""When an account may act, on people's own clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models import WorkingHours
from linkedin_gateway.models.working_hours import ALWAYS, CommonHours

moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)
hours = st.builds(
    WorkingHours,
    time_zone=st.sampled_from(["UTC", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu"]),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    opens=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    closes=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
)


@given(hours, moments)
def test_opening_is_now_or_next(found: WorkingHours, at: datetime) -> None:
    """The opening told is not over yet, and none that is closes later but opens earlier."""
    opening = found.opening(at)

    assert opening is not None
    assert opening.closes_at > at
    assert opening.opens_at - at < timedelta(days=8)


@given(st.lists(hours, min_size=1, max_size=3), moments)
def test_schedule_is_open_when_all_are(found: list[WorkingHours], at: datetime) -> None:
    """A moment that is told as open lies within every one of the windows."""
    opens_at = CommonHours(*found).next_open(at)

    if opens_at is not None:
        for one in found:
            opening = one.opening(opens_at)
            assert opening is not None
            assert opening.opens_at <= opens_at


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T08:59+00:00", "2026-03-02T09:00+00:00"),
        ("2026-03-02T09:00+00:00", "2026-03-02T09:00+00:00"),
        ("2026-03-02T17:59+00:00", "2026-03-02T17:59+00:00"),
        ("2026-03-02T18:00+00:00", "2026-03-03T09:00+00:00"),
        ("2026-03-06T18:00+00:00", "2026-03-09T09:00+00:00"),
    ],
)
def test_weekdays_from_nine_to_six(at: str, expected: str) -> None:
    """Friday evening leads to Monday morning; closing time itself is closed."""
    opens_at = CommonHours(WorkingHours()).next_open(datetime.fromisoformat(at))

    assert opens_at == datetime.fromisoformat(expected)


def test_daylight_saving() -> None:
    """Nine o'clock is nine o'clock, on both sides of the change."""
    hours = CommonHours(WorkingHours(time_zone="Europe/Lisbon", weekdays=frozenset(range(1, 8))))

    winter = hours.next_open(datetime(2026, 3, 28, 0, tzinfo=UTC))
    summer = hours.next_open(datetime(2026, 3, 29, 0, tzinfo=UTC))

    assert winter == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert summer == datetime(2026, 3, 29, 8, tzinfo=UTC)


def test_past_midnight() -> None:
    """A window over midnight belongs to the day on which it opens."""
    friday_night = WorkingHours(weekdays=frozenset({5}), opens=time(22), closes=time(2))
    hours = CommonHours(friday_night)

    saturday = datetime(2026, 3, 7, 1, tzinfo=UTC)

    assert hours.next_open(saturday) == saturday
    assert hours.next_open(saturday.replace(hour=3)) == datetime(2026, 3, 13, 22, tzinfo=UTC)


def test_whole_day() -> None:
    """Opening and closing at the same time means all day."""
    monday = WorkingHours(weekdays=frozenset({1}), opens=time(0), closes=time(0))

    opening = monday.opening(datetime(2026, 3, 2, 13, tzinfo=UTC))

    assert opening is not None
    assert opening.closes_at - opening.opens_at == timedelta(days=1)


def test_late_start() -> None:
    """A late start shifts the beginning, not the rest, and spares short openings."""
    hours = CommonHours(WorkingHours(), late=lambda _: timedelta(minutes=10))
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    short = WorkingHours(opens=time(9), closes=time(9, 8))

    assert hours.next_open(nine) == nine + timedelta(minutes=10)
    assert hours.next_open(nine.replace(hour=12)) == nine.replace(hour=12)
    late = CommonHours(short, late=lambda _: timedelta(minutes=10)).next_open(nine)
    assert late == nine + timedelta(minutes=2)


def test_holidays_in_the_zone() -> None:
    """A day off is a day of the account's own zone."""
    zone = "Pacific/Auckland"
    found = WorkingHours(time_zone=zone, holidays=frozenset({date(2026, 3, 2)}))

    opens_at = CommonHours(found).next_open(datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert opens_at is not None
    assert opens_at.astimezone(ZoneInfo(zone)).date() == date(2026, 3, 3)


def test_windows_that_never_meet() -> None:
    """Weekdays and weekends never meet, which is found out and told."""
    weekend = WorkingHours(weekdays=frozenset({6, 7}))

    assert CommonHours(WorkingHours(), weekend).next_open(datetime(2026, 3, 2, tzinfo=UTC)) is None


@given(moments)
def test_always(at: datetime) -> None:
    """Always is always."""
    assert CommonHours(ALWAYS).next_open(at) == at
