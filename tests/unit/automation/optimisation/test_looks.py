"""Experiments of several looks: the error rate is kept exactly, and leads are saved."""

from __future__ import annotations

import random
from dataclasses import replace
from math import comb

import pytest
from automation.optimisation.looks import Look, looks_at, planned_looks, verdict_at
from campaigns.sequences.experiment import (
    ExperimentPlan,
    ExperimentState,
    Measure,
    Tally,
    Verdict,
    exact_p_value,
    leads_per_variant,
    verdict,
)
from hypothesis import given
from hypothesis import strategies as st

PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.25, effect=0.2, looks=4)


def binomial(leads: int, probability: float) -> list[float]:
    return [
        comb(leads, k) * probability**k * (1 - probability) ** (leads - k) for k in range(leads + 1)
    ]


def error_of(looks: tuple[Look, ...], probability: float) -> float:
    """How often two equal variants part at one of the looks: over all that can happen."""
    undecided, wrong, seen = {(0, 0): 1.0}, 0.0, 0
    for look in looks:
        more = binomial(look.leads - seen, probability)
        seen = look.leads
        for variant in (0, 1):
            grown: dict[tuple[int, int], float] = {}
            for (first, second), chance in undecided.items():
                for k, of_k in enumerate(more):
                    after = (first + k, second) if variant == 0 else (first, second + k)
                    grown[after] = grown.get(after, 0.0) + chance * of_k
            undecided = grown
        decided = {
            each
            for each in undecided
            if exact_p_value(each[0], seen, each[1], seen) <= look.error_rate
        }
        wrong += sum(undecided.pop(each) for each in decided)
    return wrong


@pytest.mark.parametrize("probability", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("leads", [8, 21, 40])
@pytest.mark.parametrize("looks", [2, 4])
def test_the_error_rate_is_exact(looks: int, leads: int, probability: float) -> None:
    """Two equal variants, every outcome at every look: a winner is as rare as is stated."""
    assert error_of(looks_at(leads, looks=looks, error_rate=0.05), probability) <= 0.05


@given(st.integers(4, 2_000), st.integers(1, 4), st.floats(0.001, 0.5))
def test_the_error_rate_is_spent_once(leads: int, looks: int, error_rate: float) -> None:
    """The parts of the looks are none below nothing, the whole together, and at ever more leads."""
    planned = looks_at(leads, looks=looks, error_rate=error_rate)

    assert sum(look.error_rate for look in planned) == pytest.approx(error_rate)
    assert all(look.error_rate >= 0 for look in planned)
    assert [look.leads for look in planned] == sorted({look.leads for look in planned})
    assert planned[-1].leads == leads


def test_published_bounds() -> None:
    """As tables have the spending function for 5 %, two-sided, at four equal looks."""
    spent = [look.error_rate for look in looks_at(400, looks=4, error_rate=0.05)]

    assert spent == pytest.approx([0.00009, 0.00549, 0.01805, 0.02638], abs=0.0001)


def test_one_look_is_the_shipped_rule() -> None:
    """Without more looks nothing is another: as many leads, and the whole error rate on them."""
    (look,) = planned_looks(replace(PLAN, looks=1), 2)

    assert (look.leads, look.error_rate) == (leads_per_variant(PLAN, 2), PLAN.error_rate)


def judge(plan: ExperimentPlan, rates: list[float], dice: random.Random) -> tuple[Verdict, int]:
    """A simulated experiment, and after how many leads of each variant it was decided."""
    looks, counts, seen = planned_looks(plan, len(rates)), [0] * len(rates), 0
    for look in looks:
        for i, rate in enumerate(rates):
            counts[i] += sum(dice.random() < rate for _ in range(look.leads - seen))
        seen = look.leads
        tallies = [
            Tally(variant=str(i), judged=seen, successes=count) for i, count in enumerate(counts)
        ]
        found = verdict_at(look, tallies, plan=plan, last=look is looks[-1], over=False)
        if found is not None:
            return found, seen
    raise AssertionError("the last look decides")


@pytest.mark.parametrize("variants", [2, 3])
def test_false_winners(variants: int) -> None:
    """Equal variants at larger numbers: simulated, a winner is as rare as is stated."""
    dice = random.Random(variants)

    winners = sum(bool(judge(PLAN, [0.3] * variants, dice)[0].winner) for _ in range(600))

    assert winners / 600 <= PLAN.error_rate


@pytest.mark.parametrize("variants", [2, 3])
def test_the_power_is_kept_with_fewer_leads(variants: int) -> None:
    """The 15 % more leads give back what looks cost; most experiments end before the last."""
    dice = random.Random(variants)
    rates = [PLAN.baseline + PLAN.effect] + [PLAN.baseline] * (variants - 1)

    found = [judge(PLAN, rates, dice) for _ in range(400)]

    assert sum(each.winner == "0" for each, _ in found) / 400 >= PLAN.power - 0.03
    most = planned_looks(PLAN, variants)[-1].leads
    assert sum(leads for _, leads in found) / 400 <= 0.85 * most


def tallies(look: Look, first: int, second: int, *, opted_out: int = 0) -> list[Tally]:
    return [
        Tally(variant="a", judged=look.leads, successes=first),
        Tally(variant="b", judged=look.leads, successes=second, opted_out=opted_out),
    ]


def test_a_look_that_is_not_due_decides_nothing() -> None:
    """One lead of one variant is missing: no verdict, however clear it looks."""
    look = planned_looks(PLAN, 2)[0]
    early = [
        Tally(variant="a", judged=look.leads - 1),
        Tally(variant="b", judged=look.leads, successes=look.leads),
    ]

    found = verdict_at(look, early, plan=PLAN, last=False, over=False)
    ended = verdict_at(look, early, plan=PLAN, last=False, over=True)

    assert found == Verdict(state=ExperimentState.COLLECTING)
    assert ended == Verdict(state=ExperimentState.TOO_FEW)


def test_an_early_winner() -> None:
    """A difference that is hardly chance ends it at the first look, a smaller one does not."""
    look = planned_looks(PLAN, 2)[0]

    clear = verdict_at(look, tallies(look, 2, 22), plan=PLAN, last=False, over=False)
    unclear = verdict_at(look, tallies(look, 7, 16), plan=PLAN, last=False, over=False)

    assert clear is not None
    assert (clear.winner, clear.look) == ("b", 1)
    assert unclear is None


def test_whoever_drives_people_away_does_not_win() -> None:
    """More acceptances, and significantly more who must not be contacted again: no winner."""
    look = planned_looks(PLAN, 2)[-1]

    found = verdict_at(look, tallies(look, 20, 70, opted_out=8), plan=PLAN, last=True, over=False)
    chance = verdict_at(look, tallies(look, 20, 70, opted_out=2), plan=PLAN, last=True, over=False)

    assert found is not None
    assert chance is not None
    assert (found.state, found.refused) == (ExperimentState.NO_WINNER, "b")
    assert chance.winner == "b"


def test_the_shipped_rule_refuses_too() -> None:
    """The fixed rule declares no winner either that drives people away."""
    plan = replace(PLAN, looks=1)
    needed = leads_per_variant(plan, 2)
    look = Look(number=1, leads=needed, error_rate=plan.error_rate)

    assert verdict(plan, tallies(look, 20, 70, opted_out=8), over=False).refused == "b"
