"""TrainModel on PostgreSQL and Temporal: what a child tells is kept, decided about, and ranks."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.programs.program import Program, ProgramEdit, ProgramMode
from automation.runs.contracts import (
    RunInput,
    RunOutcome,
    RunResult,
    TrainModelContract,
    run_workflow_id,
)
from automation.runs.run import RunState, RunTrigger, RunType
from automation.training.evaluation import Verdict
from automation.training.model_repository import ModelRepository
from automation.training.trained_model import model_id_of
from automation.training.training_result import TrainingResult, result_json
from outreach_worker.decisions.activities import DecisionActivities
from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.settlement import DecisionSettlement
from outreach_worker.settings import Settings
from outreach_worker.training.composition import compose_fitting, compose_succession
from outreach_worker.training.fitting import FittingProcess
from outreach_worker.training.promotion import ModelPromotion
from outreach_worker.training.workflow import TrainModelWorkflow
from outreach_worker.worker import training_worker
from servicekit.temporal.worker import run_worker

from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.programs.conftest import Programs, programs
from tests.unit.automation.scoring.test_model import MODEL
from tests.unit.automation.training.test_evaluation import GOOD

__all__ = ["programs"]

PROMOTABLE = TrainingResult.of(Verdict.PROMOTABLE, GOOD, MODEL)


class Trainings:
    """Both deployments; what fits is a script that tells a result."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self.models = ModelRepository(programs.pool)
        self.decisions = DecisionRepository(programs.pool)
        self.history = DecisionHistory(programs.pool)
        clock = programs.clock
        self.decision = DecisionActivities(
            DecisionSettlement(
                self.decisions,
                {DecisionKind.PROMOTE_MODEL: ModelPromotion(self.models, clock)},
                clock,
                calling_off=CallingOff(programs.rows, programs.run_rows, clock),
            )
        )

    async def begin(self, stack: AsyncExitStack, script: str) -> None:
        """Have both poll; the child is a Python that runs the script."""
        of = self._programs
        composed = compose_fitting(of.clock, pool=of.campaign_pool, automation=of.pool, seal=SEAL)
        composed._fitting = FittingProcess(
            within=timedelta(seconds=30), command=(sys.executable, "-S", "-c", script)
        )
        own = [
            of.activities.begin_run,
            of.activities.end_run,
            compose_succession(of.clock, pool=of.campaign_pool, automation=of.pool).decide_champion,
            self.decision.bring_about,
        ]
        await stack.enter_async_context(
            run_worker(
                of.client,
                of.task_queue,
                workflows=[TrainModelWorkflow],
                activities=own,
                pollers=2,
                grace=timedelta(),
            )
        )
        settings = Settings.model_construct(shutdown_grace=timedelta())
        await stack.enter_async_context(training_worker(of.client, composed, settings))

    async def program(self, mode: ProgramMode) -> Program:
        made = await self._programs.new_program()
        edit = ProgramEdit(changes={"mode": mode})
        return await self._programs.rows.edit(made.program_id, edit, now=self._programs.clock.now())

    async def train(self, program: Program, nominal_at: datetime, *, named: str = "") -> RunResult:
        asked = RunInput(
            organization_id=program.organization_id,
            program_id=program.program_id,
            trigger=RunTrigger.MANUAL,
            nominal_at=nominal_at,
        )
        own = run_workflow_id(program.program_id, RunType.TRAINING, nominal_at)
        return await self._programs.client.execute_workflow(
            TrainModelContract.run, asked, id=named or own, task_queue=self._programs.task_queue
        )

    async def decided(self, program: Program) -> list[Decision]:
        return list(
            await self.history.of_campaign(
                program.organization_id,
                program.campaign_id,
                (DecisionKind.PROMOTE_MODEL,),
                since=program.created_at,
            )
        )


def tells(result: TrainingResult) -> str:
    return f"import sys; sys.stdin.read(); print({result_json(result)!r})"


NOMINAL = datetime(2027, 3, 1, 6, tzinfo=UTC)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as entered:
        yield entered


async def test_a_better_model_ranks_in_autopilot_and_is_asked_for_in_review(
    programs: Programs, stack: AsyncExitStack
) -> None:
    """One run a nominal time: who comes second learns nothing."""
    trainings = Trainings(programs)
    await trainings.begin(stack, tells(PROMOTABLE))
    by_mode = {mode: await trainings.program(mode) for mode in ProgramMode}

    for program in by_mode.values():
        assert (await trainings.train(program, NOMINAL)).outcome is RunOutcome.COMPLETED
    second = await trainings.train(by_mode[ProgramMode.REVIEW], NOMINAL, named="another")

    assert second.outcome is RunOutcome.ALREADY_RUN
    states: dict[ProgramMode, Any] = {}
    for mode, program in by_mode.items():
        (run,) = await programs.runs(program)
        (decision,) = await trainings.decided(program)
        assert decision.change.after == {"model_id": model_id_of(run.run_id)}
        assert run.result["verdict_promotable"] == run.result["promote_model"] == 1
        states[mode] = (
            decision.state,
            await trainings.models.ranking(program.organization_id, program.program_id),
        )
    assert states == {
        ProgramMode.DRY_RUN: (DecisionState.DRY, ""),
        ProgramMode.REVIEW: (DecisionState.PROPOSED, ""),
        ProgramMode.AUTOPILOT: (DecisionState.APPLIED, decision.change.after["model_id"]),
    }


async def test_what_is_not_better_is_kept_with_its_card_and_never_ranks(
    programs: Programs, stack: AsyncExitStack
) -> None:
    """No decision either."""
    trainings = Trainings(programs)
    told = replace(PROMOTABLE, verdict=Verdict.NOT_BETTER)
    await trainings.begin(stack, tells(told))
    program = await trainings.program(ProgramMode.AUTOPILOT)

    await trainings.train(program, NOMINAL)

    (run,) = await programs.runs(program)
    kept = await trainings.models.get(model_id_of(run.run_id))
    assert (kept.verdict, kept.may_rank) == (Verdict.NOT_BETTER, False)
    assert await trainings.decided(program) == []
    assert run.state is RunState.COMPLETED


async def test_of_a_campaign_that_has_ended_nothing_is_decided(
    programs: Programs, stack: AsyncExitStack
) -> None:
    """The model is kept with its card."""
    trainings = Trainings(programs)
    await trainings.begin(stack, tells(PROMOTABLE))
    program = await trainings.program(ProgramMode.REVIEW)
    await programs.campaign_pool.execute("UPDATE campaigns SET state = 'stopped'")

    await trainings.train(program, NOMINAL)

    (run,) = await programs.runs(program)
    assert (await trainings.models.get(model_id_of(run.run_id))).may_rank
    assert await trainings.decided(program) == []
