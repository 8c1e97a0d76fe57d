"""Whether anything can ever go is known before anything is asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from campaigns.models import SendingWindow
from campaigns.sending_hours import LONGEST_PAUSE, can_send, off_until, too_short
from hypothesis import assume, given
from hypothesis import strategies as st
from linkedin_gateway.models.working_hours import CommonHours, WorkingHours

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFICE = SendingWindow(time_zone="Europe/Lisbon")

zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Denver", "Asia/Tokyo"])
times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
windows = st.builds(
    SendingWindow,
    time_zone=zones,
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple),
    opens=times,
    closes=times,
)


off = st.sets(st.integers(0, 420).map(lambda day: NOW.date() + timedelta(days=day)), max_size=9)
"""Days off here and there; `test_a_year_of_days_off` has them all."""


def as_the_gateway_has_it(window: SendingWindow) -> WorkingHours:
    return WorkingHours(
        time_zone=window.time_zone,
        weekdays=frozenset(window.weekdays),
        opens=window.opens,
        closes=window.closes,
        holidays=window.days_off,
    )


@pytest.mark.parametrize(
    ("window", "meets"),
    [
        (OFFICE, True),
        (replace(OFFICE, weekdays=(6, 7)), False),
        (replace(OFFICE, opens=time(18), closes=time(23)), False),
        (replace(OFFICE, opens=time(17, 58), closes=time(23)), False),
        (replace(OFFICE, opens=time(17, 57), closes=time(23)), True),
        (replace(OFFICE, opens=time(22), closes=time(6)), False),
        (replace(OFFICE, opens=time(22), closes=time(10)), True),
        (SendingWindow(time_zone="Pacific/Auckland"), False),
    ],
)
def test_a_window_and_an_accounts_hours(window: SendingWindow, *, meets: bool) -> None:
    """They must be open together, for as long as a pause lasts."""
    assert can_send(window, OFFICE, now=NOW) == meets
    assert can_send(OFFICE, window, now=NOW) == meets


def test_what_is_not_told_is_open() -> None:
    """A campaign without a window keeps to the account's hours, which are there."""
    assert can_send(None, OFFICE, now=NOW)
    assert can_send(None, None, now=NOW)


@pytest.mark.parametrize(("minutes", "short"), [(1, True), (2, True), (3, False), (9, False)])
def test_a_window_shorter_than_a_pause(minutes: int, *, short: bool) -> None:
    """It is over before its turn is taken."""
    closes = (datetime.combine(NOW, time(9)) + timedelta(minutes=minutes)).time()

    assert too_short(replace(OFFICE, opens=time(9), closes=closes)) == short


@given(windows, windows)
def test_the_gateway_agrees(window: SendingWindow, hours: SendingWindow) -> None:
    """Where this says that nothing can go, the gateway finds no moment; else it finds one."""
    common = CommonHours(as_the_gateway_has_it(window), as_the_gateway_has_it(hours))
    opens = [common.next_open(NOW + timedelta(days=182) * half) for half in (0, 1)]
    assume(len({each is None for each in opens}) == 1)

    assert can_send(window, hours, now=NOW) == (opens[0] is not None)
    assert timedelta(minutes=15) > LONGEST_PAUSE


def days_off(first: date, days: int) -> frozenset[date]:
    return frozenset(first + timedelta(days=day) for day in range(days))


def test_a_year_of_days_off_is_never() -> None:
    """Hours whose every day is off were told as if they opened."""
    gone = replace(OFFICE, days_off=days_off(NOW.date() - timedelta(days=1), 420))

    assert not can_send(None, gone, now=NOW)
    assert not can_send(replace(OFFICE, opens=time(8)), gone, now=NOW)
    assert off_until(None, gone, now=NOW) is None


def test_days_off_that_leave_something_end() -> None:
    """A holiday of weeks is told with the moment at which both are open again."""
    away = replace(OFFICE, days_off=days_off(NOW.date(), 30))
    window = replace(OFFICE, weekdays=(4,), opens=time(15))

    assert can_send(window, away, now=NOW)
    assert off_until(None, away, now=NOW) == datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert off_until(window, away, now=NOW) == datetime(2026, 4, 2, 14, tzinfo=UTC)


def test_a_day_off_that_is_in_nobodys_way_is_not_told() -> None:
    """Next week's holiday keeps nothing from going now, nor one on a day that is closed anyway."""
    friday = NOW.date() + timedelta(days=4)
    saturday_night = datetime(2026, 3, 7, 22, tzinfo=UTC)

    assert off_until(None, replace(OFFICE, days_off=days_off(friday, 9)), now=NOW) is None
    assert (
        off_until(None, replace(OFFICE, days_off=days_off(friday, 3)), now=saturday_night) is None
    )


@given(windows, windows, off)
def test_the_gateway_agrees_about_days_off(
    window: SendingWindow, hours: SendingWindow, days: set[date]
) -> None:
    """What is told as the end of the days off is the moment at which the gateway opens."""
    hours = replace(hours, days_off=frozenset(days))
    common = CommonHours(as_the_gateway_has_it(window), as_the_gateway_has_it(hours))
    until = off_until(window, hours, now=NOW)

    assert until is None or until == common.next_open(NOW)
    if until is not None:
        assert can_send(window, hours, now=NOW)
