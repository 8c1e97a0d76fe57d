"""Reports that somebody asks for, counted by the worker."""

from datetime import timedelta

from automation.reports.contracts import (
    AskedReport,
    MadeReport,
    MakeReportContract,
    report_workflow_id,
)
from campaigns.workflow.contracts import TASK_QUEUE
from temporalio.common import WorkflowIDConflictPolicy

from campaign_api.clients.temporal import TemporalConnection, answering

_WITHIN = timedelta(seconds=25)
"""Of the 30 that the contract promises an answer in."""


class ReportRuns:
    """Raises `TemporalUnavailable` where Temporal is away, or nobody counts in time."""

    def __init__(self, temporal_connection: TemporalConnection) -> None:
        self._temporal = temporal_connection

    async def make(self, asked: AskedReport) -> MadeReport:
        """Have a report counted; who asks for the same meanwhile waits for the same."""
        async with answering(_WITHIN):
            return await self._temporal.client.execute_workflow(
                MakeReportContract.run,
                asked,
                id=report_workflow_id(asked),
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
