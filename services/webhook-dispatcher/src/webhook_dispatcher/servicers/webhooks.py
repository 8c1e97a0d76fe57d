"""WebhookService: unpack, call, pack."""

from typing import Any

import grpc
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from servicekit.auth import current_principal
from servicekit.grpc.requests.rules import tells_the_rest
from servicekit.lists.listing import asked_of, followed_of

from webhook_dispatcher.channels.trial import EndpointTrials
from webhook_dispatcher.convert.deliveries import (
    asked_deliveries,
    attempt_to_proto,
    delivery_to_proto,
)
from webhook_dispatcher.convert.endpoints import (
    edit_of,
    endpoint_to_proto,
    listed_endpoint,
    new_endpoint,
    overlap_of,
)
from webhook_dispatcher.convert.events import published_event, published_events
from webhook_dispatcher.convert.examples import example_asked_for
from webhook_dispatcher.convert.replays import event_to_proto, new_replay, replay_to_proto
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.endpoints.registry import EndpointRegistry
from webhook_dispatcher.events.publisher import EventPublisher
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.listings.lists import Lists
from webhook_dispatcher.replays.replay_control import ReplayControl

Context = grpc.aio.ServicerContext[Any, Any]


class WebhookServicer(rpc.WebhookServiceServicer):
    def __init__(
        self,
        *,
        endpoints: EndpointRegistry,
        trials: EndpointTrials,
        events: EventPublisher,
        replays: ReplayControl,
        lists: Lists,
        rules: Rules,
    ) -> None:
        self._endpoints = endpoints
        self._trials = trials
        self._events = events
        self._replays = replays
        self._lists = lists
        self._rules = rules

    @tells_the_rest
    async def CreateEndpoint(  # noqa: N802 - the contract's name
        self, request: pb.CreateEndpointRequest, _: Context
    ) -> pb.CreateEndpointResponse:
        wanted = new_endpoint(request, self._rules)
        endpoint, secret = await self._endpoints.create(**wanted)
        return pb.CreateEndpointResponse(endpoint=endpoint_to_proto(endpoint), secret=secret)

    async def GetEndpoint(  # noqa: N802
        self, request: pb.GetEndpointRequest, _: Context
    ) -> pb.GetEndpointResponse:
        endpoint = await self._endpoints.get(
            request.organization_id,
            endpoint_id=request.endpoint_id,
            builder_webhook_id=request.builder_webhook_id,
            show_deleted=request.show_deleted,
        )
        return pb.GetEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def ListEndpoints(  # noqa: N802
        self, request: pb.ListEndpointsRequest, _: Context
    ) -> pb.ListEndpointsResponse:
        page = await self._lists.endpoints.page(
            request.organization_id, followed_of(request), show_deleted=request.show_deleted
        )
        return pb.ListEndpointsResponse(
            endpoints=map(listed_endpoint, page.rows),
            total_size=page.total_size,
            removed_endpoints=page.removed_ids(),
            **page.answered(),
        )

    @tells_the_rest
    async def UpdateEndpoint(  # noqa: N802
        self, request: pb.UpdateEndpointRequest, _: Context
    ) -> pb.UpdateEndpointResponse:
        edit, asked = edit_of(request, self._rules), request.endpoint
        endpoint = await self._endpoints.update(asked.organization_id, asked.endpoint_id, edit)
        return pb.UpdateEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def DisableEndpoint(  # noqa: N802
        self, request: pb.DisableEndpointRequest, _: Context
    ) -> pb.DisableEndpointResponse:
        endpoint = await self._endpoints.disable(request.organization_id, request.endpoint_id)
        return pb.DisableEndpointResponse(endpoint=endpoint_to_proto(endpoint))

    async def EnableEndpoint(  # noqa: N802
        self, request: pb.EnableEndpointRequest, _: Context
    ) -> pb.EnableEndpointResponse:
        endpoint, missed_since = await self._endpoints.enable(
            request.organization_id, request.endpoint_id
        )
        return pb.EnableEndpointResponse(
            endpoint=endpoint_to_proto(endpoint), missed_since_time=timestamp(missed_since)
        )

    async def SendTestEvent(  # noqa: N802
        self, request: pb.SendTestEventRequest, _: Context
    ) -> pb.SendTestEventResponse:
        made = await self._trials.make(
            request.organization_id, request.endpoint_id, example=example_asked_for(request)
        )
        return pb.SendTestEventResponse(
            body=made.body, headers=made.headers, attempt=attempt_to_proto(made.attempt)
        )

    async def DeleteEndpoint(  # noqa: N802
        self, request: pb.DeleteEndpointRequest, _: Context
    ) -> pb.DeleteEndpointResponse:
        await self._endpoints.delete(
            request.organization_id, request.endpoint_id, etag=request.etag
        )
        return pb.DeleteEndpointResponse()

    async def UndeleteEndpoint(  # noqa: N802
        self, request: pb.UndeleteEndpointRequest, _: Context
    ) -> pb.UndeleteEndpointResponse:
        endpoint, missed_since = await self._endpoints.undelete(
            request.organization_id, request.endpoint_id
        )
        return pb.UndeleteEndpointResponse(
            endpoint=endpoint_to_proto(endpoint), missed_since_time=timestamp(missed_since)
        )

    async def RotateEndpointSecret(  # noqa: N802
        self, request: pb.RotateEndpointSecretRequest, _: Context
    ) -> pb.RotateEndpointSecretResponse:
        endpoint, secret = await self._endpoints.rotate_secret(
            request.organization_id,
            request.endpoint_id,
            request_id=request.request_id,
            overlap=overlap_of(request),
        )
        return pb.RotateEndpointSecretResponse(secret=secret, endpoint=endpoint_to_proto(endpoint))

    async def PublishEvent(  # noqa: N802
        self, request: pb.PublishEventRequest, _: Context
    ) -> pb.PublishEventResponse:
        (deliveries,) = await self._events.publish([published_event(request)])
        return pb.PublishEventResponse(deliveries=deliveries)

    async def PublishEvents(  # noqa: N802
        self, request: pb.PublishEventsRequest, _: Context
    ) -> pb.PublishEventsResponse:
        events = published_events(request)
        return pb.PublishEventsResponse(deliveries=await self._events.publish(events))

    async def ListDeliveries(  # noqa: N802
        self, request: pb.ListDeliveriesRequest, _: Context
    ) -> pb.ListDeliveriesResponse:
        page = await self._lists.deliveries.page(request.organization_id, asked_deliveries(request))
        return pb.ListDeliveriesResponse(
            deliveries=map(delivery_to_proto, page.rows), **page.answered()
        )

    async def ListDeliveryAttempts(  # noqa: N802
        self, request: pb.ListDeliveryAttemptsRequest, _: Context
    ) -> pb.ListDeliveryAttemptsResponse:
        page = await self._lists.deliveries.attempts(
            request.organization_id, request.delivery_id, asked_of(request)
        )
        return pb.ListDeliveryAttemptsResponse(
            attempts=map(attempt_to_proto, page.rows),
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def ResendDelivery(  # noqa: N802
        self, request: pb.ResendDeliveryRequest, _: Context
    ) -> pb.ResendDeliveryResponse:
        delivery = await self._replays.resend(request.organization_id, request.delivery_id)
        return pb.ResendDeliveryResponse(delivery=delivery_to_proto(delivery))

    async def GetEvent(  # noqa: N802
        self, request: pb.GetEventRequest, _: Context
    ) -> pb.GetEventResponse:
        event = await self._lists.events.get(request.organization_id, request.event_id)
        return pb.GetEventResponse(event=event_to_proto(event))

    async def ListEvents(  # noqa: N802
        self, request: pb.ListEventsRequest, _: Context
    ) -> pb.ListEventsResponse:
        page = await self._lists.events.page(request.organization_id, followed_of(request))
        return pb.ListEventsResponse(events=map(event_to_proto, page.rows), **page.answered())

    @tells_the_rest
    async def CreateReplay(  # noqa: N802
        self, request: pb.CreateReplayRequest, _: Context
    ) -> pb.CreateReplayResponse:
        now = await self._replays.now()
        until = await self._replays.published_before(request.organization_id, now=now)
        wanted = new_replay(request, now=now, until=until, by=current_principal())
        return pb.CreateReplayResponse(replay=replay_to_proto(await self._replays.create(wanted)))

    async def GetReplay(  # noqa: N802
        self, request: pb.GetReplayRequest, _: Context
    ) -> pb.GetReplayResponse:
        replay = await self._replays.get(request.organization_id, request.replay_id)
        return pb.GetReplayResponse(replay=replay_to_proto(replay))

    async def ListReplays(  # noqa: N802
        self, request: pb.ListReplaysRequest, _: Context
    ) -> pb.ListReplaysResponse:
        page = await self._lists.replays.page(request.organization_id, followed_of(request))
        return pb.ListReplaysResponse(
            replays=map(replay_to_proto, page.rows),
            total_size=page.total_size,
            **page.answered(),
        )

    async def CancelReplay(  # noqa: N802
        self, request: pb.CancelReplayRequest, _: Context
    ) -> pb.CancelReplayResponse:
        replay = await self._replays.cancel(request.organization_id, request.replay_id)
        return pb.CancelReplayResponse(replay=replay_to_proto(replay))
