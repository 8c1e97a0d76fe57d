"""Health: a published rule, from what happened to a score to a multiplier."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.kinds.caps import Allowance, binding_caps
from linkedin_gateway.models import Kind
from linkedin_gateway.pace.health_score import (
    NEW,
    RESTORED,
    RESUMED,
    Past,
    assess,
    multiplier,
    ramp,
    share,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_established_account_is_at_full_score() -> None:
    """Nobody loses anything for what is not known of them."""
    health = assess(Past())

    assert (health.score, health.multiplier) == (100, 1.25)
    assert [factor.points for factor in health.factors] == [0] * 5


@pytest.mark.parametrize(
    ("past", "factor", "points"),
    [
        (Past(refusals=2), "refusals", 20),
        (Past(refusals=9), "refusals", 40),
        (Past(invitations=19, accepted=0), "acceptance_rate", 0),
        (Past(invitations=100, accepted=10), "acceptance_rate", 25),
        (Past(invitations=100, accepted=20), "acceptance_rate", 10),
        (Past(invitations=100, accepted=30), "acceptance_rate", 0),
        (Past(invitations=100, accepted=50), "acceptance_rate", -5),
        (Past(pending=201), "pending_invitations", 5),
        (Past(pending=501), "pending_invitations", 15),
        (Past(disconnects=2), "disconnects", 10),
        (Past(restrictions=1), "disconnects", 30),
        (Past(age=10 * DAY), "age", 10),
        (Past(age=400 * DAY), "age", -5),
    ],
)
def test_each_factor_by_the_rule(past: Past, factor: str, points: int) -> None:
    """One thing that happened takes off, or gives back, what the rule says."""
    assert {each.name: each.points for each in assess(past).factors}[factor] == points


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_better_score_never_means_less(one: int, other: int) -> None:
    """The multiplier only rises with the score, and stays in its range."""
    low, high = sorted((one, other))

    assert 0.25 <= multiplier(low) <= multiplier(high) <= 1.25


@pytest.mark.parametrize("curve", [NEW, RESTORED, RESUMED])
def test_curves_rise_to_the_whole(curve: list[tuple[timedelta, float]]) -> None:
    """Whoever begins anew ends at the caps of the tier."""
    shares = [share(curve, age * DAY) for age in range(-1, 40)]

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("connections", "part"),
    [(None, 1.0), (0, 0.25), (49, 0.25), (50, 0.5), (100, 0.75), (149, 0.75), (150, 1.0)],
)
def test_few_connections_mean_less(connections: int | None, part: float) -> None:
    """Under 150 connections an account ramps up by their number; unknown ones count as enough."""
    found = ramp(now=NOW, since=None, restored_at=None, resumed_at=None, connections=connections)

    assert found == part


def test_the_lowest_of_what_applies() -> None:
    """Old, but just restored: the restriction counts."""
    found = ramp(now=NOW, since=NOW - 99 * DAY, restored_at=NOW - 4 * DAY, resumed_at=None)

    assert found == 0.5
    assert ramp(now=NOW, since=None, restored_at=None, resumed_at=None) == 1.0


@given(
    st.sampled_from(Kind),
    st.floats(0.1, 1.0),
    st.floats(0.25, 1.25),
    st.floats(0.5, 1.0),
    st.sampled_from(["free", "premium"]),
)
def test_no_allowance_raises_a_cap(
    kind: Kind, ramped: float, times: float, today: float, tier: str
) -> None:
    """Whatever the health, no window holds more than the tier's, nor nothing at all."""
    usual = binding_caps(kind, tier=tier, noted=False)
    allowance = Allowance(ramp=ramped, multiplier=times, today=today)
    allowed = binding_caps(kind, tier=tier, noted=False, allowance=allowance)

    for before, after in zip(usual, allowed, strict=True):
        assert min(1, before.actions) <= after.actions <= before.actions


@pytest.mark.parametrize(
    ("allowance", "layer", "actions"),
    [
        (Allowance(), "tier", 20),
        (Allowance(ramp=0.4), "ramp", 8),
        (Allowance(ramp=0.4, multiplier=1.25), "ramp", 10),
        (Allowance(multiplier=0.5), "health", 10),
        (Allowance(ramp=0.4, multiplier=0.25), "health", 5),
    ],
)
def test_the_layer_that_binds_is_named(allowance: Allowance, layer: str, actions: int) -> None:
    """An answer tells whether it is the plan, the ramp or the health."""
    caps = binding_caps(Kind.INVITATION, tier="premium", noted=False, allowance=allowance)
    (of_the_day,) = (cap for cap in caps if cap.per == DAY)

    assert (of_the_day.layer, of_the_day.actions) == (layer, actions)
