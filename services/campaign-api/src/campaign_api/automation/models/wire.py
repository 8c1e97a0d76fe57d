"""Models as callers read them."""

from collections.abc import Sequence

from automation.scoring.model import RULE_SCORE, Model, ModelRefused, model_of
from automation.training.evaluation import Comparison, LastWeeks, Standing
from automation.training.trained_model import TrainedModel
from outreach.automation.v1 import model_pb2 as pb

from campaign_api.automation.wire import timestamp


def model_to_proto(model: TrainedModel, *, ranks: bool) -> pb.Model:
    """The model, without what it scores by."""
    found = model.evaluation
    return pb.Model(
        model_id=model.model_id,
        organization_id=model.organization_id,
        program_id=model.program_id,
        run_id=model.run_id,
        create_time=timestamp(model.trained_at),
        verdict=pb.ModelVerdict.Value(f"MODEL_VERDICT_{model.verdict.name}"),
        sentence=model.sentence,
        ranks=ranks,
        matured=found.matured,
        accepted=found.accepted,
        companies=found.companies,
    )


def card_to_proto(model: TrainedModel, *, ranks: bool) -> pb.ModelCard:
    """All that is known of it."""
    found = model.evaluation
    return pb.ModelCard(
        model=model_to_proto(model, ranks=ranks),
        comparison=_comparison(found.comparison),
        explored=_comparison(found.explored),
        last_weeks=_calibration(found.last_weeks),
        champion=_standing(found.champion),
        weights=_weights(model.body),
    )


def _comparison(found: Comparison | None) -> pb.ModelComparison | None:
    if found is None:
        return None
    return pb.ModelComparison(
        model_loss=found.model_loss,
        rules_loss=found.rules_loss,
        gain=found.gain,
        gain_error=found.gain_error,
    )


def _calibration(found: LastWeeks | None) -> pb.ModelCalibration | None:
    if found is None:
        return None
    return pb.ModelCalibration(
        people=found.people,
        slope=found.slope,
        intercept=found.intercept,
        brier=found.brier,
        rules_brier=found.rules_brier,
        bands=[
            pb.ReliabilityBand(predicted=band.predicted, accepted=band.accepted, people=band.people)
            for band in found.bands
        ],
    )


def _standing(found: Standing | None) -> pb.ModelStanding | None:
    if found is None:
        return None
    return pb.ModelStanding(
        model_id=found.model_id,
        people=found.people,
        gain=found.gain,
        gain_error=found.gain_error,
        slope=found.slope,
        unreadable=not found.readable,
    )


def _weights(body: str) -> Sequence[pb.ModelWeight]:
    """None of a body that is empty, damaged or newer: what ranks then is the rules."""
    try:
        model = model_of(body)
    except ModelRefused:
        return ()
    return sorted(_each(model), key=lambda weight: (-abs(weight.log_odds), weight.feature))


def _each(model: Model) -> Sequence[pb.ModelWeight]:
    slope = model.calibration.slope
    by_rules = pb.ModelWeight(
        feature=RULE_SCORE,
        level=f"{model.rule.spread:g} points more",
        log_odds=slope * model.rule.weight,
    )
    return [
        by_rules,
        *(
            pb.ModelWeight(feature=name, level=level, log_odds=slope * weight)
            for name, levels in model.weights.items()
            for level, weight in levels.items()
        ),
    ]
