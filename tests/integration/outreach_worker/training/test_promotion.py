"""outreach_worker.training: a decision to rank by a model is brought about, and taken back."""

from dataclasses import replace

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind
from automation.programs.program import Program, ProgramState, new_settings
from automation.scoring.model import model_json
from automation.training.model_repository import ModelRepository
from outreach_worker.decisions.effects import Overtaken
from outreach_worker.training.champions import Champions
from outreach_worker.training.promotion import ModelPromotion
from servicekit.clock import Clock
from servicekit.postgres.pool import Pool

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

OURS = Program(
    organization_id=ORGANIZATION,
    program_id=PROGRAM,
    campaign_id="camp_1",
    state=ProgramState.ACTIVE,
    settings=new_settings("Spring", time_zone="Europe/Berlin"),
    created_at=NOW,
    updated_at=NOW,
)


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
    promotion, champions = ModelPromotion(models, Clock.real_time()), Champions(models)
    promote = decided("", "mdl_1")

    for _ in range(2):
        assert await promotion.apply(promote) == promote.change
        assert await champions.of(OURS) is not None
    for _ in range(2):
        await promotion.take_back(promote)
        assert await champions.of(OURS) is None


async def test_what_a_person_promoted_meanwhile_stays(models: ModelRepository) -> None:
    """Neither way is it overwritten."""
    for number in (1, 2):
        await models.record(model(number))
    promotion = ModelPromotion(models, Clock.real_time())
    await promotion.apply(decided("", "mdl_2"))

    for attempt in (promotion.apply, promotion.take_back):
        with pytest.raises(Overtaken):
            await attempt(decided("", "mdl_1"))


async def test_a_damaged_champion_leaves_it_to_the_rules(
    models: ModelRepository,
    pool: Pool,
) -> None:
    """Also one that is gone."""
    await models.record(replace(model(1), body="no model"))
    await ModelPromotion(models, Clock.real_time()).apply(decided("", "mdl_1"))

    assert await Champions(models).of(OURS) is None
    await pool.execute("DELETE FROM models")
    assert await Champions(models).of(OURS) is None
