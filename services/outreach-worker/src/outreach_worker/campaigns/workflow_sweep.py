"""Compares the rows that run with their workflows, from outside of these."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.contracts import campaign_workflow_id
from servicekit.telemetry import logs
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from outreach_worker.campaigns.gone_workflows import MISSING, GoneWorkflows
from outreach_worker.campaigns.missing.executions import described, running
from outreach_worker.campaigns.missing.lead_tour import MOST_LEADS, LeadTour, gone_with
from outreach_worker.campaigns.operator_acts import OperatorActs
from outreach_worker.campaigns.orphaned_leads import OrphanedLeads
from outreach_worker.campaigns.parked_leads import ParkedLeads
from outreach_worker.events.untold_events import UntoldEvents

EVERY = timedelta(minutes=1)
"""Real time, as Temporal's is."""
_CLOSED = "ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"
_PAGE = 100
"""Workflows asked for in one query."""
_OVERLAP = timedelta(minutes=3)

T = TypeVar("T")
log = logs.get_logger(__name__)


class WorkflowSweep:
    """Every campaign each time; of the leads those that ended lately, and a stretch of the rest.

    What visibility does not list as open is asked for itself before anything is done: its
    lists are a moment late.
    """

    def __init__(
        self,
        temporal: Client,
        campaigns: CampaignRepository,
        tour: LeadTour,
        gone: GoneWorkflows,
        orphaned: OrphanedLeads,
        parked: ParkedLeads,
        acts: OperatorActs,
        untold: UntoldEvents,
    ) -> None:
        self._temporal = temporal
        self._campaigns = campaigns
        self._tour = tour
        self._gone = gone
        self._orphaned = orphaned
        self._parked = parked
        self._acts = acts
        self._untold = untold
        self._closed_since = datetime.now(UTC) - timedelta(hours=1)
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
            await self._one(self._tour.go_on(campaign_ids, end=self._end, complete=self._complete))
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
            listed = await running(self._temporal, map(campaign_workflow_id, page))
            for campaign_id in page:
                if campaign_workflow_id(campaign_id) not in listed:
                    await self._one(self._start_again(campaign_id))
        return found

    async def _start_again(self, campaign_id: str) -> None:
        execution = await described(self._temporal, campaign_workflow_id(campaign_id))
        status = execution.status if execution else None
        if status is not WorkflowExecutionStatus.RUNNING:
            why = status.name.lower() if status else MISSING
            await self._gone.start_again(campaign_id, why=why)

    async def _close_ended_lately(self) -> None:
        """Leads whose workflow was ended from outside since the sweep before."""
        now = datetime.now(UTC)
        since = (self._closed_since - _OVERLAP).isoformat()
        query = f"WorkflowType = 'Lead' AND {_CLOSED} AND CloseTime > '{since}'"
        async for each in self._temporal.list_workflows(query, limit=MOST_LEADS):
            campaign_id, _, lead_id = each.id.removeprefix("lead/").partition("/")
            # Its last run may be another.
            execution = await described(self._temporal, each.id)
            if execution is not None and (reason := gone_with(execution)):
                await self._end(campaign_id, lead_id, reason)
        self._closed_since = now

    async def _end(self, campaign_id: str, lead_id: str, reason: str) -> None:
        """The others do not wait for it; the next sweeps come to it again."""
        with logs.bound(lead_id=lead_id):
            await self._one(self._gone.close(campaign_id, lead_id, reason=reason))

    async def _complete(self, campaign_id: str, lead_id: str) -> None:
        """As its workflow did, which has come to its end by itself."""
        with logs.bound(lead_id=lead_id):
            await self._one(self._gone.close_completed(campaign_id, lead_id))
