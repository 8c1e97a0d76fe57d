"""The model that ranks, next to one that may replace it: with people whom it did not know. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from math import exp, log

from automation.scoring.model import model_of
from automation.training.dataset import Dataset, TrainingRow, dataset_of, rows_json
from automation.training.evaluation import (
    LEAST_COMPARED,
    Comparison,
    Judged,
    Standing,
    Told,
    compared,
)

_SURE = 1e-6
_FARTHEST, _HALVINGS = 30.0, 50


@dataclass(frozen=True, kw_only=True)
class RankingModel:
    """What ranks: `body` as `model_json` wrote it."""

    model_id: str
    body: str
    knows_before: int
    """The first week of whose people it has learned nothing."""


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What a training is given: whom it learns from, and what ranks, if a model does."""

    dataset: Dataset
    rules: str = ""
    """The digest of the rules whose points the rows have."""
    champion: RankingModel | None = None


def task_json(
    rows: Sequence[TrainingRow], *, rules: str = "", champion: RankingModel | None = None
) -> str:
    """One line of what the rows are of and what ranks, then one a row."""
    ranks = None if champion is None else asdict(champion)
    return json.dumps({"rules": rules, "champion": ranks}) + "\n" + rows_json(rows)


def task_of(text: str) -> TrainingTask:
    """Read what `task_json` wrote."""
    first, _, rows = text.partition("\n")
    told = json.loads(first)
    champion = told["champion"]
    return TrainingTask(
        dataset=dataset_of(rows),
        rules=told["rules"],
        champion=None if champion is None else RankingModel(**champion),
    )


def standing_of(
    champion: RankingModel,
    dataset: Dataset,
    by_model: Sequence[float],
    slope_of: Callable[[Sequence[Told]], float],
) -> Standing:
    """Compare it with what a new one said out of fold, by the places of the dataset's rows.

    With those whom chance chose, if they are enough: of the others what ranks has had a hand in who
    they are. Only the new one knows how many accept by now, so both are given the intercept that
    fits these people: what remains is how well they tell them apart.

    Raises `ModelRefused` for one that cannot be read.
    """
    model = model_of(champion.body)
    weights = dataset.weights
    unknown = dataset.unknown_before(champion.knows_before)
    strangers = [
        Judged(
            group=row.group,
            weight=weights[place],
            accepted=row.accepted,
            by_model=by_model[place],
            by_rules=model.score(row.features, row.rule_score),
        )
        for place in unknown
        for row in (dataset.rows[place],)
    ]
    drawn = _explored(dataset.some(unknown), strangers)
    people = drawn if tells(drawn) else strangers
    if not tells(people):
        return Standing(model_id=champion.model_id, people=len(people))
    found = compared(_with_their_intercepts(people))
    said = [Told(said=each.by_rules, accepted=each.accepted, weight=each.weight) for each in people]
    return Standing(
        model_id=champion.model_id,
        people=len(people),
        gain=found.gain,
        gain_error=found.gain_error,
        slope=slope_of(said),
    )


def among_explored(dataset: Dataset, people: Sequence[Judged]) -> Comparison | None:
    """Of those whom chance chose, by the places of the dataset's rows; None: of too few."""
    explored = _explored(dataset, people)
    return compared(explored) if tells(explored) else None


def _explored(dataset: Dataset, people: Sequence[Judged]) -> list[Judged]:
    return [person for row, person in zip(dataset.rows, people, strict=True) if row.explored]


def _with_their_intercepts(people: Sequence[Judged]) -> list[Judged]:
    accepted = [each.accepted for each in people]
    weights = [each.weight for each in people]
    by_model = refitted([each.by_model for each in people], accepted, weights)
    by_rules = refitted([each.by_rules for each in people], accepted, weights)
    return [
        replace(each, by_model=ours, by_rules=theirs)
        for each, ours, theirs in zip(people, by_model, by_rules, strict=True)
    ]


def refitted(
    said: Sequence[float], accepted: Sequence[bool], weights: Sequence[float]
) -> list[float]:
    """The same chances, moved alike in log odds until as many are expected as accepted."""
    odds = [log(kept / (1 - kept)) for kept in (min(max(p, _SURE), 1 - _SURE) for p in said)]
    came = sum(weight for weight, accepts in zip(weights, accepted, strict=True) if accepts)
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        chances = [1 / (1 + exp(-(each + middle))) for each in odds]
        if sum(weight * chance for weight, chance in zip(weights, chances, strict=True)) < came:
            low = middle
        else:
            high = middle
    return [1 / (1 + exp(-(each + high))) for each in odds]


def tells(people: Sequence[Judged]) -> bool:
    """Whether there are enough to conclude anything."""
    return len(people) >= LEAST_COMPARED and len({each.accepted for each in people}) > 1
