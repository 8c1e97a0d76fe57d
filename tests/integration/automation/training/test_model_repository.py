"""Models stay as they were learned; which of them ranks is a pointer that nobody moves unseen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from automation.programs.program import Program, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.scoring.champion import Champion
from automation.training.errors import ChampionChanged, ModelNotFound, ModelNotPromotable
from automation.training.evaluation import Verdict
from automation.training.model_repository import ModelRepository
from automation.training.trained_model import TrainedModel
from servicekit.postgres.pool import Pool, connect_pool

from tests.integration.automation.conftest import program_of
from tests.unit.automation.training.test_evaluation import GOOD

NOW = datetime(2027, 3, 1, tzinfo=UTC)
ORGANIZATION, PROGRAM = "org_1", "prog_1"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(("automation", "automation")), "automation") as pool:
        yield pool


@pytest.fixture
def models(pool: Pool) -> ModelRepository:
    return ModelRepository(pool)


def model(number: int, **told: object) -> TrainedModel:
    usual = TrainedModel(
        organization_id=ORGANIZATION,
        model_id=f"mdl_{number}",
        program_id=PROGRAM,
        run_id=f"run_{number}",
        trained_at=NOW + timedelta(weeks=number),
        seed=1,
        verdict=Verdict.PROMOTABLE,
        evaluation=GOOD,
        body=f'{{"number": {number}}}',
    )
    return replace(usual, **told)  # type: ignore[arg-type]


async def ranks(models: ModelRepository) -> str:
    found = await models.champion(ORGANIZATION, PROGRAM)
    return "" if found is None else found.model_id


async def promote(models: ModelRepository, model_id: str, *, instead_of: str = "") -> None:
    await models.promote(
        ORGANIZATION, PROGRAM, model_id, instead_of=instead_of, by="mem_1", now=NOW
    )


async def test_a_model_is_read_as_it_was_written(models: ModelRepository) -> None:
    """With its card; to write it again, otherwise, changes nothing."""
    first = model(1)

    assert await models.record(first) == first
    assert await models.record(replace(first, body="another")) == first
    assert await models.get("mdl_1") == first
    with pytest.raises(ModelNotFound):
        await models.get("mdl_2")


async def test_models_of_a_program_are_listed_newest_first(models: ModelRepository) -> None:
    """And nobody else's."""
    for each in (model(1), model(2), model(3, program_id="prog_2")):
        await models.record(each)

    assert [each.model_id for each in await models.of_program(ORGANIZATION, PROGRAM, limit=9)] == [
        "mdl_2",
        "mdl_1",
    ]


async def test_the_rules_rank_until_a_model_is_promoted(models: ModelRepository) -> None:
    """And again when that is taken back; every move stays on record."""
    for number in (1, 2):
        await models.record(model(number))
    assert await models.champion(ORGANIZATION, PROGRAM) is None

    await promote(models, "mdl_1")
    await promote(models, "mdl_2", instead_of="mdl_1")
    assert await models.champion(ORGANIZATION, PROGRAM) == Champion(
        model_id="mdl_2", body=model(2).body, trained_at=model(2).trained_at
    )
    assert await models.before_champion(ORGANIZATION, PROGRAM) == "mdl_1"

    await promote(models, "mdl_1", instead_of="mdl_2")
    assert await ranks(models) == "mdl_1"
    await promote(models, "", instead_of="mdl_1")
    assert await models.champion(ORGANIZATION, PROGRAM) is None


async def test_a_pointer_that_was_moved_meanwhile_stays(models: ModelRepository) -> None:
    """What somebody else has promoted is not replaced unseen; to promote again changes nothing."""
    for number in (1, 2):
        await models.record(model(number))
    await promote(models, "mdl_1")

    await promote(models, "mdl_1")
    with pytest.raises(ChampionChanged):
        await promote(models, "mdl_2")

    assert await ranks(models) == "mdl_1"


async def test_of_many_at_once_one_promotes(models: ModelRepository) -> None:
    """The others are told."""
    for number in range(8):
        await models.record(model(number))

    came = await asyncio.gather(
        *(promote(models, f"mdl_{number}") for number in range(8)), return_exceptions=True
    )

    assert [type(each) for each in came if each is not None] == [ChampionChanged] * 7
    assert came.index(None) == int((await ranks(models)).removeprefix("mdl_"))


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.PROMOTABLE])
async def test_what_its_card_forbids_is_not_promoted(
    models: ModelRepository, verdict: Verdict
) -> None:
    """By nobody."""
    await models.record(model(1, verdict=verdict))

    with pytest.raises(ModelNotPromotable):
        await promote(models, "mdl_1")


async def test_a_model_of_another_program_is_not_found(models: ModelRepository) -> None:
    """Nor one of another organization."""
    await models.record(model(1, program_id="prog_2"))
    await models.record(model(2, organization_id="org_2"))

    for model_id in ("mdl_1", "mdl_2", "mdl_3"):
        with pytest.raises(ModelNotFound):
            await promote(models, model_id)


async def test_a_champion_that_is_gone_has_no_body(models: ModelRepository, pool: Pool) -> None:
    """So it is refused, and the rules rank."""
    await models.record(model(1))
    await promote(models, "mdl_1")
    await pool.execute("DELETE FROM models")

    assert await models.champion(ORGANIZATION, PROGRAM) == Champion(model_id="mdl_1", body="")


async def test_of_programs_that_counted_each_for_itself_the_last_to_promote_ranks(
    models: ModelRepository, pool: Pool
) -> None:
    """The one before had promoted seven times: its last model outranked what came after it."""
    programs = ProgramRepository(pool)
    promoted, ids = [(7, "mdl_1", NOW - timedelta(days=9)), (1, "mdl_2", NOW)], []
    for number, model_id, at in promoted:
        made = replace(program_of("camp_1"), organization_id=ORGANIZATION)
        made = await programs.create(made, request_id=model_id)
        await programs.to_state(made.program_id, ProgramState.DELETED, now=NOW)
        await models.record(model(int(model_id[-1]), program_id=made.program_id))
        await pool.execute(
            "INSERT INTO champions (organization_id, program_id, number, model_id, promoted_at,"
            " promoted_by) VALUES ($1, $2, $3, $4, $5, 'mem_1')",
            *(ORGANIZATION, made.program_id, number, model_id, at),
        )
        ids.append(made.program_id)

    assert {await models.ranking(ORGANIZATION, each) for each in ids} == {"mdl_2"}
    assert await models.ranking_of(ORGANIZATION, ids) == {"mdl_2"}
    assert await models.before_champion(ORGANIZATION, ids[1]) == "mdl_1"
    later = NOW + timedelta(days=1)
    for program_id, model_id, instead_of in ((ids[0], "mdl_1", "mdl_2"), (ids[1], "", "mdl_1")):
        await models.promote(
            ORGANIZATION, program_id, model_id, instead_of=instead_of, by="mem_1", now=later
        )
    assert await models.ranking(ORGANIZATION, ids[0]) == ""


async def test_what_ranks_is_the_campaigns(models: ModelRepository, pool: Pool) -> None:
    """A program that follows one that was deleted ranks by the same, and can go back to before."""
    programs = ProgramRepository(pool)

    async def begun(campaign_id: str, request_id: str) -> Program:
        program = replace(program_of(campaign_id), organization_id=ORGANIZATION)
        return await programs.create(program, request_id=request_id)

    first, other = await begun("camp_1", "one"), await begun("camp_2", "two")
    for number in (1, 2):
        await models.record(model(number, program_id=first.program_id))
    await models.promote(
        ORGANIZATION, first.program_id, "mdl_1", instead_of="", by="mem_1", now=NOW
    )
    await programs.to_state(first.program_id, ProgramState.DELETED, now=NOW)
    second = await begun("camp_1", "three")

    ids = [first.program_id, second.program_id, other.program_id]
    assert await models.ranking(ORGANIZATION, second.program_id) == "mdl_1"
    assert await models.ranking_of(ORGANIZATION, ids[1:]) == {"mdl_1"}
    assert await models.champion(ORGANIZATION, other.program_id) is None
    with pytest.raises(ModelNotFound):
        await models.promote(
            ORGANIZATION, other.program_id, "mdl_2", instead_of="", by="mem_1", now=NOW
        )
    await models.promote(
        ORGANIZATION, second.program_id, "mdl_2", instead_of="mdl_1", by="mem_1", now=NOW
    )
    assert await models.ranking_of(ORGANIZATION, ids) == {"mdl_2"}
    assert await models.before_champion(ORGANIZATION, second.program_id) == "mdl_1"
