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


def task_json(rows: Sequence[TrainingRow], champion: RankingModel | None) -> str:
    """What a training is given: one line of what ranks, if anything does, then one a row."""
    first = "" if champion is None else json.dumps({"champion": asdict(champion)}) + "\n"
    return first + rows_json(rows)


def task_of(text: str) -> tuple[Dataset, RankingModel | None]:
    """Read what `task_json` wrote."""
    first, _, rows = text.partition("\n")
    told = json.loads(first) if first else {}
    if "champion" not in told:
        return dataset_of(text), None
    return dataset_of(rows), RankingModel(**told["champion"])


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
