"""Admission: start the workflows of the leads that may begin, and call them off."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from campaigns.admission import Admission, AdmittedLead
from campaigns.models import Campaign, CampaignState, LeadState
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.workflow import search_attributes
from campaigns.workflow.contracts import (
    STOPPED_WITH_CAMPAIGN,
    TASK_QUEUE,
    LeadContract,
    LeadInput,
    SandboxClock,
    UpdateWorkflow,
    lead_workflow_id,
)
from servicekit.clock import Clock
from servicekit.tasks import answered_outside
from servicekit.telemetry import logs, traces
from servicekit.temporal.attempts import begun_at, come_to
from servicekit.temporal.search_attributes import SearchAttributes
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.campaigns.contracts import (
    Admitted,
    CalledOff,
    CampaignActivitiesContract,
    CampaignEnd,
    CampaignRef,
    EndCampaign,
)
from outreach_worker.events.contracts import CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED, CustomerEvent
from outreach_worker.events.untold_events import UntoldEvents
from outreach_worker.metrics import Metrics
from outreach_worker.senders.capacities import Capacities

MOST_AT_A_TIME = 2_000
"""Leads started by one activity; the workflow calls it again for more."""
_TIMEOUT = timedelta(seconds=10)
_HYSTERESIS = 10
"""A full campaign is woken when a tenth of its places are free, not at every lead."""

T = TypeVar("T")
log = logs.get_logger(__name__)


class CampaignActivities(CampaignActivitiesContract):
    """Ids are made from ids, so starting twice is starting once."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        orphans: OrphanedLeadRepository,
        admissions: AdmissionRepository,
        progress: ProgressRepository,
        capacities: Capacities,
        *,
        temporal: Client,
        untold: UntoldEvents,
        metrics: Metrics,
        clock: Clock,
        page: int = 200,
        concurrency: int = 20,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._campaigns = campaigns
        self._orphans = orphans
        self._admissions = admissions
        self._progress = progress
        self._capacities = capacities
        self._temporal = temporal
        self._untold = untold
        self._metrics = metrics
        self._clock = clock
        self._page = page
        self._concurrency = concurrency
        self._task_queue = task_queue
        self._indexed = SearchAttributes(search_attributes.KEYS)

    @activity.defn(name="admit_leads")
    async def admit_leads(self, campaign: CampaignRef) -> Admitted:
        """Start the workflows of as many leads as may begin.

        Safe to repeat: leads are admitted in the table first, and those whose
        start was not confirmed come first the next time.
        """
        started = 0
        with logs.bound(campaign_id=campaign.campaign_id):
            while started < MOST_AT_A_TIME:
                admission = await self._admissions.admit(
                    campaign.campaign_id,
                    now=self._clock.now(),
                    limit=self._page,
                    capacity_by_account=await self._capacity_by_account(campaign),
                )
                if admission.leads:
                    await self._start(campaign.campaign_id, admission.leads)
                    started += len(admission.leads)
                    come_to(admission.leads[-1].lead_id)
                    continue
                if started:
                    log.info("leads_admitted", leads=started, running=admission.running)
                waits = await self._wait_for_room(campaign.campaign_id, admission)
                if waits is None:
                    # There is room already: a lead has ended between the two.
                    activity.heartbeat()
                    continue
                return Admitted(
                    started=started,
                    running=admission.running,
                    ready=admission.ready,
                    next_at=admission.next_at,
                    waits_for_room=waits,
                    look_by=admission.look_by,
                )
            return Admitted(
                started=started, running=admission.running, ready=admission.ready, more=True
            )

    @activity.defn(name="stop_ready_leads")
    async def stop_ready_leads(self, campaign: CampaignRef) -> None:
        """End the leads that were never admitted."""
        await self._admissions.stop_ready(campaign.campaign_id, now=self._clock.now())

    @activity.defn(name="call_off_leads")
    async def call_off_leads(self, campaign: CampaignRef) -> CalledOff:
        """Ask every lead in the sequence to end; none is admitted any more."""
        asked, after = 0, begun_at()
        while page := await self._admissions.running_ids(
            campaign.campaign_id, after=after, limit=self._page
        ):
            await self._each(page, lambda lead_id: self._call_off(campaign.campaign_id, lead_id))
            asked, after = asked + len(page), page[-1]
            come_to(after)
        return CalledOff(leads=asked)

    @activity.defn(name="signal_revision")
    async def signal_revision(self, campaign: CampaignRef) -> None:
        """Have every lead in the sequence look at the campaign's revision and reply policies."""
        revision_id = (await self._campaigns.get(campaign.campaign_id)).revision_id
        await self._progress.move_unstarted(campaign.campaign_id)
        # Another revision begins with the first lead again.
        revision, _, lead_id = begun_at().partition("/")
        # Each looks at the one of then: this may be slower than what tells of a later one.
        update = UpdateWorkflow()
        after = lead_id if revision == revision_id else ""
        while page := await self._progress.begun(
            campaign.campaign_id, after=after, limit=self._page
        ):
            await self._each(page, lambda lead_id: self._signal(campaign, lead_id, update))
            after = page[-1]
            come_to(f"{revision_id}/{after}")

    @activity.defn(name="end_campaign")
    async def end_campaign(self, end: EndCampaign) -> CampaignEnd:
        """Record that the campaign is over, unless it has got new leads."""
        now = self._clock.now()
        campaign = await self._campaigns.end_if_over(end.campaign_id, stopped=end.stopped, now=now)
        if campaign is None:
            return CampaignEnd()
        stopped = campaign.state is CampaignState.STOPPED
        event = CustomerEvent(
            type=CAMPAIGN_STOPPED if stopped else CAMPAIGN_COMPLETED,
            campaign_id=campaign.id,
            at=campaign.ended_at or now,
        )
        await self._untold.publish(event)
        self._metrics.campaigns_ended.labels(campaign.state).inc()
        log.info("campaign_ended", campaign_id=campaign.id, state=campaign.state)
        return CampaignEnd(state=campaign.state)

    async def _capacity_by_account(self, campaign: CampaignRef) -> dict[str, float]:
        return await self._capacities.of(await self._campaigns.get(campaign.campaign_id))

    async def _wait_for_room(self, campaign_id: str, admission: Admission) -> bool | None:
        """Whether a lead that ends will wake the campaign; None if there is room already."""
        if admission.next_at is not None:
            return False
        wake_at = await self._wake_at(campaign_id, admission)
        if wake_at is None:
            return False
        waits = await self._admissions.wait_for_room(campaign_id, wake_at_running=wake_at)
        return waits or None

    async def _wake_at(self, campaign_id: str, admission: Admission) -> int | None:
        """At how many running leads the campaign has something to do; None if that is no matter.

        Who waits to be released needs no room, and does not let the campaign end either.
        """
        if admission.running == 0:
            return None
        if admission.admissible == 0:
            return None if admission.ready else 0
        campaign = await self._campaigns.get(campaign_id)
        most = campaign.settings.max_concurrent_leads
        if campaign.state is not CampaignState.RUNNING or admission.running < most:
            return None
        return most - max(1, most // _HYSTERESIS)

    async def _start(self, campaign_id: str, leads: Sequence[AdmittedLead]) -> None:
        campaign = await self._campaigns.get(campaign_id)
        indexed = await self._indexed.known(self._temporal)
        await self._each(leads, lambda lead: self._begin(campaign, lead, indexed=indexed))
        await self._admissions.confirm_started(campaign_id, [lead.lead_id for lead in leads])
        self._metrics.leads_admitted.inc(len(leads))

    async def _begin(self, campaign: Campaign, lead: AdmittedLead, *, indexed: bool) -> None:
        """Start a lead in a trace of its own, which is linked to the campaign's."""
        with traces.own_trace("BeginLead"):
            await self._start_one(campaign, lead, indexed=indexed)

    async def _start_one(self, campaign: Campaign, lead: AdmittedLead, *, indexed: bool) -> None:
        about = {"lead_id": lead.lead_id, "account_id": lead.account_id}
        delay = self._clock.real(lead.start_at - self._clock.now())
        try:
            await self._temporal.start_workflow(
                LeadContract.run,
                LeadInput(
                    campaign_id=campaign.id,
                    lead_id=lead.lead_id,
                    clock=_sandbox_clock(self._clock),
                    indexed=indexed,
                ),
                id=lead_workflow_id(campaign.id, lead.lead_id),
                search_attributes=search_attributes.lead_attributes(campaign, **about)
                if indexed
                else None,
                static_summary=search_attributes.lead_summary(campaign),
                static_details=search_attributes.lead_details(campaign, **about),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                start_delay=delay if delay > timedelta() else None,
                rpc_timeout=_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            # Started before, and ended since.
            return

    async def _signal(self, campaign: CampaignRef, lead_id: str, update: UpdateWorkflow) -> None:
        handle = self._temporal.get_workflow_handle_for(
            LeadContract.run, lead_workflow_id(campaign.campaign_id, lead_id)
        )
        try:
            await handle.signal(LeadContract.update_workflow, update, rpc_timeout=_TIMEOUT)
        except RPCError as error:
            # One that has ended needs no revision any more.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _call_off(self, campaign_id: str, lead_id: str) -> None:
        handle = self._temporal.get_workflow_handle(lead_workflow_id(campaign_id, lead_id))
        try:
            await handle.cancel(reason=STOPPED_WITH_CAMPAIGN, rpc_timeout=_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # It has ended, and its row says how; or it was admitted and never started.
            await self._orphans.end(
                campaign_id,
                lead_id,
                state=LeadState.STOPPED,
                reason=STOPPED_WITH_CAMPAIGN,
                now=self._clock.now(),
            )

    async def _each(self, items: Sequence[T], do: Callable[[T], Awaitable[None]]) -> None:
        """Do it for every item, several at once, beating all along."""
        room = asyncio.Semaphore(self._concurrency)

        async def one(item: T) -> None:
            async with room:
                with answered_outside():
                    await do(item)
                activity.heartbeat()

        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))


def _sandbox_clock(clock: Clock) -> SandboxClock | None:
    return SandboxClock(epoch=clock.epoch, speed=clock.speed) if clock.sandbox else None
