"""What a training hands over: a verdict, its figures, and a model if there is one. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from automation.scoring.model import Model, model_json, model_of
from automation.training.evaluation import (
    Comparison,
    Evaluation,
    LastWeeks,
    ReliabilityBand,
    Standing,
    Verdict,
)


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A card and what it is about."""

    verdict: Verdict
    evaluation: Evaluation
    model: str = ""
    """As `model_json` writes it; empty where nothing could be learned."""

    @classmethod
    def of(
        cls, verdict: Verdict, evaluation: Evaluation, model: Model | None = None
    ) -> TrainingResult:
        """What came of it."""
        text = "" if model is None else model_json(model)
        return cls(verdict=verdict, evaluation=evaluation, model=text)


def result_json(result: TrainingResult) -> str:
    """As a line."""
    return json.dumps(asdict(result), sort_keys=True, allow_nan=False)


def result_of(text: str) -> TrainingResult:
    """Read what `result_json` wrote. Raises `ValueError`, `KeyError` or `TypeError` for else."""
    told = json.loads(text)
    result = TrainingResult(
        verdict=Verdict(told["verdict"]),
        evaluation=evaluation_of(told["evaluation"]),
        model=str(told["model"]),
    )
    if result.model:
        model_of(result.model)
    return result


def evaluation_of(told: Mapping[str, Any]) -> Evaluation:
    """The figures of a card. Raises `KeyError` or `TypeError` where some are missing."""
    comparison, last_weeks = told["comparison"], told["last_weeks"]
    # Older cards do not have these.
    explored, champion = told.get("explored"), told.get("champion")
    return Evaluation(
        matured=told["matured"],
        accepted=told["accepted"],
        companies=told["companies"],
        comparison=None if comparison is None else Comparison(**comparison),
        last_weeks=None if last_weeks is None else _last_weeks(last_weeks),
        explored=None if explored is None else Comparison(**explored),
        champion=None if champion is None else Standing(**champion),
    )


def _last_weeks(told: Mapping[str, Any]) -> LastWeeks:
    bands = tuple(ReliabilityBand(**band) for band in told["bands"])
    return LastWeeks(**{**told, "bands": bands})
