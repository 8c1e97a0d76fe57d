"""A lead that a bug of ours has stopped, recorded."""

from campaigns.parking import ParkedBecause
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.leads.contracts import LeadRef
from outreach_worker.leads.parking_contracts import (
    Parked,
    ParkingActivitiesContract,
    ParkLead,
)
from outreach_worker.metrics import Metrics
from outreach_worker.senders.queued_actions import QueuedActions

log = logs.get_logger(__name__)


class ParkingActivities(ParkingActivitiesContract):
    """Repeating one of them changes nothing."""

    def __init__(
        self,
        leads: LeadRepository,
        queued: QueuedActions,
        *,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._leads = leads
        self._queued = queued
        self._metrics = metrics
        self._clock = clock

    @activity.defn(name="park_lead")
    async def park_lead(self, park: ParkLead) -> Parked:
        """Record that the lead is parked, and take back what it has queued at the gateway.

        The row first: people see it although the gateway is away.
        """
        because = ParkedBecause.of(park.reason)
        with logs.bound(campaign_id=park.campaign_id, lead_id=park.lead_id):
            parked = await self._leads.park(
                park.campaign_id,
                park.lead_id,
                because=because,
                activity=park.activity,
                trace_id=park.trace_id,
                now=self._clock.now(),
            )
            withdrawn = await self._queued.withdraw(park.campaign_id, park.lead_id)
            self._metrics.lead_parkings.labels(because).inc()
            log.error(
                "lead_parked",
                failed=park.activity,
                bug_trace_id=park.trace_id,
                withdrawn=withdrawn,
            )
            return Parked(parked=parked)

    @activity.defn(name="unpark_lead")
    async def unpark_lead(self, lead: LeadRef) -> None:
        """Record that it goes on."""
        with logs.bound(campaign_id=lead.campaign_id, lead_id=lead.lead_id):
            await self._leads.unpark(lead.campaign_id, lead.lead_id, parked_at=None)
            log.info("lead_sent_on")
