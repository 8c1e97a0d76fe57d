"""Reports that somebody asks for, counted by the worker."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from automation.errors import ProgramNotFound
from automation.reports.contracts import (
    AskedReport,
    MadeReport,
    MakeReportContract,
    report_workflow_id,
)
from automation.reports.errors import ReportNotMade
from campaigns.errors import CampaignNotFound
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.errors import ServiceError
from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from campaign_api.clients.temporal import TemporalConnection, answering

_WITHIN = timedelta(seconds=25)
"""Of the 30 that the contract promises an answer in."""
_REFUSALS: Mapping[str, type[ServiceError]] = {
    each.reason: each for each in (CampaignNotFound, ProgramNotFound)
}
"""What becomes of what a report is of, while it is counted."""


class ReportRuns:
    """Raises `TemporalUnavailable` where Temporal is away, or nobody counts in time."""

    def __init__(self, temporal_connection: TemporalConnection) -> None:
        self._temporal = temporal_connection

    async def make(self, asked: AskedReport) -> MadeReport:
        """Have a report counted; who asks for the same meanwhile waits for the same.

        Raises `ReportNotMade` if counting has failed or somebody has ended it, `CampaignNotFound`
        and `ProgramNotFound` if what it is of is gone by then.
        """
        async with answering(_WITHIN):
            try:
                return await self._temporal.client.execute_workflow(
                    MakeReportContract.run,
                    asked,
                    id=report_workflow_id(asked),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
            except WorkflowFailureError as error:
                raise refusal_of(error) from error
            except RPCError as error:
                # Whoever deletes a workflow at Temporal takes its answer away.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                raise ReportNotMade(metadata={"cause": "WORKFLOW_DELETED"}) from error


def refusal_of(failure: WorkflowFailureError) -> ServiceError:
    """What the failure of a report's workflow is told as, by what it has failed of. Pure."""
    *_, last = _causes(failure)
    cause = last.type if isinstance(last, ApplicationError) and last.type else type(last).__name__
    known = _REFUSALS.get(cause)
    return ReportNotMade(metadata={"cause": cause}) if known is None else known()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The failure, and what is behind it: of an activity that has run out of attempts its error."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = getattr(found, "cause", None)
