"""What this service asks of webhook-dispatcher."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

import grpc
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound

from campaign_api.clients.errors import mapped_errors

NAME = "webhook-dispatcher"


class AccountEvent(Enum):
    """What customers hear of an account."""

    DISCONNECTED = auto()
    RECONNECTED = auto()
    COOLING_DOWN = auto()
    COOLED_DOWN = auto()


@dataclass(frozen=True, kw_only=True)
class CoolDown:
    """That one kind of action rests, or rested, until a moment."""

    action: str
    ends_at: datetime


class Dispatcher:
    """Thin: every method is one question, every failure one of our errors."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = rpc.WebhookServiceStub(channel)

    async def endpoint_id(self, organization_id: str, webhook_id: str) -> str | None:
        """The endpoint that a sequence means by `webhook_id`, or None.

        It is one of our own ids (`ep_…`) or the builder's.
        """
        if not webhook_id.isprintable():
            return None
        request = pb.GetEndpointRequest(organization_id=organization_id)
        if webhook_id.startswith("ep_"):
            request.endpoint_id = webhook_id
        else:
            request.builder_webhook_id = webhook_id
        try:
            async with mapped_errors(NAME):
                answer = await self._stub.GetEndpoint(request)
        except (NotFound, InvalidArgument):
            return None
        return answer.endpoint.endpoint_id

    async def create_endpoint(
        self, organization_id: str, *, webhook_id: str, url: str, request_id: str
    ) -> str:
        """Register the address that a sequence names; the same request twice is one endpoint.

        Raises `InvalidArgument` for an address that may not be called.
        """
        request = pb.CreateEndpointRequest(
            request_id=request_id,
            organization_id=organization_id,
            url=url,
            event_types=["sequence.webhook"],
            builder_webhook_id=webhook_id,
            description="Named by a sequence.",
        )
        try:
            async with mapped_errors(NAME):
                answer = await self._stub.CreateEndpoint(request)
        except AlreadyExists:
            # Another campaign that names it was created at the same moment.
            existing = await self.endpoint_id(organization_id, webhook_id)
            if existing is None:
                raise
            return existing
        return answer.endpoint.endpoint_id

    async def publish_account_event(
        self,
        inbound_id: str,
        account_event: AccountEvent,
        *,
        organization_id: str,
        account_id: str,
        reason: str,
        cool_down: CoolDown | None,
        at: datetime,
    ) -> None:
        """Tell customers how an account fares; telling twice is telling once."""
        event = event_pb2.Event(
            event_id=event_id(inbound_id),
            type=event_pb2.EventType.Value(f"EVENT_TYPE_ACCOUNT_{account_event.name}"),
            organization_id=organization_id,
            account=event_pb2.AccountSnapshot(id=account_id, reason=reason),
        )
        if cool_down is not None:
            event.account.cool_down.action = cool_down.action
            event.account.cool_down.end_time.FromDatetime(cool_down.ends_at)
        event.occur_time.FromDatetime(at)
        async with mapped_errors(NAME):
            await self._stub.PublishEvent(pb.PublishEventRequest(event=event))

    async def publish_reply(
        self,
        inbound_id: str,
        *,
        organization_id: str,
        account_id: str,
        campaign_id: str,
        lead_id: str,
        chat_id: str,
        message_id: str,
        at: datetime,
    ) -> None:
        """Tell customers that somebody wrote of whom nothing is kept any more: by ids alone."""
        event = event_pb2.Event(
            event_id=event_id(f"{inbound_id}/{lead_id}"),
            type=event_pb2.EVENT_TYPE_REPLY_RECEIVED,
            organization_id=organization_id,
            campaign=event_pb2.CampaignSnapshot(id=campaign_id),
            lead=event_pb2.LeadSnapshot(
                id=lead_id, account_id=account_id, connection_status="replied"
            ),
            reply=event_pb2.ReplySnapshot(chat_id=chat_id, message_id=message_id),
        )
        event.occur_time.FromDatetime(at)
        async with mapped_errors(NAME):
            await self._stub.PublishEvent(pb.PublishEventRequest(event=event))


def event_id(inbound_id: str) -> str:
    """The id of the event made from an inbound one: always the same."""
    return f"evt_{hashlib.sha256(inbound_id.encode()).hexdigest()[:26]}"
