"""Events of the bench, as the relay publishes them, and endpoints that hear them."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import Final

from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from webhook_dispatcher.convert.examples import example_of

ORGANIZATION: Final = "org_bench"
_BATCH: Final = 100
_PATIENCE: Final = 60.0
"""Seconds for a call, on a machine that is busy."""


class Publisher:
    """Publishes step.completed of leads, each of them one event."""

    def __init__(self, stub: WebhookServiceStub) -> None:
        self._stub = stub
        self._numbers = itertools.count(1)

    def events(self, count: int) -> list[event_pb2.Event]:
        """So many that were not published yet, each of a lead of its own."""
        return [self._event(next(self._numbers)) for _ in range(count)]

    async def publish(self, events: Sequence[event_pb2.Event]) -> float:
        """In one call; when it was asked (`time.monotonic`)."""
        request = pb.PublishEventsRequest(
            organization_id=ORGANIZATION,
            events=[pb.PublishEventRequest(event=each) for each in events],
        )
        began = time.monotonic()
        await self._stub.PublishEvents(request, timeout=_PATIENCE)
        return began

    async def publish_all(self, events: Sequence[event_pb2.Event], *, at_once: int) -> float:
        """A hundred in each call, some calls at once; how many that were in a second."""
        batches = iter([events[at : at + _BATCH] for at in range(0, len(events), _BATCH)])

        async def some() -> None:
            for batch in batches:
                await self.publish(batch)

        began = time.monotonic()
        await asyncio.gather(*(some() for _ in range(at_once)))
        return len(events) / (time.monotonic() - began)

    async def listen(self, *urls: str) -> None:
        """Have these hear every event of the bench."""
        for url in urls:
            request = pb.CreateEndpointRequest(
                request_id=url[-100:], organization_id=ORGANIZATION, url=url
            )
            await self._stub.CreateEndpoint(request, timeout=_PATIENCE)

    async def silence(self) -> None:
        """Nobody hears anything any more."""
        every = pb.ListEndpointsRequest(organization_id=ORGANIZATION, page_size=1000)
        for each in (await self._stub.ListEndpoints(every, timeout=_PATIENCE)).endpoints:
            request = pb.DeleteEndpointRequest(
                organization_id=ORGANIZATION, endpoint_id=each.endpoint_id
            )
            await self._stub.DeleteEndpoint(request, timeout=_PATIENCE)

    @staticmethod
    def _event(number: int) -> event_pb2.Event:
        event = example_of("step.completed")
        event.event_id, event.organization_id = f"evt_bench_{number:08}", ORGANIZATION
        event.lead.id = event.subject = f"lead_bench_{number:08}"
        event.sequence_number = 1
        return event
