"""Which version of a text does better, decided once and with a known error. Pure.

How many leads are compared is fixed beforehand, from what is worth finding
(`leads_per_variant`); there is no verdict before each variant has had so many
leads and each of those its time to answer. Looking earlier cannot change
anything, because nothing is decided then.

Then every two variants are compared by Fisher's exact test, and the results
taken together by Holm's procedure. The winner is the variant that is better than
every other of them. The probability that a winner is declared although no variant is
better is at most the plan's `error_rate`, exactly and not approximately: the
exact test keeps its level for any number of leads, and Holm's procedure keeps it
for all comparisons together.

Sources: R. A. Fisher, Statistical Methods for Research Workers, §21.02; S. Holm,
"A simple sequentially rejective multiple test procedure", 1979; J. Casagrande,
M. Pike, P. Smith, "An improved approximate formula for calculating sample sizes
for comparing two binomial distributions", 1978.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from math import ceil, exp, lgamma, sqrt
from statistics import NormalDist
from typing import Any

_SAME = 1 + 1e-9
"""Outcomes as probable as the one seen count as extreme, whatever rounding says."""

_STEPS, _WIDEST, _PRECISION = 120, 6.0, 1e-6
"""How finely, and how far in standard deviations, the power of several comparisons is summed."""


class Measure(StrEnum):
    """What a lead is expected to do."""

    ACCEPTED = "accepted"
    REPLIED = "replied"


class ExperimentState(StrEnum):
    """How far an experiment is."""

    COLLECTING = "collecting"
    WINNER = "winner"
    NO_WINNER = "no_winner"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True)
class ExperimentPlan:
    """What is fixed before the first lead; rates are fractions of 1.

    `baseline` is the rate that is expected, `effect` the smallest difference
    worth finding, `within_days` the days that each lead has to answer. `looks` is how often
    a verdict may be given, from 1 to 4 times: `automation.optimisation.looks` has the rule.
    """

    measure: Measure
    baseline: float
    effect: float = 0.1
    error_rate: float = 0.05
    power: float = 0.8
    within_days: int = 14
    looks: int = 1

    @property
    def within(self) -> timedelta:
        return timedelta(days=self.within_days)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How one variant has fared.

    `sent`, `accepted` and `replied` count everybody so far. `judged` are those of
    the first leads, as many as are compared, whose time is over, and `successes`
    those of them who did what is measured in time; `opted_out` those of them who must not
    be contacted any more.
    """

    variant: str
    sent: int = 0
    accepted: int = 0
    replied: int = 0
    judged: int = 0
    successes: int = 0
    opted_out: int = 0

    @property
    def rate(self) -> float:
        return self.successes / self.judged if self.judged else 0.0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two variants; `p_value` is Holm's adjusted one, compared with the error rate."""

    better: str
    worse: str
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is decided; nothing but the state before it is.

    `look` is the planned look at which it was decided, from 1. `refused` is a variant that
    would have won, were there not significantly more people who opted out after it.
    """

    state: ExperimentState
    winner: str = ""
    look: int = 0
    refused: str = ""
    comparisons: tuple[Comparison, ...] = ()


def leads_per_variant(plan: ExperimentPlan, variants: int) -> int:
    """How many leads each variant needs to find the effect with the plan's power.

    For Fisher's test of two proportions, with the error rate shared by all pairs
    of variants, as the first step of Holm's procedure does. The power is that of the verdict:
    one variant that is better by the effect must be found better than every other of them.
    """
    pairs = variants * (variants - 1) // 2
    first, second = plan.baseline, plan.baseline + plan.effect
    mean = (first + second) / 2
    normal = NormalDist()
    at_level = normal.inv_cdf(1 - plan.error_rate / pairs / 2)
    at_power = _margin(plan, others=variants - 1)
    spread = at_level * sqrt(2 * mean * (1 - mean)) + at_power * sqrt(
        first * (1 - first) + second * (1 - second)
    )
    uncorrected = (spread / plan.effect) ** 2
    return ceil(uncorrected / 4 * (1 + sqrt(1 + 4 / (uncorrected * plan.effect))) ** 2)


@lru_cache(maxsize=1_024)
def _margin(plan: ExperimentPlan, *, others: int) -> float:
    """How clearly, in standard deviations, a difference must be found to be found from each.

    The comparisons share the better variant, so that they are found together more often than
    independent ones: given how well that one has fared, they are independent.
    """
    first, second = plan.baseline, plan.baseline + plan.effect
    better, other = second * (1 - second), first * (1 - first)
    least = NormalDist().inv_cdf(plan.power)
    if others == 1 or other == 0:
        # One comparison, or all of them are the same one.
        return least
    shared, own = sqrt(better / (better + other)), sqrt(other / (better + other))
    normal, steps = NormalDist(), range(-_STEPS, _STEPS + 1)

    def found(margin: float) -> float:
        return sum(
            normal.pdf(x) * normal.cdf((margin + shared * x) / own) ** others
            for x in (step * _WIDEST / _STEPS for step in steps)
        ) * (_WIDEST / _STEPS)

    most = least + _WIDEST
    while most - least > _PRECISION:
        middle = (least + most) / 2
        least, most = (middle, most) if found(middle) < plan.power else (least, middle)
    return most


def verdict(plan: ExperimentPlan, tallies: Sequence[Tally], *, over: bool) -> Verdict:
    """What the tallies decide; `over` says that no lead is added to them any more."""
    needed = leads_per_variant(plan, len(tallies))
    if any(tally.judged < needed for tally in tallies):
        return Verdict(state=ExperimentState.TOO_FEW if over else ExperimentState.COLLECTING)
    return replace(decided(tallies, error_rate=plan.error_rate, harm=plan.error_rate), look=1)


def decided(tallies: Sequence[Tally], *, error_rate: float, harm: float) -> Verdict:
    """Who wins among variants that have had their leads: better than each at the error rate.

    Whoever has more opt-outs than another, at the level `harm`, does not win. That only ever
    takes a winner away, so that the error rate is kept.
    """
    comparisons = _compared(tallies)
    best = max(tallies, key=lambda tally: tally.rate)
    beaten = {
        each.worse
        for each in comparisons
        if each.better == best.variant and each.p_value <= error_rate
    }
    if len(beaten) < len(tallies) - 1:
        return Verdict(state=ExperimentState.NO_WINNER, comparisons=comparisons)
    if any(_harms(best, other, level=harm) for other in tallies if other is not best):
        return Verdict(
            state=ExperimentState.NO_WINNER, refused=best.variant, comparisons=comparisons
        )
    return Verdict(state=ExperimentState.WINNER, winner=best.variant, comparisons=comparisons)


def _harms(one: Tally, other: Tally, *, level: float) -> bool:
    """Whether more people opt out after one variant than after the other."""
    return (
        one.opted_out * other.judged > other.opted_out * one.judged
        and exact_p_value(one.opted_out, one.judged, other.opted_out, other.judged) <= level
    )


def _compared(tallies: Sequence[Tally]) -> tuple[Comparison, ...]:
    """Every two, the clearest difference first, by Holm's procedure."""
    raw = []
    for pair in combinations(tallies, 2):
        better, worse = sorted(pair, key=lambda tally: -tally.rate)
        p_value = exact_p_value(better.successes, better.judged, worse.successes, worse.judged)
        raw.append((p_value, better, worse))
    raw.sort(key=lambda found: found[0])
    adjusted, highest = [], 0.0
    for i, (p_value, better, worse) in enumerate(raw):
        highest = max(highest, min(1.0, p_value * (len(raw) - i)))
        adjusted.append(Comparison(better=better.variant, worse=worse.variant, p_value=highest))
    return tuple(adjusted)


@lru_cache(maxsize=4_096)
def exact_p_value(first: int, of_first: int, second: int, of_second: int) -> float:
    """Fisher's exact test, two-sided: how often chance alone parts them at least as far."""
    total = first + second
    least, most = max(0, total - of_second), min(of_first, total)
    logs = _log_factorials(of_first + of_second)

    def log_choose(n: int, k: int) -> float:
        return logs[n] - logs[k] - logs[n - k]

    whole = log_choose(of_first + of_second, total)
    probability = [
        exp(log_choose(of_first, k) + log_choose(of_second, total - k) - whole)
        for k in range(least, most + 1)
    ]
    seen = probability[first - least] * _SAME
    return min(1.0, sum(each for each in probability if each <= seen))


@lru_cache(maxsize=8)
def _log_factorials(most: int) -> tuple[float, ...]:
    """The logarithm of every number's factorial up to this one; a comparison needs each often."""
    return tuple(lgamma(n + 1) for n in range(most + 1))


def plan_from_json(values: Mapping[str, Any]) -> ExperimentPlan:
    """The plan of a compiled step, as it was stored."""
    return ExperimentPlan(**{**values, "measure": Measure(values["measure"])})
