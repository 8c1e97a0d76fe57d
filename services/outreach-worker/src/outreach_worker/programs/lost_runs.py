"""Rows of runs whose workflow is gone: ended or deleted at Temporal, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from automation.runs.run import Run, RunState
from automation.runs.run_repository import RunRepository
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.metrics import Metrics

_RUNNING_FOR = timedelta(seconds=5)
"""On the wall: most runs are over by then."""
_MOST = 200
_TIMEOUT = timedelta(seconds=10)
_STATES: Mapping[WorkflowExecutionStatus, RunState | None] = {
    WorkflowExecutionStatus.RUNNING: None,
    WorkflowExecutionStatus.CONTINUED_AS_NEW: None,
    WorkflowExecutionStatus.COMPLETED: RunState.FAILED,
    WorkflowExecutionStatus.FAILED: RunState.FAILED,
    WorkflowExecutionStatus.TIMED_OUT: RunState.FAILED,
    WorkflowExecutionStatus.CANCELED: RunState.CANCELLED,
    WorkflowExecutionStatus.TERMINATED: RunState.TERMINATED,
}
"""How a row ends whose workflow ended so without ending it; None: it still runs."""

log = logs.get_logger(__name__)


class LostRuns:
    """Compares rows that run with their workflows, and ends those that nobody will."""

    def __init__(
        self, temporal: Client, runs: RunRepository, *, metrics: Metrics, clock: Clock
    ) -> None:
        self._temporal = temporal
        self._runs = runs
        self._metrics = metrics
        self._clock = clock

    async def close(self) -> None:
        """End them.

        Raises the client's `RPCError` where Temporal is away, or refuses to tell of one: of the
        others it has told by then.
        """
        failed: RPCError | None = None
        for run in await self._runs.running(longer_than=_RUNNING_FOR, limit=_MOST):
            try:
                state, why = await self._state(run.workflow_id)
            except RPCError as error:
                failed = error
                continue
            if state is not None:
                await self._end(run, state, why)
        if failed is not None:
            raise failed

    async def _end(self, run: Run, state: RunState, why: str) -> None:
        ended = await self._runs.end(
            run.run_id, run.nominal_at, state, at=self._clock.now(), error=why
        )
        if ended is not None:
            self._metrics.run_ended(ended)
            log.warning("lost_run_ended", run_id=run.run_id, state=state, why=why)

    async def _state(self, workflow_id: str) -> tuple[RunState | None, str]:
        try:
            described = await self._temporal.get_workflow_handle(workflow_id).describe(
                rpc_timeout=_TIMEOUT
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return RunState.TERMINATED, "WORKFLOW_DELETED"
            raise
        status = described.status
        if status is None:
            return None, ""
        return _STATES[status], f"WORKFLOW_{status.name}"
