"""Compares the rows that run with their workflows, from outside of these."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.contracts import (
    WORKFLOW_CANCELLED,
    campaign_workflow_id,
    lead_workflow_id,
)
from servicekit.tables import total
from servicekit.telemetry import logs
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.campaigns.gone_workflows import (
    MISSING,
    WORKFLOW_DELETED,
    WORKFLOW_FAILED,
    GoneWorkflows,
)
from outreach_worker.campaigns.operator_acts import OperatorActs
from outreach_worker.campaigns.orphaned_leads import OrphanedLeads
from outreach_worker.campaigns.parked_leads import ParkedLeads
from outreach_worker.events.untold_events import UntoldEvents

EVERY = timedelta(minutes=1)
"""Real time, as Temporal's is."""
WORKFLOW_TERMINATED = "WORKFLOW_TERMINATED"

_GONE = total(
    WorkflowExecutionStatus,
    {
        WorkflowExecutionStatus.RUNNING: "",
        WorkflowExecutionStatus.CONTINUED_AS_NEW: "",
        # It has said itself how it ended.
        WorkflowExecutionStatus.COMPLETED: "",
        WorkflowExecutionStatus.FAILED: WORKFLOW_FAILED,
        WorkflowExecutionStatus.TIMED_OUT: WORKFLOW_FAILED,
        WorkflowExecutionStatus.CANCELED: WORKFLOW_CANCELLED,
        WorkflowExecutionStatus.TERMINATED: WORKFLOW_TERMINATED,
    },
)
"""Why a lead ends whose workflow has come to this; empty if it does not."""
_CLOSED = "ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"
_PAGE = 100
"""Workflows asked for in one query."""
_MOST_LEADS = 1_000
"""Rows of leads compared in one sweep, and closed workflows looked at; the next goes on there."""
_FEW_DELETED = 10
"""Leads ended in one sweep because their workflow was deleted, if those are most of it."""
_OVERLAP = timedelta(minutes=3)
_TIMEOUT = timedelta(seconds=10)

T = TypeVar("T")
log = logs.get_logger(__name__)


class WorkflowSweep:
    """Every campaign each time; of the leads those ended from outside lately, and some of the rest.

    What visibility does not list as open is asked for itself before anything is done: its
    lists are a moment late.
    """

    def __init__(
        self,
        temporal: Client,
        campaigns: CampaignRepository,
        admissions: AdmissionRepository,
        gone: GoneWorkflows,
        orphaned: OrphanedLeads,
        parked: ParkedLeads,
        acts: OperatorActs,
        untold: UntoldEvents,
    ) -> None:
        self._temporal = temporal
        self._campaigns = campaigns
        self._admissions = admissions
        self._gone = gone
        self._orphaned = orphaned
        self._parked = parked
        self._acts = acts
        self._untold = untold
        self._closed_since = datetime.now(UTC) - timedelta(hours=1)
        self._campaign_id, self._position = "", -1
        self._failed: Exception | None = None

    async def sweep(self) -> None:
        """Mend what has no workflow; what Temporal does not answer is left to the next time.

        What a bug keeps from being mended holds up nothing else: it is raised in the end.
        """
        self._failed = None
        # First: what is mended below is another run, with a history of its own.
        await self._one(self._acts.sweep())
        campaign_ids = await self._one(self._compare_campaigns())
        await self._one(self._close_ended_lately())
        if campaign_ids is not None:
            await self._one(self._compare_leads(campaign_ids))
        await self._one(self._parked.compare())
        await self._one(self._orphaned.settle())
        await self._one(self._untold.settle())
        await self._one(self._parked.count())
        if self._failed is not None:
            raise self._failed

    async def _one(self, work: Awaitable[T]) -> T | None:
        """What it comes to; None if it does not, which the others do not wait for."""
        try:
            return await work
        except RPCError as error:
            log.warning("workflows_not_compared", why=error.message)
        except Exception as error:  # noqa: BLE001 - raised by the sweep in the end
            self._failed = self._failed or error
        return None

    async def _compare_campaigns(self) -> list[str]:
        """Start those again that do not run; returns all that should."""
        found: list[str] = []
        while page := await self._campaigns.live_ids(after=found[-1] if found else "", limit=_PAGE):
            found += page
            for campaign_id in await self._without(page, campaign_workflow_id):
                status = await self._status(campaign_workflow_id(campaign_id))
                if status is not WorkflowExecutionStatus.RUNNING:
                    why = status.name.lower() if status else MISSING
                    await self._one(self._gone.start_again(campaign_id, why=why))
        return found

    async def _close_ended_lately(self) -> None:
        """Leads whose workflow was ended from outside since the sweep before."""
        now = datetime.now(UTC)
        since = (self._closed_since - _OVERLAP).isoformat()
        query = f"WorkflowType = 'Lead' AND {_CLOSED} AND CloseTime > '{since}'"
        async for each in self._temporal.list_workflows(query, limit=_MOST_LEADS):
            campaign_id, _, lead_id = each.id.removeprefix("lead/").partition("/")
            await self._close(campaign_id, lead_id)
        self._closed_since = now

    async def _compare_leads(self, campaign_ids: Sequence[str]) -> None:
        """A stretch of the leads that run, from where the sweep before came to."""
        left, deleted = _MOST_LEADS, list[tuple[str, str]]()
        for campaign_id in campaign_ids:
            if campaign_id < self._campaign_id:
                continue
            after = self._position if campaign_id == self._campaign_id else -1
            while left > 0 and (
                page := await self._admissions.started_leads(
                    campaign_id, after=after, limit=min(_PAGE, left)
                )
            ):
                ids = [lead.lead_id for lead in page]
                gone = await self._without(ids, lambda each: lead_workflow_id(campaign_id, each))  # noqa: B023 - used within the round
                for lead_id in gone:
                    if not await self._close(campaign_id, lead_id):
                        deleted.append((campaign_id, lead_id))
                left, after = left - len(page), page[-1].position
            self._campaign_id, self._position = campaign_id, after
            if left <= 0:
                break
        else:
            self._campaign_id, self._position = "", -1
        await self._end_deleted(deleted, of=_MOST_LEADS - left)

    async def _end_deleted(self, deleted: Sequence[tuple[str, str]], *, of: int) -> None:
        """End those of whose workflow Temporal knows nothing.

        Where their campaign's was missing too, and most are, nobody has deleted them one by one: it
        is another namespace, or Temporal's own data are gone. Those stay, and people are told. A
        campaign's workflow that was there all along says that the others were deleted.
        """
        doubtful = await self._gone.doubtful({campaign_id for campaign_id, _ in deleted})
        doubted = {each for each in deleted if each[0] in doubtful}
        if len(doubted) <= max(_FEW_DELETED, of // 2):
            doubted = set()
        self._gone.left_alone(len(doubted))
        if doubted:
            log.error("workflows_missing", leads=len(doubted), of=of)
        for campaign_id, lead_id in deleted:
            if (campaign_id, lead_id) not in doubted:
                await self._end(campaign_id, lead_id, WORKFLOW_DELETED)

    async def _close(self, campaign_id: str, lead_id: str) -> bool:
        """End a lead whose workflow was ended from outside; False if there is none at all."""
        status = await self._status(lead_workflow_id(campaign_id, lead_id))
        if status is None:
            return False
        if status is WorkflowExecutionStatus.COMPLETED:
            with logs.bound(lead_id=lead_id):
                await self._one(self._gone.close_completed(campaign_id, lead_id))
        elif reason := _GONE[status]:
            await self._end(campaign_id, lead_id, reason)
        return True

    async def _end(self, campaign_id: str, lead_id: str, reason: str) -> None:
        """The others do not wait for it; the next sweeps come to it again."""
        with logs.bound(lead_id=lead_id):
            await self._one(self._gone.close(campaign_id, lead_id, reason=reason))

    async def _without(self, ids: Sequence[str], name: Callable[[str], str]) -> list[str]:
        """Those of whose workflows none is listed as running."""
        listed = await self._running([name(each) for each in ids])
        return [each for each in ids if name(each) not in listed]

    async def _running(self, workflow_ids: Iterable[str]) -> set[str]:
        named = ", ".join(f"'{each}'" for each in workflow_ids)
        query = f"WorkflowId IN ({named}) AND ExecutionStatus = 'Running'"
        return {each.id async for each in self._temporal.list_workflows(query)}

    async def _status(self, workflow_id: str) -> WorkflowExecutionStatus | None:
        """What the last run of a workflow has come to; None if there is none."""
        try:
            described = await self._temporal.get_workflow_handle(workflow_id).describe(
                rpc_timeout=_TIMEOUT
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return described.status
