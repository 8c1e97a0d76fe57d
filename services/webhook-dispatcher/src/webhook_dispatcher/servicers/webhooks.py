"""WebhookService: unpack, call, pack."""

from typing import Any

import grpc
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc

from webhook_dispatcher.convert.deliveries import attempt_to_proto, delivery_to_proto, wanted_state
from webhook_dispatcher.convert.endpoints import (
    changes_of,
    endpoint_to_proto,
    new_endpoint,
    require_key,
)
from webhook_dispatcher.convert.events import published_event
from webhook_dispatcher.convert.values import paging_of
from webhook_dispatcher.convert.violations import require
from webhook_dispatcher.deliveries.delivery_repository import DeliveryRepository
from webhook_dispatcher.endpoints.registry import EndpointRegistry
from webhook_dispatcher.endpoints.trial import EndpointTrials
from webhook_dispatcher.events.publisher import EventPublisher
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.paging import Page

Context = grpc.aio.ServicerContext[Any, Any]


class WebhookServicer(rpc.WebhookServiceServicer):
    def __init__(
        self,
        *,
        endpoints: EndpointRegistry,
        trials: EndpointTrials,
        events: EventPublisher,
        deliveries: DeliveryRepository,
        rules: Rules,
    ) -> None:
        self._endpoints = endpoints
        self._trials = trials
        self._events = events
        self._deliveries = deliveries
        self._rules = rules

    async def CreateEndpoint(  # noqa: N802 - the contract's name
        self, request: pb.CreateEndpointRequest, _: Context
    ) -> pb.CreateEndpointResponse:
        wanted = new_endpoint(request, self._rules)
        endpoint, secret = await self._endpoints.create(**wanted)
        return pb.CreateEndpointResponse(endpoint=endpoint_to_proto(endpoint), secret=secret)

    async def GetEndpoint(  # noqa: N802
        self, request: pb.GetEndpointRequest, _: Context
    ) -> pb.GetEndpointResponse:
        require_key(request)
        endpoint = await self._endpoints.get(
            request.organization_id,
            endpoint_id=request.endpoint_id,
            builder_webhook_id=request.builder_webhook_id,
        )
        return pb.GetEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def ListEndpoints(  # noqa: N802
        self, request: pb.ListEndpointsRequest, _: Context
    ) -> pb.ListEndpointsResponse:
        require(request, "organization_id")
        page = await self._endpoints.list(request.organization_id, paging_of(request))
        return pb.ListEndpointsResponse(
            endpoints=map(endpoint_to_proto, page.rows), next_page_token=_next(page)
        )

    async def UpdateEndpoint(  # noqa: N802
        self, request: pb.UpdateEndpointRequest, _: Context
    ) -> pb.UpdateEndpointResponse:
        changes, asked = changes_of(request, self._rules), request.endpoint
        endpoint = await self._endpoints.update(asked.organization_id, asked.endpoint_id, **changes)
        return pb.UpdateEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def DisableEndpoint(  # noqa: N802
        self, request: pb.DisableEndpointRequest, _: Context
    ) -> pb.DisableEndpointResponse:
        require(request, "organization_id", "endpoint_id")
        endpoint = await self._endpoints.disable(request.organization_id, request.endpoint_id)
        return pb.DisableEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def EnableEndpoint(  # noqa: N802
        self, request: pb.EnableEndpointRequest, _: Context
    ) -> pb.EnableEndpointResponse:
        require(request, "organization_id", "endpoint_id")
        endpoint = await self._endpoints.enable(request.organization_id, request.endpoint_id)
        return pb.EnableEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def SendTestEvent(  # noqa: N802
        self, request: pb.SendTestEventRequest, _: Context
    ) -> pb.SendTestEventResponse:
        require(request, "organization_id", "endpoint_id")
        made = await self._trials.make(request.organization_id, request.endpoint_id)
        return pb.SendTestEventResponse(
            body=made.body, headers=made.headers, attempt=attempt_to_proto(made.attempt)
        )

    async def DeleteEndpoint(  # noqa: N802
        self, request: pb.DeleteEndpointRequest, _: Context
    ) -> pb.DeleteEndpointResponse:
        require(request, "organization_id", "endpoint_id")
        await self._endpoints.delete(request.organization_id, request.endpoint_id)
        return pb.DeleteEndpointResponse()

    async def RotateEndpointSecret(  # noqa: N802
        self, request: pb.RotateEndpointSecretRequest, _: Context
    ) -> pb.RotateEndpointSecretResponse:
        require(request, "organization_id", "endpoint_id")
        secret = await self._endpoints.rotate_secret(request.organization_id, request.endpoint_id)
        return pb.RotateEndpointSecretResponse(secret=secret)

    async def PublishEvent(  # noqa: N802
        self, request: pb.PublishEventRequest, _: Context
    ) -> pb.PublishEventResponse:
        event = published_event(request)
        deliveries = await self._events.publish(event, endpoint_id=request.endpoint_id)
        return pb.PublishEventResponse(deliveries=deliveries)

    async def ListDeliveries(  # noqa: N802
        self, request: pb.ListDeliveriesRequest, _: Context
    ) -> pb.ListDeliveriesResponse:
        require(request, "organization_id")
        page = await self._deliveries.list(
            request.organization_id,
            paging_of(request),
            endpoint_id=request.endpoint_id,
            event_id=request.event_id,
            state=wanted_state(request),
        )
        return pb.ListDeliveriesResponse(
            deliveries=map(delivery_to_proto, page.rows), next_page_token=_next(page)
        )

    async def ListDeliveryAttempts(  # noqa: N802
        self, request: pb.ListDeliveryAttemptsRequest, _: Context
    ) -> pb.ListDeliveryAttemptsResponse:
        require(request, "organization_id", "delivery_id")
        attempts = await self._deliveries.attempts(request.organization_id, request.delivery_id)
        return pb.ListDeliveryAttemptsResponse(attempts=map(attempt_to_proto, attempts))


def _next(page: Page[Any]) -> str:
    return page.next.token() if page.next else ""
