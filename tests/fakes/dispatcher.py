"""webhook-dispatcher as outreach-worker sees it: it keeps every event once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from outreach.webhook.v1 import event_pb2, webhook_service_pb2_grpc
from outreach.webhook.v1 import webhook_service_pb2 as pb
from prometheus_client import CollectorRegistry
from servicekit.errors import Unavailable
from servicekit.grpc.calls import Context
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from webhook_dispatcher.convert.events import published_event, published_events
from webhook_dispatcher.errors import EndpointNotFound, EventIdReused
from webhook_dispatcher.models import Event

# ruff: noqa: N802 - the methods have the names of the rpcs


class FakeDispatcher(webhook_service_pb2_grpc.WebhookServiceServicer):
    """`events` by id, in the order in which they came; `endpoints` are those that exist.

    What the real one refuses, it refuses.
    """

    def __init__(self) -> None:
        self.events: dict[str, event_pb2.Event] = {}
        self.endpoint_of: dict[str, str] = {}
        self.digests: dict[str, bytes] = {}
        self.endpoints: set[str] = set()
        self.away = False

    def types(self, lead_id: str = "") -> list[str]:
        """What was told of a lead, or of the campaign itself."""
        return [
            event_pb2.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
            for event in self.events.values()
            if event.lead.id == lead_id
        ]

    def event(self, event_type: str, *, lead_id: str, step_id: str = "") -> event_pb2.Event:
        """The one event of that type that was told of a lead, or of a step of it."""
        number = event_pb2.EventType.Value(f"EVENT_TYPE_{event_type}")
        (event,) = [
            each
            for each in self.events.values()
            if (each.type, each.lead.id, each.step.id) == (number, lead_id, step_id)
        ]
        return event

    async def PublishEvent(
        self, request: pb.PublishEventRequest, _: Context
    ) -> pb.PublishEventResponse:
        self._take([request], [published_event(request)])
        return pb.PublishEventResponse(deliveries=1)

    async def PublishEvents(
        self, request: pb.PublishEventsRequest, _: Context
    ) -> pb.PublishEventsResponse:
        self._take(request.events, published_events(request))
        return pb.PublishEventsResponse(deliveries=[1] * len(request.events))

    async def GetEndpoint(
        self, request: pb.GetEndpointRequest, _: Context
    ) -> pb.GetEndpointResponse:
        if self.away:
            raise Unavailable
        if request.endpoint_id not in self.endpoints:
            raise EndpointNotFound
        return pb.GetEndpointResponse(endpoint=pb.Endpoint(endpoint_id=request.endpoint_id))

    def _take(self, requests: Sequence[pb.PublishEventRequest], events: Sequence[Event]) -> None:
        if self.away:
            raise Unavailable
        if any(each.endpoint_id and each.endpoint_id not in self.endpoints for each in requests):
            raise EndpointNotFound
        for request, event in zip(requests, events, strict=True):
            if self.digests.setdefault(event.id, event.digest) != event.digest:
                raise EventIdReused
            self.events.setdefault(event.id, request.event)
            self.endpoint_of[event.id] = request.endpoint_id


@asynccontextmanager
async def running_dispatcher(dispatcher: FakeDispatcher) -> AsyncIterator[str]:
    """The address at which a fake dispatcher serves."""
    server = GrpcServer(interceptors=[standard_interceptor(CollectorRegistry())])
    server.add(webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server, dispatcher)
    async with server:
        yield server.address
