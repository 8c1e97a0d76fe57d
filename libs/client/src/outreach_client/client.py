"""The engine's three services behind one object."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import grpc
from outreach.campaign.v1 import campaign_service_pb2 as campaign_pb
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach.campaign.v1.linkedin_event_service_pb2_grpc import LinkedInEventServiceStub
from outreach.linkedin.v1 import linkedin_service_pb2 as linkedin_pb
from outreach.linkedin.v1.linkedin_service_pb2_grpc import LinkedInServiceStub
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.grpc import client as grpc_client

from outreach_client.settings import Settings

_PIECE_BYTES = 256 * 1024


class OutreachClient:
    """Stubs of every service, typed by the contract. Use it as an async context manager.

        async with OutreachClient(Settings()) as client:
            answer = await client.campaigns.StartCampaign(StartCampaignRequest(...))

    Calls carry the token and a deadline. A refused one raises the `ServiceError` of
    `servicekit.errors` that the server raised, with its reason and violations.
    """

    campaigns: CampaignServiceStub
    linkedin_events: LinkedInEventServiceStub
    linkedin: LinkedInServiceStub
    webhooks: WebhookServiceStub

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        campaign_api = await self._channel(self._settings.campaign_api_address)
        self.campaigns = CampaignServiceStub(campaign_api)
        self.linkedin_events = LinkedInEventServiceStub(campaign_api)
        self.linkedin = LinkedInServiceStub(await self._channel(self._settings.gateway_address))
        self.webhooks = WebhookServiceStub(await self._channel(self._settings.dispatcher_address))
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def import_leads(
        self,
        campaign_id: str,
        content: bytes,
        *,
        column_by_field: Mapping[str, str] | None = None,
    ) -> campaign_pb.ImportLeadsResponse:
        """Add the people of a lead list, read whole, to a campaign."""
        header = campaign_pb.ImportLeadsHeader(
            campaign_id=campaign_id, column_by_field=column_by_field or {}
        )
        return await self.campaigns.ImportLeads(_import(header, content))

    async def import_suppressions(
        self, header: linkedin_pb.ImportSuppressionsHeader, content: bytes
    ) -> linkedin_pb.ImportSuppressionsResponse:
        """Forbid contact with everybody of a list, read whole."""
        return await self.linkedin.ImportSuppressions(_suppressions(header, content))

    async def _channel(self, address: str) -> grpc.aio.Channel:
        settings = self._settings
        return await self._stack.enter_async_context(
            grpc_client.channel(
                address,
                timeout=settings.timeout,
                token=_token(settings),
                # People want to hear at once that nobody is there.
                wait_for_ready=False,
                credentials=grpc.ssl_channel_credentials() if settings.tls else None,
            )
        )


def _token(settings: Settings) -> Callable[[], str] | None:
    if settings.token is None:
        return None
    return settings.token.get_secret_value


async def _import(
    header: campaign_pb.ImportLeadsHeader, content: bytes
) -> AsyncIterator[campaign_pb.ImportLeadsRequest]:
    yield campaign_pb.ImportLeadsRequest(header=header)
    for piece in _pieces(content):
        yield campaign_pb.ImportLeadsRequest(content=piece)


async def _suppressions(
    header: linkedin_pb.ImportSuppressionsHeader, content: bytes
) -> AsyncIterator[linkedin_pb.ImportSuppressionsRequest]:
    yield linkedin_pb.ImportSuppressionsRequest(header=header)
    for piece in _pieces(content):
        yield linkedin_pb.ImportSuppressionsRequest(content=piece)


def _pieces(content: bytes) -> Iterable[bytes]:
    return (content[first : first + _PIECE_BYTES] for first in range(0, len(content), _PIECE_BYTES))
