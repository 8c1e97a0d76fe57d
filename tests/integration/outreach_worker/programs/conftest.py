"""Runs of programs on real parts: PostgreSQL, and Temporal in the sandbox's time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.programs.program import Program, ProgramState, new_settings
from automation.programs.program_repository import ProgramRepository
from automation.programs.temporal_schedules import ProgramSchedules
from automation.runs.contracts import RunInput, RunResult, run_workflow_id
from automation.runs.run import Run, RunTrigger, RunType
from automation.runs.run_repository import RUN, RunRepository
from campaign_api.automation.temporal import workflow_of
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.workflow.contracts import SandboxClock
from outreach_worker.automation_composition import compose_schedule_keeper
from outreach_worker.decisions.workflow import ApplyDecisionWorkflow
from outreach_worker.metrics import Metrics
from outreach_worker.optimisation.workflow import WeeklyReviewWorkflow
from outreach_worker.programs.activities import RunActivities
from outreach_worker.programs.day_contracts import LeadsSelected
from outreach_worker.programs.lost_runs import LostRuns
from outreach_worker.programs.schedule_keeper import ScheduleKeeper
from outreach_worker.programs.workflow import DailyProgramWorkflow
from outreach_worker.worker import new_plugin
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.temporal import connection as temporal
from servicekit.temporal.worker import run_worker
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tests.fakes.program_story import ProgramStory
from tests.integration.campaigns.conftest import draft
from tests.servers.postgres import as_role

SPEED = 90_000.0
"""A virtual day is 0.96 s."""


@dataclass
class Programs:
    """A worker for runs alone, and every part that a test may look behind it at."""

    pool: Pool
    campaign_pool: Pool
    client: Client
    clock: Clock
    activities: RunActivities
    keeper: ScheduleKeeper
    schedules: ProgramSchedules
    lost: LostRuns
    task_queue: str
    registry: CollectorRegistry

    def __post_init__(self) -> None:
        self.rows, self.run_rows = ProgramRepository(self.pool), RunRepository(self.pool)

    def working(self, *further: type, **others: Any) -> AbstractAsyncContextManager[Any]:
        """A worker; it may have further workflows, and some of its activities may be others."""
        own = {
            name: getattr(self.activities, name)
            for name in ("begin_run", "collect_outcomes", "end_run")
        }
        nobody = ProgramStory(selected=LeadsSelected())
        own |= {
            name: getattr(nobody, name)
            for name in (
                "check_guardrails",
                "judge_experiments",
                "read_senders",
                "select_leads",
                "make_report",
            )
        }
        return run_worker(
            self.client,
            self.task_queue,
            workflows=[
                *(DailyProgramWorkflow, WeeklyReviewWorkflow, ApplyDecisionWorkflow),
                *further,
            ],
            activities=[*{**own, **others}.values()],
            pollers=2,
            grace=timedelta(),
        )

    async def new_program(self, *, state: ProgramState = ProgramState.ACTIVE) -> Program:
        """Its campaign has no leads."""
        now = self.clock.now()
        campaign, revision = draft()
        await CampaignRepository(self.campaign_pool).create(
            campaign, revision, request_id=campaign.id
        )
        program = Program(
            organization_id="org_north",
            program_id=new_id("prog"),
            campaign_id=campaign.id,
            state=state,
            settings=new_settings("Spring", time_zone="Europe/Berlin"),
            created_at=now,
            updated_at=now,
        )
        return await self.rows.create(program, request_id=program.program_id)

    async def start(
        self,
        program: Program,
        nominal_at: datetime,
        *,
        trigger: RunTrigger = RunTrigger.MANUAL,
        of: RunType = RunType.DAILY,
        named: str = "",
        within: timedelta | None = None,
    ) -> WorkflowHandle[Any, RunResult]:
        """A run of that nominal time; `named` is another workflow's than the one it has.

        Temporal ends it in so much real time.
        """
        own = run_workflow_id(program.program_id, of, nominal_at)
        return await self.client.start_workflow(
            workflow_of(of),
            RunInput(
                organization_id=program.organization_id,
                program_id=program.program_id,
                trigger=trigger,
                nominal_at=nominal_at,
                clock=SandboxClock(epoch=self.clock.epoch, speed=self.clock.speed),
            ),
            id=named or own,
            task_queue=self.task_queue,
            execution_timeout=within,
        )

    async def runs(self, program: Program) -> list[Run]:
        """Its runs by their nominal times."""
        rows = await self.pool.fetch(
            f"SELECT {RUN} FROM runs WHERE program_id = $1 ORDER BY nominal_at",
            program.program_id,
        )
        return [RUN.read(row) for row in rows]

    async def until(self, condition: Callable[[], Any], *, within: float = 60.0) -> None:
        """Until a coroutine function says so."""
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110 - rows say it, not an event
                await asyncio.sleep(0.02)


@pytest.fixture
async def programs(
    new_database: Callable[..., str], temporal_server: Any
) -> AsyncIterator[Programs]:
    """Everything but a running worker; no schedule outlives it."""
    url = new_database(("campaign", "campaigns"), ("automation", "automation"))
    clock, registry, task_queue = Clock(datetime.now(UTC), SPEED), CollectorRegistry(), new_id("q")
    client = await temporal.connect(
        new_plugin(clock), environ={**os.environ, **temporal_server.environ}
    )
    async with (
        connect_pool(as_role(url, "campaign_background"), "campaign", max_size=2) as campaigns,
        connect_pool(as_role(url, "automation_background"), "automation", max_size=4) as pool,
    ):
        metrics, runs = Metrics(registry), RunRepository(pool)
        made = Programs(
            pool=pool,
            campaign_pool=campaigns,
            client=client,
            clock=clock,
            activities=RunActivities(
                ProgramRepository(pool),
                runs,
                StatusRepository(campaigns),
                campaigns=CampaignRepository(campaigns),
                metrics=metrics,
                clock=clock,
            ),
            keeper=compose_schedule_keeper(
                clock, automation=pool, temporal=client, metrics=metrics, task_queue=task_queue
            ),
            schedules=ProgramSchedules(lambda: client, clock, task_queue=task_queue),
            lost=LostRuns(client, runs, metrics=metrics, clock=clock),
            task_queue=task_queue,
            registry=registry,
        )
        yield made
        for program in await made.rows.live(limit=100):
            for id_ in made.schedules.ids_of(program):
                with suppress(RPCError):
                    await made.schedules.remove(id_)
