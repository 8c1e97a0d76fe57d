"""Whose day a campaign's window can be kept in."""

from __future__ import annotations

from datetime import time

import pytest
from campaigns.models import SendingWindow
from campaigns.person_day import kept_zone
from hypothesis import given
from hypothesis import strategies as st

ZONES = ("Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo", "America/New_York", "Etc/UTC")


@pytest.mark.parametrize(
    ("zone", "kept"),
    [
        ("Europe/Berlin", True),
        ("Europe/Lisbon", True),
        ("America/New_York", True),
        ("America/Los_Angeles", False),
        ("Asia/Tokyo", True),
        ("Pacific/Auckland", False),
    ],
)
def test_office_hours_of_berlin(zone: str, kept: bool) -> None:  # noqa: FBT001
    """Nine to six in Berlin meets nine to six elsewhere, or never: then it counts alone."""
    window = SendingWindow(time_zone="Europe/Berlin")

    assert kept_zone(zone, window) == (zone if kept else "")


def test_without_a_window_or_a_zone() -> None:
    """Nothing stands against a zone where there is no window; nobody's zone is nobody's."""
    assert kept_zone("Asia/Tokyo", None) == "Asia/Tokyo"
    assert kept_zone("", SendingWindow(time_zone="Asia/Tokyo")) == ""


@given(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.sets(st.integers(1, 7), min_size=1),
)
def test_the_whole_day_meets_every_day(
    here: str, there: str, opens: time, weekdays: set[int]
) -> None:
    """A window that lasts all day on all days can be kept anywhere, and one always at home."""
    every_day = SendingWindow(
        time_zone=here, weekdays=tuple(range(1, 8)), opens=opens, closes=opens
    )
    some = SendingWindow(time_zone=here, weekdays=tuple(weekdays), opens=opens, closes=opens)

    assert kept_zone(there, every_day) == there
    assert kept_zone(here, some) == here
