"""Mends what a workflow left behind that was ended or deleted from outside."""

import uuid
from datetime import timedelta

from campaigns.errors import LeadNotFound
from campaigns.models import CampaignState, LeadState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.witness_repository import WitnessRepository
from campaigns.status_counts import Restart
from campaigns.workflow import search_attributes
from campaigns.workflow.contracts import (
    TASK_QUEUE,
    CampaignContract,
    CampaignInput,
    LeadContract,
    LeadResult,
    SandboxClock,
    campaign_workflow_id,
    lead_workflow_id,
)
from servicekit.clock import Clock
from servicekit.telemetry import logs
from servicekit.temporal.search_attributes import SearchAttributes
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.metrics import Metrics

WORKFLOW_DELETED = "WORKFLOW_DELETED"
WORKFLOW_FAILED = "WORKFLOW_FAILED"
MISSING = "missing"
"""Why a campaign's workflow is started again of which Temporal knows nothing at all."""

_LIVE = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPING})
_TIMEOUT = timedelta(seconds=10)

log = logs.get_logger(__name__)


class GoneWorkflows:
    """A campaign goes on; a lead ends with the reason, unless nothing was done for it yet.

    What is repeated changes nothing: every decision is taken by the row, in its statement.
    """

    def __init__(
        self,
        temporal: Client,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        orphans: OrphanedLeadRepository,
        *,
        statuses: StatusRepository,
        witnesses: WitnessRepository,
        metrics: Metrics,
        clock: Clock,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._temporal = temporal
        self._campaigns = campaigns
        self._leads = leads
        self._orphans = orphans
        self._statuses = statuses
        self._witnesses = witnesses
        self._metrics = metrics
        self._clock = clock
        self._task_queue = task_queue
        self._indexed = SearchAttributes(search_attributes.KEYS)

    async def start_again(self, campaign_id: str, *, why: str) -> None:
        """Have a campaign's workflow run again, as its row says it is.

        Of a pause that no workflow has heard customers are told by the row, like of its end. Rows
        first: whoever finds it running again, or takes over from a process that dies between, has
        read them.
        """
        campaign = await self._campaigns.get(campaign_id)
        if campaign.state not in _LIVE:
            return
        indexed = await self._indexed.known(self._temporal)
        clock = self._clock
        await self._witnesses.doubt(campaign.id)
        await self._orphans.note_lost_pause(campaign.id, key=str(uuid.uuid4()), now=clock.now())
        await self._temporal.start_workflow(
            CampaignContract.run,
            CampaignInput(
                campaign_id=campaign.id,
                clock=SandboxClock(epoch=clock.epoch, speed=clock.speed) if clock.sandbox else None,
                paused=campaign.state is CampaignState.PAUSED,
                stopping=campaign.state is CampaignState.STOPPING,
                complete_current_executions=await self._campaigns.lets_leads_finish(campaign.id),
            ),
            id=campaign_workflow_id(campaign.id),
            search_attributes=search_attributes.campaign_attributes(campaign) if indexed else None,
            static_summary=search_attributes.campaign_summary(campaign),
            static_details=search_attributes.campaign_details(campaign),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            rpc_timeout=_TIMEOUT,
        )
        restart = Restart(because=why, at=clock.now())
        await self._statuses.note_restart(campaign_id, restart)
        self._metrics.workflows_gone.labels("campaign", "started_again").inc()
        log.warning("campaign_started_again", campaign_id=campaign_id, why=why)

    async def close(self, campaign_id: str, lead_id: str, *, reason: str) -> None:
        """End a lead whose workflow is gone; a deleted one that had not begun starts again."""
        with logs.bound(campaign_id=campaign_id, lead_id=lead_id):
            if reason == WORKFLOW_DELETED and await self._orphans.unconfirm(campaign_id, lead_id):
                await self._wake(campaign_id)
                self._metrics.workflows_gone.labels("lead", "started_again").inc()
                log.warning("lead_started_again", why=reason)
                return
            try:
                lead = await self._leads.get(campaign_id, lead_id)
            except LeadNotFound:
                # Another installation's, in the same namespace.
                return
            now = self._clock.now()
            if not lead.state.walks:
                # What it had still to tell went with it.
                await self._orphans.note(campaign_id, lead_id, now=now)
                return
            failed = reason == WORKFLOW_FAILED
            state = LeadState.FAILED if failed else LeadState.STOPPED
            await self._end(campaign_id, lead_id, LeadResult(state=state, reason=reason))

    async def close_completed(self, campaign_id: str, lead_id: str) -> None:
        """End a lead that still runs as its workflow did, which has come to its end.

        A workflow ends its row before itself; what restores rows of before does not know of it.
        """
        with logs.bound(campaign_id=campaign_id, lead_id=lead_id):
            try:
                lead = await self._leads.get(campaign_id, lead_id)
            except LeadNotFound:
                return
            if not lead.state.walks:
                # Its row was read just before it ended, and its workflow has told everything.
                return
            handle = self._temporal.get_workflow_handle_for(
                LeadContract.run, lead_workflow_id(campaign_id, lead_id)
            )
            await self._end(campaign_id, lead_id, await handle.result(rpc_timeout=_TIMEOUT))

    async def _end(self, campaign_id: str, lead_id: str, ended: LeadResult) -> None:
        """Its row, as its workflow did; a campaign that waits for room hears of it."""
        if await self._orphans.end(
            campaign_id,
            lead_id,
            state=ended.state,
            reason=ended.reason,
            skipped=ended.state.why_skipped(ended.reason),
            now=self._clock.now(),
        ):
            self._metrics.leads_ended.labels(ended.state).inc()
            self._metrics.workflows_gone.labels("lead", "ended").inc()
            log.warning("lead_without_workflow_ended", state=ended.state, reason=ended.reason)
        if await self._orphans.takes_wake_flag(campaign_id):
            await self._wake(campaign_id)

    async def _wake(self, campaign_id: str) -> None:
        handle = self._temporal.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign_id)
        )
        try:
            await handle.signal(CampaignContract.room_freed, rpc_timeout=_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
