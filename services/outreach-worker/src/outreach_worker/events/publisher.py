"""Events, written to the outbox with what the rows say of their subjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from campaigns.models import Campaign, Lead
from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.outbox_repository import OutboxRepository
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


class _Rows(NamedTuple):
    """What events are made of."""

    campaigns: Mapping[str, Campaign]
    leads: Mapping[tuple[str, str], Lead]
    """By campaign and lead; who was removed is missing."""


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

    async def publish(
        self,
        *events: CustomerEvent,
        endpoint_id: str = "",
        report: event_pb2.ReportSnapshot | None = None,
    ) -> None:
        """Have events sent, in this order; their snapshots are of this moment.

        With `endpoint_id` to that endpoint alone. `report` is the one that they are about. Of a
        lead that was removed meanwhile nobody hears any more.
        """
        async with self.together():
            rows = await self._rows(events)
            for event in events:
                await self._publish(event, rows, endpoint_id, report)

    async def _rows(self, events: Sequence[CustomerEvent]) -> _Rows:
        """Each campaign and each lead once, however many events are of it."""
        campaigns = {each: await self._campaigns.get(each) for each in _campaign_ids(events)}
        of_leads = {(each.campaign_id, each.lead_id) for each in events if each.lead_id}
        return _Rows(campaigns, await self._leads.among(of_leads) if of_leads else {})

    async def _publish(
        self,
        event: CustomerEvent,
        rows: _Rows,
        endpoint_id: str,
        report: event_pb2.ReportSnapshot | None,
    ) -> None:
        if event.lead_id and (event.campaign_id, event.lead_id) not in rows.leads:
            log.info("event_of_removed_lead", type=event.type)
            return
        made = await self._event(event, rows)
        if report is not None:
            made.report.CopyFrom(report)

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

    async def _event(self, event: CustomerEvent, rows: _Rows) -> event_pb2.Event:
        campaign = rows.campaigns[event.campaign_id]
        lead = rows.leads.get((event.campaign_id, event.lead_id))
        step = None
        if lead is not None and event.step_id:
            sequence = await self._revisions.sequence(lead.revision_id or campaign.revision_id)
            step = sequence.step(event.step_id)
        heard = None
        if event.type in {REPLY_RECEIVED, OWNER_WROTE}:
            heard = await self._heard.find(event.lead_id, event.key)
        return snapshots.event_to_proto(event, campaign=campaign, lead=lead, step=step, heard=heard)


def _campaign_ids(events: Iterable[CustomerEvent]) -> Iterable[str]:
    return dict.fromkeys(each.campaign_id for each in events)
