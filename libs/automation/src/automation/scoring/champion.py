"""The model that was promoted, and whether it can be scored by. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from automation.scoring.model import Model, ModelRefusal, ModelRefused, model_of
from automation.scoring.rules import Rules


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

    @property
    def ranks(self) -> str:
        """The id of the model that ranks; empty where the rules do."""
        return self.model_id if self.model is not None else ""


def scorer_of(champion: Champion | None, rules: Rules) -> ChosenScorer:
    """The champion, if it can be read and is of these rules; else nothing, and the rules rank."""
    if champion is None:
        return ChosenScorer()
    refused = ChosenScorer(model_id=champion.model_id)
    try:
        model = model_of(champion.body)
    except ModelRefused as error:
        return replace(refused, refusal=error.reason.value)
    if model.rules not in (None, rules.digest):
        return replace(refused, refusal=ModelRefusal.OTHER_RULES.value)
    return replace(refused, model=model)
