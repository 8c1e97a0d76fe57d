"""Events, handed to webhook-dispatcher with what the rows say of their subjects."""

from datetime import timedelta

from campaigns.errors import LeadNotFound
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.revision_cache import RevisionCache
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from outreach_worker.events import snapshots
from outreach_worker.events.contracts import OWNER_WROTE, REPLY_RECEIVED, CustomerEvent
from outreach_worker.metrics import Metrics

log = logs.get_logger(__name__)

AT_ONCE = timedelta(seconds=2)
"""How long a lead lends to the dispatcher before it goes on without."""


class Publisher:
    """Hands events to webhook-dispatcher, with snapshots read from the rows."""

    def __init__(
        self,
        dispatcher: rpc.WebhookServiceStub,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        revisions: RevisionCache,
        heard: HeardMessageRepository,
        metrics: Metrics,
    ) -> None:
        self._dispatcher = dispatcher
        self._campaigns = campaigns
        self._leads = leads
        self._revisions = revisions
        self._heard = heard
        self._metrics = metrics

    async def publish(
        self,
        event: CustomerEvent,
        *,
        endpoint_id: str = "",
        within: timedelta | None = None,
    ) -> None:
        """Return once the event is durable; repeating it changes nothing.

        Of a lead that was removed meanwhile nobody hears any more.
        """
        try:
            request = pb.PublishEventRequest(
                event=await self._event(event), endpoint_id=endpoint_id
            )
        except LeadNotFound:
            log.info("event_of_removed_lead", type=event.type)
            return
        try:
            await self._dispatcher.PublishEvent(
                request,
                timeout=within.total_seconds() if within else None,
                # Who waits for a dispatcher that is away has a slot that a step needs: it is
                # Temporal that waits.
                wait_for_ready=False,
            )
        except ServiceError:
            self._metrics.events_published.labels(event.type, "failed").inc()
            raise
        self._metrics.events_published.labels(event.type, "published").inc()

    async def publish_at_once(self, *events: CustomerEvent) -> tuple[CustomerEvent, ...]:
        """Publish if the dispatcher is there, and hand back what could not be published.

        Saves the workflow an activity per event, and never holds a lead up.
        """
        for i, event in enumerate(events):
            try:
                await self.publish(event, within=AT_ONCE)
            except ServiceError as error:
                log.info("event_postponed", type=event.type, reason=error.reason)
                return tuple(events[i:])
            except Exception:
                # A bug as well: the activity that publishes it anew counts it, and is told of.
                log.exception("event_postponed_by_bug", type=event.type)
                return tuple(events[i:])
        return ()

    async def _event(self, event: CustomerEvent) -> event_pb2.Event:
        campaign = await self._campaigns.get(event.campaign_id)
        lead = step = None
        if event.lead_id:
            lead = await self._leads.get(campaign.id, event.lead_id)
        if lead is not None and event.step_id:
            sequence = await self._revisions.sequence(lead.revision_id or campaign.revision_id)
            step = sequence.step(event.step_id)
        heard = None
        if event.type in {REPLY_RECEIVED, OWNER_WROTE}:
            heard = await self._heard.find(event.lead_id, event.key)
        return snapshots.event_to_proto(event, campaign=campaign, lead=lead, step=step, heard=heard)
