"""Whether anything can ever go is known before anything is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from campaigns.models import SendingWindow
from campaigns.sending_hours import LONGEST_PAUSE, can_send, too_short
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


def as_the_gateway_has_it(window: SendingWindow) -> WorkingHours:
    return WorkingHours(
        time_zone=window.time_zone,
        weekdays=frozenset(window.weekdays),
        opens=window.opens,
        closes=window.closes,
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
