"""What hours a write keeps to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from linkedin_gateway.models.working_hours import CommonHours, WorkingHours
from linkedin_gateway.pace.schedules import asked_hours
from servicekit.time_zones import is_time_zone

from tests.contracts.ledger import ACCOUNT, asked

BERLIN = replace(ACCOUNT, working_hours=WorkingHours(time_zone="Europe/Berlin"))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


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
