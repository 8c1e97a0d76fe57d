"""What came of whom: everybody in one cohort, and only those judged who had their time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from automation.outcomes.cohorts import (
    MATURE_AFTER,
    by_sender,
    by_variant,
    cohort,
    cohorts_by,
    week_of,
)
from automation.outcomes.intervals import share
from campaigns.repositories.outcomes.outcome import Outcome
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)


def outcome(sent: float, accepted: float | None = None, **rest: object) -> Outcome:
    """Somebody who was invited some days after a Monday's noon, and accepted so many days later."""
    sent_at = NOON + sent * DAY
    found = {
        "lead_id": "lead_1",
        "step_id": "invite",
        "variant": "a",
        "account_id": "acct_1",
        "sent_at": sent_at,
        "accepted_at": None if accepted is None else sent_at + accepted * DAY,
    }
    return Outcome(**(found | rest))  # type: ignore[arg-type]


outcomes = st.lists(
    st.builds(
        outcome,
        st.floats(0, 60),
        st.none() | st.floats(0, 40),
        variant=st.sampled_from("ab"),
        account_id=st.sampled_from(["acct_1", "acct_2"]),
        opted_out=st.booleans(),
    ),
    max_size=40,
)


def test_who_has_not_had_their_time_is_not_judged() -> None:
    """Sent to three, one of them yesterday; an acceptance after its time is none."""
    found = cohort(
        [outcome(0, 1), outcome(0, 15), outcome(14)], now=NOON + 15 * DAY, within=14 * DAY
    )

    assert (found.sent, found.matured, found.is_mature) == (3, 2, False)
    assert (found.accepted.count, found.accepted.rate) == (1, 0.5)


@given(outcomes, st.floats(0, 80))
def test_everybody_is_in_one_cohort(people: list[Outcome], after: float) -> None:
    """However they are grouped, the cohorts add up to the whole."""
    now = NOON + after * DAY
    whole = cohort(people, now=now)

    for key in (by_variant, by_sender, week_of(UTC)):
        parts = cohorts_by(key, people, now=now).values()
        assert sum(part.sent for part in parts) == whole.sent
        assert sum(part.matured for part in parts) == whole.matured
        assert sum(part.accepted.count for part in parts) == whole.accepted.count
        assert sum(part.opted_out.count for part in parts) == whole.opted_out.count


@given(outcomes, st.floats(0, 30), st.floats(0, 30))
def test_what_is_judged_stays(people: list[Outcome], after: float, later: float) -> None:
    """A cohort that has had its time is the same whenever it is looked at."""
    mature = [each for each in people if each.sent_at + MATURE_AFTER <= NOON + after * DAY]

    first = cohort(mature, now=NOON + after * DAY)

    assert first.is_mature
    assert cohort(mature, now=NOON + (after + later) * DAY) == first


def test_a_week_is_of_the_zone() -> None:
    """What was sent on a Sunday evening in Berlin is of that week, though Auckland has Monday."""
    sunday = outcome(6, variant="late")

    assert week_of(ZoneInfo("Europe/Berlin"))(sunday) == date(2027, 3, 1)
    assert week_of(ZoneInfo("Pacific/Auckland"))(sunday) == date(2027, 3, 8)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (30, 100, 0.2190, 0.3958), (0, 0, 0.0, 1.0)],
)
def test_an_interval(count: int, of: int, low: float, high: float) -> None:
    """Wilson's, as published tables have it."""
    found = share(count, of)

    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share(counted: tuple[int, int]) -> None:
    """The share is inside, and the ends are shares too."""
    found = share(*counted)

    assert found.rate is not None
    assert 0 <= found.low <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.high <= 1


def test_what_is_no_share_is_refused() -> None:
    """More than all are a bug of whoever counted."""
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)
