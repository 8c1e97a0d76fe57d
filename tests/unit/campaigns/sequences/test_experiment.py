"""Which variant does better: decided once, by a rule with a known error."""

from __future__ import annotations

import random
from dataclasses import replace
from math import comb

import pytest
from campaigns.sequences.experiment import (
    ExperimentPlan,
    ExperimentState,
    Measure,
    Tally,
    exact_p_value,
    leads_per_variant,
    verdict,
)
from hypothesis import given
from hypothesis import strategies as st

PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.3)


def tallies(plan: ExperimentPlan, *rates: float) -> list[Tally]:
    """Variants a, b, ... that have had their leads, with these rates."""
    judged = leads_per_variant(plan, len(rates))
    return [
        Tally(variant=name, sent=judged, judged=judged, successes=round(rate * judged))
        for name, rate in zip("abcdefghij", rates, strict=False)
    ]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [((8, 10), (1, 10), 0.0054775), ((3, 4), (1, 4), 0.4857143), ((0, 9), (0, 9), 1.0)],
)
def test_exact_p_value(first: tuple[int, int], second: tuple[int, int], expected: float) -> None:
    """Fisher's test as published tables have it, whichever variant is named first."""
    assert exact_p_value(*first, *second) == pytest.approx(expected, rel=1e-5)
    assert exact_p_value(*second, *first) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "expected"), [(0.3, 0.4, 376), (0.05, 0.1, 474), (0.1, 0.3, 72)]
)
def test_leads_per_variant(first: float, second: float, expected: int) -> None:
    """As many as the published formula says, for two variants at 5 % and a power of 80 %."""
    plan = replace(PLAN, baseline=first, effect=second - first)

    assert leads_per_variant(plan, 2) == pytest.approx(expected, abs=1)


def test_more_variants_need_more_leads() -> None:
    """Every further variant is a further chance to be wrong, which is paid for in leads."""
    needed = [leads_per_variant(PLAN, variants) for variants in range(2, 8)]

    assert needed == sorted(set(needed))


@pytest.mark.parametrize("probability", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("leads", [20, 47])
def test_the_error_rate_is_exact(probability: float, leads: int) -> None:
    """Two equal variants: over all that can happen, a winner is as rare as is stated."""
    chance = [
        comb(leads, k) * probability**k * (1 - probability) ** (leads - k) for k in range(leads + 1)
    ]

    wrong = sum(
        chance[a] * chance[b]
        for a in range(leads + 1)
        for b in range(leads + 1)
        if exact_p_value(a, leads, b, leads) <= PLAN.error_rate
    )

    assert wrong <= PLAN.error_rate


@pytest.mark.parametrize("variants", [2, 3, 5])
def test_false_winners(variants: int) -> None:
    """Any number of equal variants: simulated campaigns declare a winner as rarely as is stated."""
    dice = random.Random(variants)
    plan = replace(PLAN, baseline=0.2, effect=0.2)
    needed = leads_per_variant(plan, variants)

    winners = 0
    for _ in range(1_000):
        successes = [sum(dice.random() < 0.3 for _ in range(needed)) for _ in range(variants)]
        found = [
            Tally(variant=str(i), judged=needed, successes=count)
            for i, count in enumerate(successes)
        ]
        winners += verdict(plan, found, over=True).state is ExperimentState.WINNER

    assert winners / 1_000 <= plan.error_rate


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("variants", [2, 3, 4, 5])
@pytest.mark.parametrize(("baseline", "effect"), [(0.3, 0.1), (0.15, 0.15)])
def test_the_power_is_what_was_asked_for(variants: int, baseline: float, effect: float) -> None:
    """A variant better by what was worth finding wins about as often as was stated, or oftener.

    It must be better than every other: with three variants it won in 74 of 100, with five in 59.
    """
    dice = random.Random(variants)
    plan = replace(PLAN, baseline=baseline, effect=effect)
    needed = leads_per_variant(plan, variants)
    rates = [baseline + effect] + [baseline] * (variants - 1)

    won = 0
    for _ in range(500):
        found = [
            Tally(
                variant=str(i),
                judged=needed,
                successes=sum(dice.random() < rate for _ in range(needed)),
            )
            for i, rate in enumerate(rates)
        ]
        won += verdict(plan, found, over=True).winner == "0"

    assert plan.power - 0.03 <= won / 500 <= plan.power + 0.1


def test_a_winner() -> None:
    """Better than every other, at the stated error rate."""
    found = verdict(PLAN, tallies(PLAN, 0.2, 0.45, 0.25), over=False)

    assert (found.state, found.winner) == (ExperimentState.WINNER, "b")
    assert {each.worse for each in found.comparisons if each.better == "b"} == {"a", "c"}


def test_two_of_a_kind() -> None:
    """Better than one variant and not than another is no winner."""
    found = verdict(PLAN, tallies(PLAN, 0.1, 0.4, 0.41), over=False)

    assert (found.state, found.winner) == (ExperimentState.NO_WINNER, "")


@given(st.integers(0, 375), st.integers(0, 375), st.booleans())
def test_nobody_peeks(judged: int, successes: int, over: bool) -> None:  # noqa: FBT001
    """However clear it looks: before every variant has its leads nothing is told but the state."""
    complete, _ = tallies(PLAN, 0.9, 0.1)
    early = Tally(variant="b", judged=judged, successes=min(successes, judged))

    found = verdict(PLAN, [complete, early], over=over)

    assert found.state is (ExperimentState.TOO_FEW if over else ExperimentState.COLLECTING)
    assert (found.winner, found.comparisons) == ("", ())


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_p_values_only_rise(rates: list[float]) -> None:
    """Adjusted p-values are in order, and at most 1."""
    found = [each.p_value for each in verdict(PLAN, tallies(PLAN, *rates), over=True).comparisons]

    assert found == sorted(found)
    assert all(0 <= each <= 1 for each in found)
