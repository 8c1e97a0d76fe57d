"""What every run of a program has: its row is begun first and ended last, whatever it does.

Temporal ends a run at its time without a word, so its steps end sooner: what they wait for may be
away, and what is known is reported all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from automation.runs.contracts import RunInput, RunOutcome, RunResult
    from automation.runs.run import RunState, RunType
    from servicekit.tables import total

    from outreach_worker.policies import ROWS, ActivityOptions, run_report, run_step
    from outreach_worker.programs.contracts import (
        Beginning,
        BeginRun,
        BegunRun,
        EndRun,
        RunActivitiesContract,
    )
    from outreach_worker.workflow_clock import clock_of

_SCHEDULED_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""The nominal time, which Temporal says to what its schedule starts."""
Work = Callable[[BegunRun], Awaitable[None]]
_OUTCOMES = total(
    set(Beginning) - {Beginning.BEGUN},
    {
        Beginning.ALREADY_RUN: RunOutcome.ALREADY_RUN,
        Beginning.NOT_ACTIVE: RunOutcome.NOT_ACTIVE,
    },
)


class RunFrame:
    """Whoever comes second with a nominal time does nothing; `counts` go to the row."""

    def __init__(self, of: RunType) -> None:
        self._of = of
        self.counts: dict[str, int] = {}

    @property
    def step(self) -> ActivityOptions:
        """How a step of the run is asked for."""
        return run_step(_left())

    @property
    def report(self) -> ActivityOptions:
        """How its report is asked for."""
        return run_report(_left())

    async def once(
        self, asked: RunInput, work: Work, *, reporting: Work | None = None
    ) -> RunResult:
        """Do the work of a run, unless another workflow does; record how it has ended.

        Last comes its report, also where a step has failed or run out of its time.
        """
        nominal_at = _nominal_at(asked)
        begun = await workflow.execute_activity_method(
            RunActivitiesContract.begin_run,
            BeginRun(
                organization_id=asked.organization_id,
                program_id=asked.program_id,
                type=self._of,
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
            await _done(begun, work, reporting)
        except (ActivityError, asyncio.CancelledError) as error:
            cancelled = is_cancelled_exception(error)
            state = RunState.CANCELLED if cancelled else RunState.FAILED
            await self._end(begun, nominal_at, state, error="" if cancelled else _why(error))
            raise
        await self._end(begun, nominal_at, RunState.COMPLETED)
        return RunResult(outcome=RunOutcome.COMPLETED, run_id=begun.run_id)

    async def _end(
        self, begun: BegunRun, nominal_at: datetime, state: RunState, *, error: str = ""
    ) -> None:
        await workflow.execute_activity_method(
            RunActivitiesContract.end_run,
            EndRun(
                run_id=begun.run_id,
                type=self._of,
                nominal_at=nominal_at,
                state=state,
                counts=self.counts,
                error=error,
            ),
            **ROWS,
        )


async def _done(begun: BegunRun, work: Work, reporting: Work | None) -> None:
    try:
        await work(begun)
    except ActivityError as error:
        if reporting is None or is_cancelled_exception(error):
            raise
        if workflow.patched("reports-whatever-fails"):
            try:
                await reporting(begun)
            except ActivityError as unreported:
                # What has failed first is what the run has failed of, unless it was cancelled.
                if is_cancelled_exception(unreported):
                    raise
        raise
    if reporting is not None:
        await reporting(begun)


def _left() -> timedelta | None:
    """Of the run's time; None where Temporal does not end it."""
    info = workflow.info()
    if info.execution_timeout is None:
        return None
    return info.execution_timeout - (workflow.now() - info.start_time)


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
