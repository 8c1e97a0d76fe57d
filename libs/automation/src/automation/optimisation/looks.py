"""When an experiment may be decided, and by how much evidence. Pure.

An experiment is judged at looks that were planned before its first lead: each is a
number of leads per variant, never a day, so that asking often changes nothing. The
error rate is spent on them by the spending function of Lan and DeMets that resembles
O'Brien and Fleming's bounds: little at the first looks, most of it at the last.

A look decides where the winner is found, by Fisher's exact test and Holm's procedure,
at the part of the error rate that is spent on that look. These parts add up to the
whole, and the probability that any of several things happens is at most the sum of
theirs, so that the error rate is kept exactly, for any number of leads. What this bound gives away
in power is bought back with 15 % more leads, of which an experiment with a clear
winner never needs the last.

With one look this is the rule of `campaigns.sequences.experiment`.

Source: K. Lan, D. DeMets, "Discrete sequential boundaries for clinical trials", 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist

from campaigns.sequences.experiment import (
    ExperimentPlan,
    ExperimentState,
    Tally,
    Verdict,
    decided,
    leads_per_variant,
)

INFLATION = 1.15
"""By how much more leads an experiment of several looks takes at most."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A planned look: from 1, at so many leads of each variant, with so much of the error rate."""

    number: int
    leads: int
    error_rate: float


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """The plan of a step's experiment, how its variants fare, and what that decides.

    `tallies` judge the leads of the look that decided, or of the one that is next.
    """

    step_id: str
    plan: ExperimentPlan
    looks: Sequence[Look]
    tallies: Sequence[Tally]
    verdict: Verdict

    @property
    def leads_per_variant(self) -> int:
        """How many leads of each variant are compared at most."""
        return self.looks[-1].leads


def planned_looks(plan: ExperimentPlan, variants: int) -> tuple[Look, ...]:
    """The looks of a plan; nothing but the plan and the number of variants decides them."""
    leads = leads_per_variant(plan, variants)
    if plan.looks > 1:
        leads = ceil(leads * INFLATION)
    return looks_at(leads, looks=plan.looks, error_rate=plan.error_rate)


def looks_at(leads: int, *, looks: int, error_rate: float) -> tuple[Look, ...]:
    """So many looks, after equal parts of the leads, the last one after all of them."""
    found, before = [], 0.0
    for number in range(1, looks + 1):
        at = ceil(leads * number / looks)
        spent = error_rate if number == looks else _spent(error_rate, at / leads)
        found.append(Look(number=number, leads=at, error_rate=spent - before))
        before = spent
    return tuple(found)


def _spent(error_rate: float, fraction: float) -> float:
    """What is spent of the error rate once this fraction of the leads is judged."""
    normal = NormalDist()
    return 2 - 2 * normal.cdf(normal.inv_cdf(1 - error_rate / 2) / sqrt(fraction))


def verdict_at(
    look: Look, tallies: Sequence[Tally], *, plan: ExperimentPlan, last: bool, over: bool
) -> Verdict | None:
    """What a look decides; None if it decides nothing and the next one is to be asked.

    `tallies` judge the first `look.leads` of each variant; `over` says that no lead is added to
    them any more.
    """
    if any(tally.judged < look.leads for tally in tallies):
        return Verdict(state=ExperimentState.TOO_FEW if over else ExperimentState.COLLECTING)
    found = decided(tallies, error_rate=look.error_rate, harm=plan.error_rate)
    if found.state is not ExperimentState.WINNER and not last:
        return None
    return replace(found, look=look.number)
