"""Whether a new model is to rank, or the rules again. Pure."""

from __future__ import annotations

from automation.decisions.decision import Change, DecisionKind, Facts
from automation.optimisation.proposals import Proposal
from automation.training.trained_model import TrainedModel

BETTER_MODEL, FAILED_CHAMPION = "better_model", "failed_champion"
"""The rules, as decisions name them."""


def succession(model: TrainedModel, *, ranks: str) -> Proposal | None:
    """What a training leads to; `ranks` is the model that ranks now, empty for the rules.

    A model replaces the rules if it is better than they are, and another model if it is better than
    that one too, or that one has failed. Of a failed one without a better one the rules rank. None:
    all stays as it is, also where another model has come to rank since this one was learned.
    """
    champion = model.evaluation.champion
    if ranks == model.model_id or ranks != (champion.model_id if champion else ""):
        return None
    if champion is None:
        return _promoted(model, model.model_id, ranks, BETTER_MODEL) if model.may_rank else None
    if model.may_rank and (champion.is_surpassed or champion.has_failed):
        return _promoted(model, model.model_id, ranks, BETTER_MODEL)
    if champion.has_failed:
        return _promoted(model, "", ranks, FAILED_CHAMPION)
    return None


def _promoted(model: TrainedModel, to: str, ranks: str, rule: str) -> Proposal:
    return Proposal(
        kind=DecisionKind.PROMOTE_MODEL,
        key=f"promote_model/{to or 'rules'}/instead_of/{ranks or 'rules'}",
        rule=rule,
        inputs=_figures(model),
        change=Change(before={"model_id": ranks}, after={"model_id": to}),
    )


def _figures(model: TrainedModel) -> Facts:
    """What was known; what was not measured is not there."""
    found = model.evaluation
    figures: dict[str, str | float | None] = {
        "trained": model.model_id,
        "verdict": model.verdict.value,
        "matured": found.matured,
        "accepted": found.accepted,
    }
    if found.comparison is not None:
        figures |= {"gain": found.comparison.gain, "gain_error": found.comparison.gain_error}
    if found.last_weeks is not None:
        figures["slope"] = found.last_weeks.slope
    if found.explored is not None:
        figures["explored_gain"] = found.explored.gain
    if found.champion is not None:
        figures |= {
            "champion_people": found.champion.people,
            "champion_gain": found.champion.gain,
            "champion_slope": found.champion.slope,
        }
    return {name: figure for name, figure in figures.items() if figure is not None}
