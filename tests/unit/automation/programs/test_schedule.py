"""automation.programs.schedule: times of day, and days on which they do not exist."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from automation.programs.schedule import (
    EVERY_DAY,
    Hole,
    Timetable,
    days_since_due,
    exists,
    hole_of,
    last_due,
    minute_of,
    next_due,
    time_text,
)
from hypothesis import given
from hypothesis import strategies as st

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def berlin(minute: int, *, weekdays: frozenset[int] = EVERY_DAY) -> Timetable:
    return Timetable(time_zone=BERLIN, daily_minute=minute, weekdays=weekdays, review_weekday=None)


def test_a_time_that_a_change_of_clocks_leaves_out_is_told_with_its_day() -> None:
    """Temporal runs it on that day not at all, and says nothing."""
    assert hole_of(berlin(150), now=NOW) == Hole(day=date(2027, 3, 28), minute=150)


def test_a_time_that_comes_twice_is_no_hole() -> None:
    """In autumn the hour is there, and runs once."""
    assert exists(ZoneInfo(BERLIN), date(2027, 10, 31), 150)


def test_of_the_weekdays_only_those_asked_for_count() -> None:
    """Clocks are put forward on Sundays."""
    assert hole_of(berlin(150, weekdays=frozenset({1, 2, 3, 4, 5})), now=NOW) is None


def test_the_weekly_time_is_looked_at_too() -> None:
    """A review that is due in the hole would not be held."""
    times = Timetable(time_zone=BERLIN, review_weekday=7, review_minute=130)

    assert hole_of(times, now=NOW) == Hole(day=date(2027, 3, 28), minute=130)


@pytest.mark.parametrize("zone", ["America/Santiago", "Africa/Cairo", "America/Havana"])
def test_zones_whose_day_begins_later_once_a_year(zone: str) -> None:
    """There midnight is what does not exist."""
    times = Timetable(time_zone=zone, daily_minute=0, review_weekday=None)

    assert hole_of(times, now=NOW) is not None


@given(st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]))
def test_the_default_exists_on_every_day(zone: str) -> None:
    """At six no clock is changed."""
    assert hole_of(Timetable(time_zone=zone), now=NOW) is None


@given(st.integers(0, 24 * 60 - 1))
def test_a_time_of_day_is_told_as_it_was_asked_for(minute: int) -> None:
    """Hours and minutes, two digits each."""
    assert minute_of(time_text(minute)) == minute


@pytest.mark.parametrize(
    "text", ["", "6:00", "24:00", "06:60", "0600", "06:00:00", "\u0660\u0666:00", "-1:00"]
)
def test_nothing_else_is_a_time_of_day(text: str) -> None:
    """A misspelt one is refused, not rounded."""
    with pytest.raises(ValueError, match=r"."):
        minute_of(text)


@given(st.integers(0, 730 * 24 * 60), st.integers(0, 1439))
def test_what_was_due_last_is_past_and_less_than_two_days_ago(later: int, minute: int) -> None:
    """Of a program of every day; the day of a hole is passed over."""
    now = NOW + timedelta(minutes=later)

    due = last_due(berlin(minute), now=now)

    assert due is not None
    assert timedelta() <= now - due <= timedelta(days=2, hours=1)
    local = due.astimezone(ZoneInfo(BERLIN))
    assert local.hour * 60 + local.minute == minute


def test_what_was_due_last_keeps_to_the_weekdays() -> None:
    """On a Sunday it is Friday's that was the last."""
    sunday = datetime(2026, 11, 29, 12, tzinfo=UTC)

    due = last_due(berlin(360, weekdays=frozenset({1, 2, 3, 4, 5})), now=sunday)

    assert due == datetime(2026, 11, 27, 5, tzinfo=UTC)


def test_the_next_run_is_on_the_next_day_that_runs() -> None:
    """Later today, else on the next of its weekdays; never on a day that has no such time."""
    monday = datetime(2026, 11, 30, 4, tzinfo=UTC)

    assert next_due(berlin(360), now=monday) == datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert next_due(berlin(360), now=NOW) == datetime(2026, 12, 1, 5, tzinfo=UTC)
    fridays = berlin(360, weekdays=frozenset({5}))
    assert next_due(fridays, now=NOW) == datetime(2026, 12, 4, 5, tzinfo=UTC)
    before_the_hole = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert next_due(berlin(150), now=before_the_hole) == datetime(2027, 3, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekdays", "until", "days"),
    [
        ({1, 2, 3, 4, 5}, date(2027, 3, 28), 3),
        ({1, 2, 3, 4, 5}, date(2027, 3, 27), 2),
        ({1, 2, 3, 4, 5}, date(2027, 3, 26), 1),
        ({1, 2, 3, 4, 5}, date(2027, 3, 29), 1),
        ({3}, date(2027, 3, 30), 7),
        ({3}, date(2027, 3, 31), 1),
        (EVERY_DAY, date(2027, 3, 28), 1),
    ],
)
def test_a_daily_report_leaves_no_day_out(weekdays: set[int], until: date, days: int) -> None:
    """From the day of the last run on: a Monday's is of Friday, Saturday and Sunday."""
    timetable = Timetable(time_zone="UTC", weekdays=frozenset(weekdays))

    assert days_since_due(timetable, until=until) == days
