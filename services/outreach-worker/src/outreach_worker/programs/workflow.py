"""A program's day, step after step; its row is begun first and ended last."""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from automation.runs.contracts import DailyProgramContract, RunInput, RunOutcome, RunResult
    from automation.runs.run import RunState, RunType

    from outreach_worker.policies import ROWS, RUN_STEP
    from outreach_worker.programs.contracts import (
        Beginning,
        BeginRun,
        BegunRun,
        EndRun,
        ProgramDay,
        RunActivitiesContract,
    )
    from outreach_worker.workflow_clock import clock_of

_SCHEDULED_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""The nominal time, which Temporal says to what its schedule starts."""
_OUTCOMES = {
    Beginning.ALREADY_RUN: RunOutcome.ALREADY_RUN,
    Beginning.NOT_ACTIVE: RunOutcome.NOT_ACTIVE,
}


@workflow.defn(name="DailyProgram")
class DailyProgramWorkflow(DailyProgramContract):
    """Whoever comes second with a nominal time does nothing."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        nominal_at = self._nominal_at(asked)
        begun = await workflow.execute_activity_method(
            RunActivitiesContract.begin_run,
            BeginRun(
                organization_id=asked.organization_id,
                program_id=asked.program_id,
                type=RunType.DAILY,
                nominal_at=nominal_at,
                trigger=asked.trigger,
                actor=asked.actor,
                workflow_id=workflow.info().workflow_id,
            ),
            **ROWS,
        )
        if begun.beginning is not Beginning.BEGUN:
            return RunResult(outcome=_OUTCOMES[begun.beginning], run_id=begun.run_id)
        try:
            await self._day(
                ProgramDay(
                    organization_id=asked.organization_id,
                    program_id=asked.program_id,
                    run_id=begun.run_id,
                    day=begun.day,
                )
            )
        except (ActivityError, asyncio.CancelledError) as error:
            cancelled = is_cancelled_exception(error)
            state = RunState.CANCELLED if cancelled else RunState.FAILED
            await self._end(begun, nominal_at, state, error="" if cancelled else _why(error))
            raise
        await self._end(begun, nominal_at, RunState.COMPLETED)
        return RunResult(outcome=RunOutcome.COMPLETED, run_id=begun.run_id)

    async def _day(self, day: ProgramDay) -> None:
        collected = await workflow.execute_activity_method(
            RunActivitiesContract.collect_outcomes, day, **RUN_STEP
        )
        by_state = collected.by_state.items()
        self._counts |= {f"leads_{state}": number for state, number in by_state}

    async def _end(
        self, begun: BegunRun, nominal_at: datetime, state: RunState, *, error: str = ""
    ) -> None:
        await workflow.execute_activity_method(
            RunActivitiesContract.end_run,
            EndRun(
                run_id=begun.run_id,
                type=RunType.DAILY,
                nominal_at=nominal_at,
                state=state,
                counts=self._counts,
                error=error,
            ),
            **ROWS,
        )

    @staticmethod
    def _nominal_at(asked: RunInput) -> datetime:
        """When it was due; without a schedule, the second in which it has begun."""
        if asked.nominal_at is not None:
            return asked.nominal_at
        scheduled = workflow.info().typed_search_attributes.get(_SCHEDULED_AT)
        if scheduled is not None:
            return scheduled
        return clock_of(asked.clock).at(workflow.now()).replace(microsecond=0)


def _why(error: BaseException) -> str:
    """Which step has failed, and the kind of its error."""
    if not isinstance(error, ActivityError):
        return type(error).__name__
    cause = error.cause
    kind = cause.type if isinstance(cause, ApplicationError) else type(cause).__name__
    return f"{error.activity_type}: {kind}"
