"""Runs of programs at Temporal: what is due, what is started by hand, and what is to end."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from automation.programs.program import Program
from automation.programs.temporal_schedules import LONGEST, SCHEDULED, ProgramSchedules
from automation.runs.contracts import (
    TRAINING_QUEUE,
    DailyProgramContract,
    RunInput,
    TrainModelContract,
    WeeklyReviewContract,
    run_workflow_id,
)
from automation.runs.run import Run, RunTrigger, RunType
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.clock import Clock
from servicekit.temporal.search_attributes import NOT_OURS
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from campaign_api.clients.temporal import TemporalConnection, answering, sandbox_clock

_AT_ONCE = 8


class ProgramRuns:
    """Calls, each within `timeout`; raises `TemporalUnavailable` where Temporal is away."""

    def __init__(
        self, temporal_connection: TemporalConnection, clock: Clock, *, timeout: timedelta
    ) -> None:
        self._temporal = temporal_connection
        self._clock = clock
        self._timeout = timeout
        self._schedules = ProgramSchedules(lambda: temporal_connection.client, clock)

    async def due(
        self, program: Program, of: RunType, *, since: datetime, until: datetime
    ) -> Sequence[datetime]:
        """When it is due by the calendar of its schedule, which is made if there is none yet.

        Of a type that not every deployment has there is none then.
        """
        async with answering(self._timeout):
            try:
                return await self._schedules.times(program, of, since=since, until=until)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            if of not in SCHEDULED:
                return []
            await self._schedules.put(program)
            return await self._schedules.times(program, of, since=since, until=until)

    async def start(
        self, program: Program, of: RunType, nominal_at: datetime, *, trigger: RunTrigger, by: str
    ) -> bool:
        """Have a run of this nominal time; False if there was one that has not failed."""
        asked = RunInput(
            organization_id=program.organization_id,
            program_id=program.program_id,
            trigger=trigger,
            actor=by,
            nominal_at=nominal_at,
            clock=sandbox_clock(self._clock),
        )
        async with answering(self._timeout):
            try:
                await self._temporal.client.start_workflow(
                    workflow_of(of),
                    asked,
                    id=run_workflow_id(program.program_id, of, nominal_at),
                    task_queue=TASK_QUEUE,
                    execution_timeout=LONGEST[of],
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                )
            except WorkflowAlreadyStartedError:
                return False
        return True

    async def fits_models(self) -> bool:
        """Whether anybody asks for trainings, as far as Temporal tells.

        It knows who has asked in the last five minutes; where it tells nobody, somebody may.
        """
        async with answering(self._timeout):
            client = self._temporal.client
            asked = DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=TRAINING_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            )
            try:
                answer = await client.workflow_service.describe_task_queue(
                    asked, timeout=self._timeout
                )
            except RPCError as error:
                if error.status not in NOT_OURS:
                    raise
                return True
        return bool(answer.pollers)

    async def start_several(
        self, program: Program, times: Sequence[datetime], *, by: str
    ) -> Sequence[bool]:
        """Have daily runs of times that are over; each as of `start`."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(nominal_at: datetime) -> bool:
            async with places:
                return await self.start(
                    program, RunType.DAILY, nominal_at, trigger=RunTrigger.BACKFILL, by=by
                )

        return await asyncio.gather(*map(one, times))

    async def cancel(self, run: Run) -> None:
        """Ask a run to end; one that Temporal does not know has ended, or will be told so."""
        async with answering(self._timeout):
            try:
                await self._temporal.client.get_workflow_handle(run.workflow_id).cancel()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise


def workflow_of(of: RunType) -> Any:
    """Which one looks at that."""
    match of:
        case RunType.DAILY:
            return DailyProgramContract.run
        case RunType.WEEKLY:
            return WeeklyReviewContract.run
        case RunType.TRAINING:
            return TrainModelContract.run
        case _:
            assert_never(of)
