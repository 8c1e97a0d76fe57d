"""What campaign-api is told and asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import grpc
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from outreach.campaign.v1 import linkedin_event_service_pb2_grpc as rpc

from linkedin_gateway.outbox import linkedin_events


class CampaignApi:
    """The `EventPublisher` and the `LeadOwner` of production."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = rpc.LinkedInEventServiceStub(channel)

    async def __call__(self, bodies: Sequence[bytes], /) -> None:
        """Publish events; raises a `ServiceError` when they were not all taken."""
        events = [linkedin_events.parsed(body) for body in bodies]
        await self._stub.ReportLinkedInEvents(pb.ReportLinkedInEventsRequest(events=events))

    async def running(
        self, organization_id: str, leads: Collection[linkedin_events.Lead]
    ) -> Collection[linkedin_events.Lead]:
        """Those leads that have not ended; raises a `ServiceError` when that cannot be told."""
        request = pb.FindRunningLeadsRequest(
            organization_id=organization_id,
            leads=[
                pb.LeadRef(campaign_id=each.campaign_id, lead_id=each.lead_id) for each in leads
            ],
        )
        answer: pb.FindRunningLeadsResponse = await self._stub.FindRunningLeads(request)
        return [
            linkedin_events.Lead(campaign_id=each.campaign_id, lead_id=each.lead_id)
            for each in answer.leads
        ]
