"""What has become of a sender's slots of a day, by what became of that day's release."""

from collections.abc import Mapping
from datetime import date

import pytest
from automation.decisions.decision import DecisionState
from automation.reports.records import LastRelease
from automation.selection.sender_day_repository import SenderDay
from outreach_worker.reports.records import day_slots

DAY = SenderDay(
    account_id="acct_1", day=date(2027, 3, 1), slots=9, used=5, unused={"plan": 3, "health": 1}
)


@pytest.mark.parametrize(
    ("release", "left_out", "begun", "used", "unused"),
    [
        (DecisionState.APPLIED, {}, 0, 5, {"plan": 3, "health": 1}),
        (
            DecisionState.APPLIED,
            {"plan": 1, "company_spacing": 2},
            0,
            2,
            {"plan": 4, "health": 1, "company_spacing": 2},
        ),
        (DecisionState.EXPIRED, {}, 0, 0, {"plan": 3, "health": 1, "release_expired": 5}),
        (DecisionState.REVERTED, {}, 2, 2, {"plan": 3, "health": 1, "release_reverted": 3}),
        (DecisionState.SUPERSEDED, {}, 5, 5, {"plan": 3, "health": 1}),
        (DecisionState.SUPERSEDED, {}, 6, 5, {"plan": 3, "health": 1}),
        (None, {}, 0, 0, {"plan": 3, "health": 1, "not_decided": 5}),
    ],
)
def test_every_slot_is_used_or_says_why_not(
    release: DecisionState | None,
    left_out: Mapping[str, int],
    begun: int,
    used: int,
    unused: dict[str, int],
) -> None:
    """Who was left out as the release took effect has used none; who began by it has."""
    last = None if release is None else LastRelease(decision_id="dec_1", state=release)
    told = day_slots(DAY, last, left_out, begun=begun)

    assert (told.used, told.unused) == (used, unused)
    assert told.used + sum(told.unused.values()) == told.slots
