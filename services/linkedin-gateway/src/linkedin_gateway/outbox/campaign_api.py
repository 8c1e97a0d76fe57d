"""The call by which events are published to campaign-api."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from outreach.campaign.v1 import linkedin_event_service_pb2_grpc as rpc

from linkedin_gateway.outbox import linkedin_events


class CampaignApi:
    """The `EventPublisher` of production."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = rpc.LinkedInEventServiceStub(channel)

    async def __call__(self, bodies: Sequence[bytes], /) -> None:
        """Publish events; raises a `ServiceError` when they were not all taken."""
        events = [linkedin_events.parsed(body) for body in bodies]
        await self._stub.ReportLinkedInEvents(pb.ReportLinkedInEventsRequest(events=events))
