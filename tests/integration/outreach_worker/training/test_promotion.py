"""outreach_worker.training: a decision to rank by a model is brought about, and taken back."""

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind
from automation.scoring.model import model_json
from automation.training.model_repository import ModelRepository
from outreach_worker.decisions.effects import Overtaken
from outreach_worker.training.promotion import ModelPromotion
from servicekit.clock import Clock

from tests.integration.automation.training.test_model_repository import (
    NOW,
    ORGANIZATION,
    PROGRAM,
    model,
    models,
    pool,
)
from tests.unit.automation.scoring.test_model import MODEL

__all__ = ["models", "pool"]


def decided(before: str, after: str) -> Decision:
    return Decision(
        id=f"dec_{after}",
        organization_id=ORGANIZATION,
        program_id=PROGRAM,
        campaign_id="camp_1",
        key=f"promote_model/{after}",
        kind=DecisionKind.PROMOTE_MODEL,
        rule="better_than_rules",
        change=Change(before={"model_id": before}, after={"model_id": after}),
        created_at=NOW,
    )


async def test_a_promoted_model_ranks_until_that_is_taken_back(models: ModelRepository) -> None:
    """Both ways as often as one likes; then the rules rank as before."""
    await models.record(model(1, body=model_json(MODEL)))
    promotion = ModelPromotion(models, Clock.real_time())
    promote = decided("", "mdl_1")

    for _ in range(2):
        assert await promotion.apply(promote) == promote.change
        assert await models.champion(ORGANIZATION, PROGRAM) is not None
    for _ in range(2):
        await promotion.take_back(promote)
        assert await models.champion(ORGANIZATION, PROGRAM) is None


async def test_what_a_person_promoted_meanwhile_stays(models: ModelRepository) -> None:
    """Neither way is it overwritten."""
    for number in (1, 2):
        await models.record(model(number))
    promotion = ModelPromotion(models, Clock.real_time())
    await promotion.apply(decided("", "mdl_2"))

    for attempt in (promotion.apply, promotion.take_back):
        with pytest.raises(Overtaken):
            await attempt(decided("", "mdl_1"))
