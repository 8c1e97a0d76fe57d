"""People who were invited, as a model is learned from them."""

from collections.abc import Mapping
from typing import Any

from automation.training.dataset import TrainingRow


def person(number: int, *, features: Mapping[str, str] | None = None, **told: Any) -> TrainingRow:
    """Somebody of no company, of week 0, who did not accept, unless told otherwise."""
    usual = {"company_key": "", "week": 0, "rule_score": 0.0, "accepted": False}
    return TrainingRow(lead_id=f"lead_{number:05}", features=features or {}, **{**usual, **told})


def people(count: int) -> list[TrainingRow]:
    """Every third accepts."""
    return [
        person(number, features={"seniority": f"s{number % 4}"}, accepted=number % 3 == 0)
        for number in range(count)
    ]
