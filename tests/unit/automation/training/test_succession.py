"""A worse model never ranks, and one that has failed leaves it to the rules."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from automation.decisions.decision import Change, DecisionKind
from automation.training.evaluation import Comparison, Standing, Verdict, verdict_of
from automation.training.succession import succession
from automation.training.trained_model import TrainedModel

from tests.unit.automation.training.test_evaluation import GOOD

SURPASSED = Standing(model_id="mdl_1", people=80, gain=0.02, gain_error=0.01, slope=0.9)
HOLDS = replace(SURPASSED, gain=0.01)
WORSE = replace(SURPASSED, gain=-0.05)
FAILED = replace(WORSE, slope=0.69)
UNKNOWN = Standing(model_id="mdl_1", people=3)
UNREADABLE = Standing(model_id="mdl_1", people=0, readable=False)


def learned(champion: Standing | None, *, verdict: Verdict = Verdict.PROMOTABLE) -> TrainedModel:
    return TrainedModel(
        organization_id="org_1",
        model_id="mdl_2",
        program_id="prog_1",
        run_id="run_2",
        trained_at=datetime(2027, 3, 1, tzinfo=UTC),
        seed=1,
        verdict=verdict,
        evaluation=replace(GOOD, champion=champion),
    )


@pytest.mark.parametrize(
    ("champion", "verdict", "ranks_next"),
    [
        (None, Verdict.PROMOTABLE, "mdl_2"),
        (None, Verdict.NOT_BETTER, None),
        (None, Verdict.LEARNING, None),
        (SURPASSED, Verdict.PROMOTABLE, "mdl_2"),
        (SURPASSED, Verdict.POORLY_CALIBRATED, None),
        (HOLDS, Verdict.PROMOTABLE, None),
        (WORSE, Verdict.PROMOTABLE, None),
        (UNKNOWN, Verdict.PROMOTABLE, None),
        (FAILED, Verdict.PROMOTABLE, "mdl_2"),
        (FAILED, Verdict.NOT_BETTER, ""),
        (UNREADABLE, Verdict.PROMOTABLE, "mdl_2"),
        (UNREADABLE, Verdict.LEARNING, ""),
    ],
)
def test_what_ranks_next(
    champion: Standing | None, verdict: Verdict, ranks_next: str | None
) -> None:
    """None: all stays as it is; empty: the rules. Its inverse is known."""
    ranks = "" if champion is None else "mdl_1"

    proposal = succession(learned(champion, verdict=verdict), ranks=ranks)

    if ranks_next is None:
        assert proposal is None
        return
    assert proposal is not None
    assert proposal.kind is DecisionKind.PROMOTE_MODEL
    assert proposal.change == Change(before={"model_id": ranks}, after={"model_id": ranks_next})


@pytest.mark.parametrize("ranks", ["", "mdl_2", "mdl_3"])
def test_nothing_follows_where_another_one_ranks_by_now(ranks: str) -> None:
    """It was held against `mdl_1`."""
    assert succession(learned(SURPASSED), ranks=ranks) is None


def test_who_is_worse_with_those_whom_chance_chose_may_not_rank() -> None:
    """By more than a standard error; less than that tells nothing."""
    worse = Comparison(model_loss=0.7, rules_loss=0.6, gain=-0.1, gain_error=0.05)

    assert verdict_of(replace(GOOD, explored=worse)) is Verdict.NOT_BETTER
    assert verdict_of(replace(GOOD, explored=replace(worse, gain=-0.05))) is Verdict.PROMOTABLE
