"""What hours a write keeps to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linkedin_gateway.models.working_hours import CommonHours, WorkingHours
from linkedin_gateway.pace.schedules import asked_hours
from servicekit.time_zones import is_time_zone

from tests.contracts.ledger import ACCOUNT, asked

BERLIN = replace(ACCOUNT, working_hours=WorkingHours(time_zone="Europe/Berlin"))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SUMMER = datetime(2026, 7, 6, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "America/Sao_Paulo"])
def test_nobody_is_written_to_at_night(zone: str) -> None:
    """Without a window the person's day is from 8 to 20 o'clock at their clock."""
    hours = asked_hours(asked(1, person_time_zone=zone), BERLIN)

    opens = CommonHours(*hours.values()).next_open(MONDAY)

    assert is_time_zone(zone)
    assert opens is not None
    assert hours["the person's day"].opening(opens) is not None
    assert (hours["the person's day"].opens, hours["the person's day"].closes) == (
        time(8),
        time(20),
    )


def test_who_is_awake_when_nobody_works() -> None:
    """Where the person's day never meets the account's hours these count alone, not nothing."""
    new_york = replace(
        ACCOUNT,
        working_hours=WorkingHours(time_zone="America/New_York", opens=time(10), closes=time(17)),
    )

    hours = asked_hours(asked(1, person_time_zone="Asia/Tokyo"), new_york)

    assert list(hours) == ["the account's working hours"]


def test_the_window_is_the_customers_word() -> None:
    """A campaign's window is kept at the person's as it is, whatever that leaves."""
    window = WorkingHours(time_zone="Europe/Berlin", opens=time(9), closes=time(11))

    hours = asked_hours(asked(1, person_time_zone="Asia/Tokyo", sending_window=window), BERLIN)

    assert hours["the person's day"] == replace(window, time_zone="Asia/Tokyo")


ZONES = [
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Tokyo",
]
day = st.builds(
    lambda zone, opens, length: WorkingHours(
        time_zone=zone, opens=time(opens), closes=time(opens + length)
    ),
    st.sampled_from(ZONES),
    st.integers(0, 15),
    st.integers(1, 8),
)


@given(day, st.none() | day, st.sampled_from(ZONES))
@example(
    WorkingHours(time_zone="UTC", opens=time(9), closes=time(18)),
    WorkingHours(time_zone="America/Los_Angeles", opens=time(9), closes=time(17)),
    "Pacific/Honolulu",
)
@example(
    WorkingHours(time_zone="Pacific/Honolulu", opens=time(0), closes=time(1)),
    WorkingHours(time_zone="America/New_York", opens=time(1), closes=time(7)),
    "Pacific/Honolulu",
)
def test_nobody_is_never_written_to_for_where_they_live(
    here: WorkingHours, window: WorkingHours | None, zone: str
) -> None:
    """Where a campaign can send, and its window be kept at the person's all year, they are met."""
    account = replace(ACCOUNT, working_hours=here)
    there = () if window is None else (window, replace(window, time_zone=zone))
    can_send = CommonHours(here, *there[:1]).next_open(MONDAY) is not None
    can_keep = all(_soon(CommonHours(*there), at) for at in (MONDAY, SUMMER))

    hours = asked_hours(asked(1, person_time_zone=zone, sending_window=window), account)

    if can_send and can_keep:
        assert CommonHours(*hours.values()).next_open(MONDAY) is not None


def _soon(hours: CommonHours, at: datetime) -> bool:
    opens = hours.next_open(at)
    return opens is not None and opens - at < timedelta(days=8)
