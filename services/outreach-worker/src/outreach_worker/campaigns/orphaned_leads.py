"""Leads whose workflow was ended from outside: nobody would ever end them."""

import time
from datetime import timedelta

from campaigns.models import LeadState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.workflow.contracts import lead_workflow_id
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio.client import Client
from temporalio.service import RPCError

from outreach_worker.events.contracts import LEAD_COMPLETED, CustomerEvent
from outreach_worker.events.publisher import Publisher
from outreach_worker.policies import slow_check
from outreach_worker.senders.enrolments import Enrolments

WORKFLOW_TERMINATED = "WORKFLOW_TERMINATED"

_AT_ONCE = 500
_MOST_REMEMBERED = 10_000

log = logs.get_logger(__name__)


class OrphanedLeads:
    """Ends the rows of leads whose workflow was terminated, or failed for good.

    Somebody did that on purpose, and nobody is contacted again; the campaign goes on and
    completes. Looked for once in a while, by what Temporal lists.
    """

    def __init__(
        self,
        temporal: Client,
        leads: LeadRepository,
        steps: StepRepository,
        publisher: Publisher,
        enrolments: Enrolments,
        clock: Clock,
    ) -> None:
        self._temporal = temporal
        self._leads = leads
        self._steps = steps
        self._publisher = publisher
        self._enrolments = enrolments
        self._clock = clock
        self._every = slow_check(clock)
        self._looked_at: dict[str, float] = {}

    async def close(self, campaign_id: str) -> int:
        """End those of a campaign, unless it was looked at lately; returns how many that were."""
        if not self._due(campaign_id):
            return 0
        prefix = lead_workflow_id(campaign_id, "")
        query = (
            f"WorkflowId STARTS_WITH '{prefix}' AND"
            " ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"
        )
        closed = 0
        try:
            async for workflow in self._temporal.list_workflows(query, page_size=_AT_ONCE):
                closed += await self._close(campaign_id, workflow.id.removeprefix(prefix))
        except RPCError as error:
            # Admission does not depend on Temporal's lists; the next look comes.
            log.warning("orphaned_leads_not_looked_for", why=error.message)
        return closed

    async def _close(self, campaign_id: str, lead_id: str) -> bool:
        lead = await self._leads.get(campaign_id, lead_id)
        if lead.state is not LeadState.RUNNING:
            return False
        now = self._clock.now()
        await self._enrolments.end(campaign_id, lead_id)
        await self._steps.skip_waiting(lead_id, reason=WORKFLOW_TERMINATED, now=now)
        ended = CustomerEvent(type=LEAD_COMPLETED, campaign_id=campaign_id, lead_id=lead_id, at=now)
        await self._leads.finish(
            campaign_id, lead_id, state=LeadState.STOPPED, reason=WORKFLOW_TERMINATED, now=now
        )
        await self._publisher.publish(ended, within=timedelta(seconds=5))
        log.warning("orphaned_lead_closed", lead_id=lead_id)
        return True

    def _due(self, campaign_id: str) -> bool:
        looked_at, now = self._looked_at.get(campaign_id), time.monotonic()
        if looked_at is not None and now - looked_at < self._every.total_seconds():
            return False
        if len(self._looked_at) >= _MOST_REMEMBERED:
            self._looked_at.clear()
        self._looked_at[campaign_id] = now
        return True
