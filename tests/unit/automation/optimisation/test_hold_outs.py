"""What a hold-out says, and how much it can say."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from automation.optimisation.hold_outs import (
    HoldOut,
    HoldOutEnd,
    after_hold_out,
    hold_out_end,
    reversal_power,
)
from campaigns.sequences.experiment import ExperimentPlan, Measure, Tally

PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.25, effect=0.2, looks=4)
MONDAY = date(2027, 3, 1)
HELD_OUT = HoldOut(
    decision_id="dec_1",
    step_id="invite",
    winner="b",
    other="a",
    before={"a": 2, "b": 2, "c": 2},
    since=MONDAY,
    weeks=4,
)
DUE = MONDAY + timedelta(weeks=6)


def tallied(winner: tuple[int, int], other: tuple[int, int]) -> list[Tally]:
    return [
        Tally(variant=name, successes=successes, judged=leads)
        for name, (successes, leads) in (("b", winner), ("a", other))
    ]


@pytest.mark.parametrize(
    ("winner", "other", "today", "end"),
    [
        ((108, 270), (6, 30), DUE, HoldOutEnd.NOT_CONTRADICTED),
        ((108, 270), (14, 30), DUE, HoldOutEnd.NOT_CONTRADICTED),
        ((68, 270), (14, 30), DUE, HoldOutEnd.CONTRADICTED),
        ((68, 270), (14, 30), DUE - timedelta(days=1), HoldOutEnd.RUNS),
        ((68, 270), (19, 19), DUE, HoldOutEnd.RUNS),
        ((19, 19), (1, 30), DUE, HoldOutEnd.RUNS),
        ((0, 0), (0, 0), DUE, HoldOutEnd.RUNS),
        ((0, 270), (0, 30), DUE, HoldOutEnd.NOT_CONTRADICTED),
    ],
)
def test_how_it_ends(
    winner: tuple[int, int], other: tuple[int, int], today: date, end: HoldOutEnd
) -> None:
    """Once its leads have had their time and are enough; only a clear difference contradicts."""
    assert hold_out_end(HELD_OUT, tallied(winner, other), PLAN, today=today) is end


def test_how_well_it_checks_is_known() -> None:
    """As often as is said, a verdict that is the wrong way round is contradicted."""
    dice, found, worlds = random.Random(1), 0, 600
    for _ in range(worlds):
        winner = sum(dice.random() < 0.25 for _ in range(270))
        other = sum(dice.random() < 0.45 for _ in range(30))
        end = hold_out_end(HELD_OUT, tallied((winner, 270), (other, 30)), PLAN, today=DUE)
        found += end is HoldOutEnd.CONTRADICTED

    power = reversal_power(PLAN, winner=270, other=30)

    assert found / worlds == pytest.approx(power, abs=0.06)
    assert 0.5 < power < 0.7
    # As many as the first look of an experiment has: a check that finds nothing.
    assert reversal_power(PLAN, winner=29, other=15) < 0.3


@pytest.mark.parametrize("leads", [(0, 0), (20, 0), (0, 20), (1, 1), (500, 55)])
def test_a_power_is_a_probability(leads: tuple[int, int]) -> None:
    """However few or many they are, and at the ends of the rates."""
    winner, other = leads
    certain = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.0, effect=1.0)

    assert 0 <= reversal_power(PLAN, winner=winner, other=other) <= 1
    assert 0 <= reversal_power(certain, winner=winner, other=other) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("end", "shares"),
    [
        (HoldOutEnd.NOT_CONTRADICTED, {"b": 9}),
        (HoldOutEnd.CONTRADICTED, {"a": 2, "b": 2}),
        (HoldOutEnd.RUNS, None),
    ],
)
def test_what_follows(end: HoldOutEnd, shares: dict[str, int] | None) -> None:
    """An edit of the revision of today; what was archived with the verdict is not back."""
    tallies = tallied((108, 270), (6, 30))

    found = after_hold_out(
        HELD_OUT, tallies, PLAN, end, shares={"b": 9, "a": 1}, revision_id="seq_7"
    )

    assert (found and found.change.after["shares"]) == shares
    if found is not None:
        assert found.change.before["revision_id"] == "seq_7"
        assert found.inputs["difference_low"] < 0.2 < found.inputs["difference_high"]
        assert found.inputs["power"] == pytest.approx(
            reversal_power(PLAN, winner=270, other=30), abs=0.01
        )
