"""An import and the gateway agree whose clock is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from campaigns import person_day
from campaigns.models import SendingWindow
from campaigns.person_day import keeps_day, kept_zone
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models.working_hours import WorkingHours
from linkedin_gateway.pace import schedules
from linkedin_gateway.pace.schedules import asked_hours

from tests.contracts.ledger import ACCOUNT, asked

ZONES = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
windows = st.builds(
    SendingWindow,
    time_zone=st.sampled_from(ZONES),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    opens=clocks,
    closes=clocks,
)


def of_gateway(window: SendingWindow) -> WorkingHours:
    return WorkingHours(
        time_zone=window.time_zone,
        weekdays=frozenset(window.weekdays),
        opens=window.opens,
        closes=window.closes,
    )


@given(st.sampled_from(ZONES), st.none() | windows, windows)
def test_what_is_foreseen_is_what_is_done(
    zone: str, window: SendingWindow | None, hours: SendingWindow
) -> None:
    """Foreseen is the day that the gateway keeps to, asked as the worker asks it."""
    request = asked(
        1,
        person_time_zone=kept_zone(zone, window),
        sending_window=None if window is None else of_gateway(window),
    )
    account = replace(ACCOUNT, working_hours=of_gateway(hours))

    kept = "the person's day" in asked_hours(request, account)

    assert keeps_day(zone, window, hours) == kept


def test_a_persons_day_is_one_day() -> None:
    """Without a window both know it from and to the same hours."""
    assert (person_day.DAY_BEGINS, person_day.DAY_ENDS) == (
        schedules.DAY_BEGINS,
        schedules.DAY_ENDS,
    )
