"""What follows from a hold-out: the check of a verdict that has moved nine leads in ten. Pure.

One lead in ten still gets the other text. After the weeks that the verdict has given it, and the
time that the last of these leads have to answer, it is judged once, by everybody who was
sent either text since. If the other text does significantly better the shares are put back, else
everybody gets the winner. One in ten is few: that nothing contradicts a verdict does not prove it,
which is why each end says how probably a wrong verdict would have been found, and between what the
difference lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from math import exp, lgamma, log
from typing import assert_never

from campaigns.sequences.experiment import ExperimentPlan, Tally, exact_p_value

from automation.decisions.decision import Change, DecisionKind, Facts
from automation.optimisation.proposals import WINNERS_SHARE, Proposal, counts, found_as
from automation.outcomes.intervals import difference, share

HOLD_OUT = "hold-out"
"""The rule, as decisions name it."""
FEWEST = 20
"""Leads whose time is over, of each text: of fewer nothing is concluded, and it goes on."""
_NEVER = 1e-12


@dataclass(frozen=True, kw_only=True)
class HoldOut:
    """A hold-out under way: one in ten gets the other text, by which decision, since which day."""

    decision_id: str
    step_id: str
    winner: str
    other: str
    before: Mapping[str, int]
    """The shares that the verdict found."""
    since: date
    """When the decision took effect: until then everybody was sent either text as before."""
    weeks: int
    """As the verdict has given it; what the program allows today changes nothing."""

    def due_on(self, plan: ExperimentPlan) -> date:
        """When those who were sent a text in its weeks have had their time."""
        return self.since + timedelta(weeks=self.weeks, days=plan.within_days)


class HoldOutEnd(StrEnum):
    """How a hold-out stands."""

    RUNS = "runs"
    NOT_CONTRADICTED = "not_contradicted"
    """Nothing speaks against the verdict, as far as so few can tell."""
    CONTRADICTED = "contradicted"
    """The other text does better after all."""


def hold_out_end(
    hold_out: HoldOut, tallies: Sequence[Tally], plan: ExperimentPlan, *, today: date
) -> HoldOutEnd:
    """Judge a hold-out once its time is over, at the error rate of its experiment."""
    winner, other = _both(hold_out, tallies)
    if today < hold_out.due_on(plan) or min(winner.judged, other.judged) < FEWEST:
        return HoldOutEnd.RUNS
    if _contradicts(winner.successes, winner.judged, other.successes, other.judged, plan):
        return HoldOutEnd.CONTRADICTED
    return HoldOutEnd.NOT_CONTRADICTED


def after_hold_out(
    hold_out: HoldOut,
    tallies: Sequence[Tally],
    plan: ExperimentPlan,
    end: HoldOutEnd,
    *,
    shares: Mapping[str, int],
    revision_id: str,
) -> Proposal | None:
    """Everybody gets the winner, or the shares are as before; None while it runs.

    Either is an edit of the revision that the campaign has now, whatever else of it was
    edited meanwhile. What was archived with the verdict stays so.
    """
    match end:
        case HoldOutEnd.RUNS:
            return None
        case HoldOutEnd.NOT_CONTRADICTED:
            after: Facts = {
                "winner": hold_out.winner,
                "archived": hold_out.other,
                "shares": {hold_out.winner: WINNERS_SHARE},
            }
        case HoldOutEnd.CONTRADICTED:
            after = {
                "contradicted": hold_out.winner,
                "shares": {name: hold_out.before.get(name, 1) for name in shares},
            }
        case _:
            assert_never(end)
    return Proposal(
        kind=DecisionKind.END_HOLD_OUT,
        key=f"hold-out/{hold_out.step_id}/{hold_out.decision_id}/{end.value}",
        rule=HOLD_OUT,
        inputs={
            "verdict": hold_out.decision_id,
            "end": end.value,
            "variants": [counts(tally) for tally in tallies],
            **_certainty(hold_out, tallies, plan),
        },
        change=Change(
            before=found_as(hold_out.step_id, shares, revision_id),
            after={"step_id": hold_out.step_id, **after},
        ),
    )


def reversal_power(plan: ExperimentPlan, *, winner: int, other: int) -> float:
    """How probably a hold-out of so many leads contradicts a verdict that is the wrong way round.

    If the other text is better by the plan's effect. Exact for the test, as are the numbers.
    """
    worse, better = plan.baseline, min(1.0, plan.baseline + plan.effect)
    at_least = [*accumulate(reversed([*_binomial(other, better)]))]
    power, needed = 0.0, 0
    for successes, chance in enumerate(_binomial(winner, worse)):
        if chance < _NEVER:
            continue
        # The more of the winner's succeed, the more of the other's it takes.
        while needed <= other and not _contradicts(successes, winner, needed, other, plan):
            needed += 1
        if needed > other:
            break
        power += chance * at_least[other - needed]
    return power


def _binomial(of: int, rate: float) -> Iterator[float]:
    """The chance of each number of successes, from none to all."""
    for successes in range(of + 1):
        if rate in (0.0, 1.0):
            yield float(successes == of * rate)
            continue
        choices = lgamma(of + 1) - lgamma(successes + 1) - lgamma(of - successes + 1)
        yield exp(choices + successes * log(rate) + (of - successes) * log(1 - rate))


def _contradicts(
    first: int, of_first: int, second: int, of_second: int, plan: ExperimentPlan
) -> bool:
    if second * of_first <= first * of_second:
        return False
    return exact_p_value(first, of_first, second, of_second) <= plan.error_rate


def _certainty(hold_out: HoldOut, tallies: Sequence[Tally], plan: ExperimentPlan) -> Facts:
    """Between what the winner's lead over the other lies, and what could have been found."""
    winner, other = _both(hold_out, tallies)
    low, high = difference(
        share(winner.successes, winner.judged), share(other.successes, other.judged)
    )
    power = reversal_power(plan, winner=winner.judged, other=other.judged)
    return {
        "difference_low": round(low, 4),
        "difference_high": round(high, 4),
        "effect": plan.effect,
        "power": round(power, 2),
    }


def _both(hold_out: HoldOut, tallies: Sequence[Tally]) -> tuple[Tally, Tally]:
    found = {tally.variant: tally for tally in tallies}
    return found[hold_out.winner], found[hold_out.other]
