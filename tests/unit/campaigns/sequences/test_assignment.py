"""Which share a lead belongs to."""

from __future__ import annotations

from collections import Counter

import pytest
from campaigns.sequences.assignment import assigned
from hypothesis import given
from hypothesis import strategies as st

LEADS = [f"lead_{number}" for number in range(5_000)]
shares = st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any)


@given(shares, st.text(), st.text())
def test_a_lead_belongs_to_one_share_that_exists(
    wanted: list[int], step_id: str, lead_id: str
) -> None:
    """Always the same one, and never one of nothing."""
    first = assigned(wanted, step_id=step_id, lead_id=lead_id)

    assert wanted[first] > 0
    assert assigned(wanted, step_id=step_id, lead_id=lead_id) == first


def test_shares_are_kept() -> None:
    """Of 5,000 leads, each way goes its percentage within two points (five standard errors)."""
    counted = Counter(assigned([70, 20, 10], step_id="split", lead_id=each) for each in LEADS)

    assert [round(counted[i] / len(LEADS), 2) for i in range(3)] == pytest.approx(
        [0.7, 0.2, 0.1], abs=0.02
    )


def test_a_moved_share_moves_no_more_leads_than_it_must() -> None:
    """From 50 to 60 percent, one lead in ten goes another way, and none goes back."""
    before = [assigned([50, 50], step_id="split", lead_id=each) for each in LEADS]
    after = [assigned([60, 40], step_id="split", lead_id=each) for each in LEADS]

    moved = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert set(moved) == {(1, 0)}
    assert len(moved) / len(LEADS) == pytest.approx(0.1, abs=0.02)


def test_two_steps_part_leads_independently() -> None:
    """Who went one way at the first split is spread over both ways of the second."""
    both = Counter(
        (
            assigned([1, 1], step_id="one", lead_id=each),
            assigned([1, 1], step_id="two", lead_id=each),
        )
        for each in LEADS
    )

    assert all(count / len(LEADS) == pytest.approx(0.25, abs=0.03) for count in both.values())
    assert len(both) == 4


@pytest.mark.parametrize("wanted", [[], [0, 0], [3, -1]])
def test_shares_that_make_no_sense(wanted: list[int]) -> None:
    """Nobody can belong to nothing."""
    with pytest.raises(ValueError, match="share of nothing"):
        assigned(wanted, step_id="split", lead_id="lead_1")
