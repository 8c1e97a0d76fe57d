"""Events, written to the outbox with what the rows say of their subjects."""

from contextlib import AbstractAsyncContextManager

from campaigns.errors import LeadNotFound
from campaigns.outbox.outbox_repository import OutboxEvent, OutboxRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.revision_cache import RevisionCache
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.telemetry import logs
from servicekit.telemetry.traces import traced_headers

from outreach_worker.events import snapshots
from outreach_worker.events.contracts import OWNER_WROTE, REPLY_RECEIVED, CustomerEvent

log = logs.get_logger(__name__)


class Publisher:
    """Whoever changes rows says in the same transaction what customers hear of it.

    An event's id is made from ids, so publishing twice is publishing once.
    """

    def __init__(
        self,
        outbox: OutboxRepository,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        revisions: RevisionCache,
        heard: HeardMessageRepository,
    ) -> None:
        self._outbox = outbox
        self._campaigns = campaigns
        self._leads = leads
        self._revisions = revisions
        self._heard = heard

    def together(self) -> AbstractAsyncContextManager[None]:
        """A block in which rows change and events are published together, or not at all."""
        return self._outbox.transaction()

    async def publish(self, *events: CustomerEvent, endpoint_id: str = "") -> None:
        """Have events sent, in this order; their snapshots are of this moment.

        With `endpoint_id` to that endpoint alone. Of a lead that was removed meanwhile nobody
        hears any more.
        """
        async with self.together():
            for event in events:
                await self._publish(event, endpoint_id)

    async def _publish(self, event: CustomerEvent, endpoint_id: str) -> None:
        try:
            made = await self._event(event)
        except LeadNotFound:
            log.info("event_of_removed_lead", type=event.type)
            return

        def numbered(number: int) -> OutboxEvent:
            made.subject, made.sequence_number = subject, number
            request = pb.PublishEventRequest(event=made, endpoint_id=endpoint_id, trace=trace)
            return OutboxEvent(
                organization_id=made.organization_id,
                subject=subject,
                number=number,
                event_id=made.event_id,
                type=event.type,
                occurred_at=event.at,
                body=request.SerializeToString(deterministic=True),
                trace=trace,
            )

        subject = event.lead_id or event.campaign_id
        trace = traced_headers().get("traceparent", "")
        await self._outbox.write(made.organization_id, subject, made.event_id, numbered)

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
