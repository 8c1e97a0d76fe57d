"""The model that ranks, next to one that may replace it: with people whom it did not know. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

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

    Raises `ModelRefused` for one that cannot be read.
    """
    model = model_of(champion.body)
    weights = dataset.weights
    people = [
        Judged(
            group=row.group,
            weight=weights[place],
            accepted=row.accepted,
            by_model=by_model[place],
            by_rules=model.score(row.features, row.rule_score),
        )
        for place in dataset.unknown_before(champion.knows_before)
        for row in (dataset.rows[place],)
    ]
    if not tells(people):
        return Standing(model_id=champion.model_id, people=len(people))
    found = compared(people)
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
    explored = [person for row, person in zip(dataset.rows, people, strict=True) if row.explored]
    return compared(explored) if tells(explored) else None


def tells(people: Sequence[Judged]) -> bool:
    """Whether there are enough to conclude anything."""
    return len(people) >= LEAST_COMPARED and len({each.accepted for each in people}) > 1
