"""Whether a model may rank: what it says of strangers, against what the rules say. Pure.

Losses are logarithmic, the lower the better. Companies count as one each: colleagues follow each
other, and five hundred of one house prove no more than a few.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from automation.training.dataset import Dataset

LEAST_MATURED = 100
LEAST_ACCEPTED = 30
"""Below these nothing is learned that would hold."""
LEAST_SLOPE = 0.7
"""Of what came on what was said, in the last weeks: below it a model claims more than it knows."""
LAST_SHARE = 0.25
"""Of the rows: the last weeks, which a model of the weeks before is held against."""
LEAST_COMPARED = 30
"""People: of fewer, whom chance chose or whom a model did not know, nothing is concluded."""
_NEVER, _BANDS = 1e-6, 5
_DUST = 1e-6
"""Of a loss: two that say the same differ by less."""


class Verdict(StrEnum):
    """What a training came to."""

    PROMOTABLE = "promotable"
    LEARNING = "learning"
    """There is too little to learn from; the card says how much is there."""
    ONE_OUTCOME = "one_outcome"
    """Everybody accepted, or nobody did."""
    NOTHING_TO_TELL_APART = "nothing_to_tell_apart"
    """All are alike in all that may be learned from."""
    NOT_BETTER = "not_better"
    """Not better than the rules by more than one standard error."""
    POORLY_CALIBRATED = "poorly_calibrated"
    """In the last weeks what came does not follow what was said."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One person of whom model and rules said something without having learned from them."""

    group: str
    weight: float
    accepted: bool
    by_model: float
    by_rules: float


@dataclass(frozen=True, kw_only=True, order=True)
class Told:
    """What was said of one person, what came, and how much they count."""

    said: float
    accepted: bool
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ReliabilityBand:
    """A fifth of the people by what the model said of them, and what came."""

    predicted: float
    accepted: float
    people: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Losses out of fold, a person; the gain is the rules' less the model's."""

    model_loss: float
    rules_loss: float
    gain: float
    gain_error: float
    """One standard error of the gain, by company."""

    @property
    def is_better(self) -> bool:
        """By more than one standard error."""
        return self.gain > max(self.gain_error, _DUST)

    @property
    def is_worse(self) -> bool:
        """By more than one standard error."""
        return self.gain < -self.gain_error


@dataclass(frozen=True, kw_only=True)
class LastWeeks:
    """How a model of the weeks before did in the last ones, of companies that it did not know."""

    first_week: int
    people: int
    slope: float
    intercept: float
    brier: float
    rules_brier: float
    bands: tuple[ReliabilityBand, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the model that ranks does next to the new one, with people whom it did not know."""

    model_id: str
    people: int
    gain: float | None = None
    """By how much the new one's log loss out of fold is lower; None: of too few people."""
    gain_error: float = 0.0
    """One standard error of the gain, by company."""
    slope: float | None = None
    """Of what came on what the one that ranks had said."""
    readable: bool = True
    """Whether it can be scored by at all; if not the rules rank meanwhile."""

    @property
    def is_surpassed(self) -> bool:
        """Whether the new one is better by more than one standard error."""
        return self.gain is not None and self.gain > max(self.gain_error, _DUST)

    @property
    def has_failed(self) -> bool:
        """Whether it cannot be read, or what came does not follow what it had said."""
        return not self.readable or (self.slope is not None and self.slope < LEAST_SLOPE)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a training found; what could not be measured is not there."""

    matured: float
    accepted: float
    companies: int
    comparison: Comparison | None = None
    last_weeks: LastWeeks | None = None
    explored: Comparison | None = None
    """Model and rules with those alone whom chance chose."""
    champion: Standing | None = None
    """Of the model that ranked when this one was learned."""


def too_little(dataset: Dataset) -> Verdict | None:
    """Why there is nothing to learn yet, before anything is computed; `None` if there is."""
    if not dataset.has_both_outcomes:
        return Verdict.ONE_OUTCOME
    if dataset.matured < LEAST_MATURED or dataset.accepted < LEAST_ACCEPTED:
        return Verdict.LEARNING
    return None


def measured(
    dataset: Dataset,
    comparison: Comparison | None = None,
    last_weeks: LastWeeks | None = None,
    *,
    explored: Comparison | None = None,
    champion: Standing | None = None,
) -> Evaluation:
    """What is written on the card."""
    return Evaluation(
        matured=round(dataset.matured, 1),
        accepted=round(dataset.accepted, 1),
        companies=len({row.group for row in dataset.rows}),
        comparison=comparison,
        last_weeks=last_weeks,
        explored=explored,
        champion=champion,
    )


def verdict_of(evaluation: Evaluation) -> Verdict:
    """Whether a model with these figures may rank."""
    if evaluation.comparison is None or evaluation.last_weeks is None:
        # Too few weeks, or companies: whether what holds in some holds in others is not known.
        return Verdict.LEARNING
    if not evaluation.comparison.is_better:
        return Verdict.NOT_BETTER
    if evaluation.explored is not None and evaluation.explored.is_worse:
        # A ranker is learned from whom it picked; of those whom chance chose it knows less.
        return Verdict.NOT_BETTER
    if evaluation.last_weeks.slope < LEAST_SLOPE:
        return Verdict.POORLY_CALIBRATED
    return Verdict.PROMOTABLE


def compared(people: Sequence[Judged]) -> Comparison:
    """Model against rules, over people whom neither had learned from."""
    total = sum(person.weight for person in people)
    by_group: dict[str, list[tuple[float, float]]] = defaultdict(list)
    model_loss = rules_loss = 0.0
    for person in people:
        ours = _loss(person.by_model, accepted=person.accepted)
        theirs = _loss(person.by_rules, accepted=person.accepted)
        model_loss += person.weight * ours
        rules_loss += person.weight * theirs
        by_group[person.group].append((person.weight, theirs - ours))
    gain = (rules_loss - model_loss) / total
    squares = (
        sum(weight * (difference - gain) for weight, difference in found) ** 2
        for found in by_group.values()
    )
    return Comparison(
        model_loss=model_loss / total,
        rules_loss=rules_loss / total,
        gain=gain,
        gain_error=math.sqrt(sum(squares)) / total,
    )


def brier(told: Iterable[Told]) -> float:
    """The mean squared distance of what was said from what came."""
    people = list(told)
    squares = sum(each.weight * (each.said - each.accepted) ** 2 for each in people)
    return squares / _weight(people)


def bands(told: Iterable[Told]) -> tuple[ReliabilityBand, ...]:
    """People in fifths by what was said of them; a fifth is of what they count."""
    people = sorted(told)
    whole, before = _weight(people), 0.0
    fifths: dict[int, list[Told]] = defaultdict(list)
    for each in people:
        middle = before + each.weight / 2
        fifths[min(_BANDS - 1, int(middle * _BANDS / whole))].append(each)
        before += each.weight
    return tuple(
        ReliabilityBand(
            predicted=sum(each.weight * each.said for each in fifth) / _weight(fifth),
            accepted=sum(each.weight * each.accepted for each in fifth) / _weight(fifth),
            people=len(fifth),
        )
        for fifth in fifths.values()
    )


def _weight(people: Iterable[Told]) -> float:
    return sum(each.weight for each in people)


def sentence_of(verdict: Verdict, evaluation: Evaluation) -> str:
    """The verdict as people read it on the card."""
    match verdict:
        case Verdict.LEARNING:
            return (
                f"Still learning: {evaluation.matured:g} matured people count and"
                f" {evaluation.accepted:g} who accepted, maybe in too few weeks or of"
                f" too few companies;"
                f" {LEAST_MATURED} and {LEAST_ACCEPTED} are needed. The rules rank."
            )
        case Verdict.ONE_OUTCOME:
            return "Everybody accepted or nobody did, so nothing tells them apart. The rules rank."
        case Verdict.NOTHING_TO_TELL_APART:
            return "All are alike in all that may be learned from. The rules rank."
        case Verdict.NOT_BETTER:
            return f"Not better than the rules: {_gain(evaluation)}. The rules rank."
        case Verdict.POORLY_CALIBRATED:
            return (
                f"What came in the last weeks does not follow what was said:"
                f" {_slope(evaluation)}, {LEAST_SLOPE:g} is the least. The rules rank."
            )
        case Verdict.PROMOTABLE:
            return f"Better than the rules: {_gain(evaluation)}; {_slope(evaluation)}."
    assert_never(verdict)


def _gain(evaluation: Evaluation) -> str:
    found = evaluation.comparison
    if found is None:
        return "not measured"
    told = f"log loss lower by {found.gain:.4f} ± {found.gain_error:.4f} out of fold"
    chance = evaluation.explored
    if chance is None or not chance.is_worse:
        return told
    return f"{told}, but higher by {-chance.gain:.4f} of those whom chance chose"


def _slope(evaluation: Evaluation) -> str:
    found = evaluation.last_weeks
    return "no last weeks" if found is None else f"slope {found.slope:.2f} in the last weeks"


def _loss(said: float, *, accepted: bool) -> float:
    kept = min(1 - _NEVER, max(_NEVER, said))
    return -math.log(kept if accepted else 1 - kept)
