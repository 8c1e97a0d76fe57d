"""The model that was promoted, and whether it can be scored by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.scoring.model import Model, ModelRefused, model_of


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The model that was promoted last, as it is stored."""

    model_id: str
    body: str
    trained_at: datetime | None = None
    """None of one that is gone."""


@dataclass(frozen=True, kw_only=True)
class ChosenScorer:
    """What ranks: the model, or without one the customer's rules."""

    model: Model | None = None
    model_id: str = ""
    refusal: str = ""
    """Why the promoted model does not score, as `ModelRefusal` has it; the log says so."""


def scorer_of(champion: Champion | None) -> ChosenScorer:
    """The champion, if there is one and it can be read; else nothing, and the rules rank."""
    if champion is None:
        return ChosenScorer()
    try:
        return ChosenScorer(model=model_of(champion.body), model_id=champion.model_id)
    except ModelRefused as refused:
        return ChosenScorer(model_id=champion.model_id, refusal=refused.reason.value)
