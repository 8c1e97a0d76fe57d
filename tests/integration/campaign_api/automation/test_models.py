"""campaign_api.automation.models: what programs have learned, and what people have rank."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from automation.runs.contracts import run_workflow_id
from automation.runs.run import RunType
from automation.scoring.model import model_json
from automation.training.evaluation import Verdict
from automation.training.model_repository import ModelRepository
from automation.training.trained_model import TrainedModel
from outreach.automation.v1 import model_pb2, program_pb2, program_service_pb2
from outreach.automation.v1 import model_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotFound
from servicekit.ids import new_id
from servicekit.postgres.pool import connect_pool
from servicekit.temporal.worker import run_worker
from temporalio import activity

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import created, handle, input_of
from tests.integration.campaign_api.conftest import Api
from tests.unit.automation.scoring.test_model import MODEL
from tests.unit.automation.training.test_evaluation import GOOD

NOW = datetime(2027, 3, 1, tzinfo=UTC)


async def learned(
    api: Api,
    program: program_pb2.Program,
    *verdicts: Verdict,
    body: str = model_json(MODEL),
) -> list[str]:
    """Models of the program, as the worker keeps them, the oldest first; their ids."""
    kept = []
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        for number, verdict in enumerate(verdicts):
            model = TrainedModel(
                organization_id=ORGANIZATION,
                model_id=new_id("mdl"),
                program_id=program.program_id,
                run_id=new_id("run"),
                trained_at=NOW + timedelta(weeks=number),
                seed=1,
                verdict=verdict,
                evaluation=GOOD,
                body=body,
            )
            kept.append((await ModelRepository(pool).record(model)).model_id)
    return kept


async def ranking(api: Api, program: program_pb2.Program) -> list[str]:
    """The models that rank, as they are listed."""
    asked = pb.ListModelsRequest(
        organization_id=ORGANIZATION, filter=f"program_id = {program.program_id}"
    )
    answer = await api.stubs.models.ListModels(asked)
    return [each.model_id for each in answer.models if each.ranks]


async def test_a_model_ranks_until_it_is_rolled_back(api: Api) -> None:
    """To the model before, and back again; at the end of what there was the rules rank."""
    program = await created(api, await api.create())
    first, second = await learned(api, program, Verdict.PROMOTABLE, Verdict.PROMOTABLE)
    back = pb.RollbackModelRequest(program_id=program.program_id)
    assert not (await api.stubs.models.RollbackModel(back)).HasField("model")

    for model_id in (first, first):
        await api.stubs.models.PromoteModel(pb.PromoteModelRequest(model_id=model_id))
    assert not (await api.stubs.models.RollbackModel(back)).HasField("model")
    assert await ranking(api, program) == []
    for model_id in (first, second):
        answer = await api.stubs.models.PromoteModel(pb.PromoteModelRequest(model_id=model_id))
        assert answer.model.ranks
        assert await ranking(api, program) == [model_id]
    assert (await api.stubs.models.RollbackModel(back)).model.model_id == first
    assert (await api.stubs.models.RollbackModel(back)).model.model_id == second


async def test_a_worse_model_is_never_promoted(api: Api) -> None:
    """By nobody, whatever its card says otherwise; nor for a program that is deleted."""
    program = await created(api, await api.create())
    worse, better = await learned(api, program, Verdict.NOT_BETTER, Verdict.PROMOTABLE)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.models.PromoteModel(pb.PromoteModelRequest(model_id=worse))
    await api.stubs.programs.DeleteProgram(
        program_service_pb2.DeleteProgramRequest(program_id=program.program_id)
    )
    with pytest.raises(FailedPrecondition) as deleted:
        await api.stubs.models.PromoteModel(pb.PromoteModelRequest(model_id=better))

    assert (refused.value.reason, deleted.value.reason) == (
        "MODEL_NOT_PROMOTABLE",
        "PROGRAM_DELETED",
    )


async def test_a_card_tells_figures_and_weights(api: Api) -> None:
    """Of one that cannot be read the figures alone; what is no model is not found."""
    program = await created(api, await api.create())
    (readable,) = await learned(api, program, Verdict.PROMOTABLE)
    (damaged,) = await learned(api, program, Verdict.PROMOTABLE, body="no model")

    async def card(model_id: str) -> model_pb2.ModelCard:
        request = pb.GetModelCardRequest(model_id=model_id)
        return (await api.stubs.models.GetModelCard(request)).card

    found, other = await card(readable), await card(damaged)

    assert found.model.verdict == model_pb2.MODEL_VERDICT_PROMOTABLE
    assert found.model.sentence.startswith("Better than the rules")
    assert GOOD.comparison is not None
    assert found.comparison.gain == GOOD.comparison.gain
    assert found.last_weeks.bands
    assert not found.HasField("champion")
    told = [abs(each.log_odds) for each in found.weights]
    assert told == sorted(told, reverse=True)
    assert len(told) == 1 + sum(map(len, MODEL.weights.values()))
    assert not other.weights
    for nobodys in ("mdl_nobody", program.program_id):
        with pytest.raises(NotFound) as refused:
            await card(nobodys)
        assert refused.value.reason == "MODEL_NOT_FOUND"


@activity.defn(name="fit_model")
async def fit_model() -> None:
    """Fits nothing."""


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> str:
    """Trainings of which Temporal has heard nothing yet."""
    name = new_id("training")
    monkeypatch.setattr("campaign_api.automation.temporal.TRAINING_QUEUE", name)
    return name


async def train(api: Api, program: program_pb2.Program) -> pb.TrainModelResponse:
    return await api.stubs.models.TrainModel(pb.TrainModelRequest(program_id=program.program_id))


async def until_fitted(api: Api, program: program_pb2.Program) -> pb.TrainModelResponse:
    """A training, once Temporal has heard of the worker."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await train(api, program)
            except FailedPrecondition:
                await asyncio.sleep(0.05)


@pytest.mark.usefixtures("queue")
async def test_where_nobody_fits_models_a_training_is_refused_at_once(api: Api) -> None:
    """It would wait for twelve hours: instead it is said what is to be set, and no run begins."""
    program = await created(api, await api.create())

    with pytest.raises(FailedPrecondition) as refused:
        await train(api, program)

    assert refused.value.reason == "NOBODY_FITS_MODELS"
    assert "OUTREACH_WORKER_TRAINING=here" in refused.value.message
    assert api.temporal is not None
    begins = f"program/{program.program_id}/"
    found = [each.id async for each in api.temporal.list_workflows() if begins in each.id]
    assert not found


async def test_a_training_by_hand_is_a_run_of_its_minute(api: Api, queue: str) -> None:
    """Begun by whoever asked, once somebody fits models."""
    program = await created(api, await api.create())
    assert api.temporal is not None

    async with run_worker(
        api.temporal, queue, activities=[fit_model], pollers=2, grace=timedelta()
    ):
        begun = await until_fitted(api, program)

    nominal_at = begun.nominal_time.ToDatetime(UTC)
    assert begun.workflow_id == run_workflow_id(program.program_id, RunType.TRAINING, nominal_at)
    given = await input_of(handle(api, begun.workflow_id))
    assert (given["trigger"], given["program_id"]) == ("manual", program.program_id)
    await handle(api, begun.workflow_id).terminate()
