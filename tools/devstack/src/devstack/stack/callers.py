"""The services' RPCs, for whoever drives a stack."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from outreach.campaign.v1 import campaign_service_pb2_grpc as campaign_rpc
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as linkedin_rpc
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit.grpc.client import channel

from devstack.stack.services import Addresses


class Callers:
    """One stub for each service, while the block runs; refusals are `ServiceError`s."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._exits = AsyncExitStack()
        self.campaigns: campaign_rpc.CampaignServiceStub
        self.linkedin: linkedin_rpc.LinkedInServiceStub
        self.webhooks: webhook_rpc.WebhookServiceStub

    async def __aenter__(self) -> Self:
        campaigns, linkedin, webhooks = [
            await self._exits.enter_async_context(channel(self._addresses.grpc(service)))
            for service in ("campaign-api", "linkedin-gateway", "webhook-dispatcher")
        ]
        self.campaigns = campaign_rpc.CampaignServiceStub(campaigns)
        self.linkedin = linkedin_rpc.LinkedInServiceStub(linkedin)
        self.webhooks = webhook_rpc.WebhookServiceStub(webhooks)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._exits.aclose()
