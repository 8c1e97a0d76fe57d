"""A customer's rules against the list's order: of the same people, in twenty worlds of each kind.

Four times as many people as slots, so that there is somebody to prefer; the default share of the
slots by chance, which counts with those that the rules have filled.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean

import pytest
from automation.programs.program import DEFAULT_EXPLORATION
from unipile_simulator.config import TasteKind

from tests.order.conftest import Note
from tests.order.worlds import Order, Outcome, World, ratio

SEEDS = 20
SLOTS = int(os.environ.get("ORDER_SLOTS", "120"))
TIMES = 4
"""People on the list for each slot."""
AT_LEAST = 1.3
ALIKE = (0.9, 1.1)

Runs = dict[Order, list[Outcome]]


def runs(kind: TasteKind) -> Runs:
    """Of each seed one world, whose people are asked in every order."""
    worlds = [World(kind, seed, slots=SLOTS, times=TIMES) for seed in range(SEEDS)]
    return {
        order: [world.weeks_of(order, exploration=DEFAULT_EXPLORATION) for world in worlds]
        for order in Order
    }


def told(note: Note, kind: TasteKind, found: Runs) -> None:
    """Keep both ratios with their intervals, and what the hidden truth says of the worlds."""
    rules = found[Order.RULES]
    for order in (Order.LIST, Order.TURNS):
        by_truth = _expected(rules, found[order])
        figures = {
            **asdict(ratio(rules, found[order])),
            "by_truth": fmean(by_truth),
            "least_of_a_world": min(by_truth),
            "most_of_a_world": max(by_truth),
        }
        note(**{f"{kind}_rules_by_{order.value}": {k: round(v, 3) for k, v in figures.items()}})
    note(worlds=SEEDS, slots=SLOTS, people=SLOTS * TIMES, exploration=DEFAULT_EXPLORATION)


@pytest.mark.lasts(seconds=2)
def test_rules_beat_the_lists_order_where_there_are_tastes(note: Note) -> None:
    """By a third of the acceptances and more; and also the list with its segments in turn."""
    found = runs("seeded")
    told(note, "seeded", found)

    rules = found[Order.RULES]
    assert ratio(rules, found[Order.LIST]).ratio >= AT_LEAST
    assert ratio(rules, found[Order.TURNS]).ratio >= AT_LEAST
    assert ratio(rules, found[Order.TURNS]).low > 1.1
    # By the hidden truth, in which luck of who accepts has no part, in every single world.
    by_truth = _expected(rules, found[Order.LIST])
    assert fmean(by_truth) >= AT_LEAST
    assert min(by_truth) > 1.0


@pytest.mark.lasts(seconds=2)
def test_rules_make_no_difference_where_there_are_none(note: Note) -> None:
    """The same rules, lists and seeds: whoever is preferred accepts as the others do."""
    found = runs("indifferent")
    told(note, "indifferent", found)

    least, most = ALIKE
    for order in (Order.LIST, Order.TURNS):
        assert least <= ratio(found[Order.RULES], found[order]).ratio <= most
        assert _expected(found[Order.RULES], found[order]) == pytest.approx([1.0] * SEEDS)


def _expected(outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> Sequence[float]:
    """World by world, how much more would accept on average."""
    return [one.expected / other.expected for one, other in zip(outcomes, others, strict=True)]
