"""The services' RPCs, for whoever drives a stack."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import grpc
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach.campaign.v1.lead_service_pb2_grpc import LeadServiceStub
from outreach.campaign.v1.sequence_service_pb2_grpc import SequenceServiceStub
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.credentials.tls import Tls
from servicekit.grpc.client import channel

from devstack.stack.services import Addresses


class Callers:
    """A stub for each service called, while the block runs; refusals are `ServiceError`s."""

    def __init__(
        self, addresses: Addresses, token: Callable[[], str], *, tls: Tls | None = None
    ) -> None:
        self._addresses = addresses
        self._token = token
        self._tls = tls
        self._exits = AsyncExitStack()
        self.campaign_api: grpc.aio.Channel
        self.campaigns: CampaignServiceStub
        self.leads: LeadServiceStub
        self.sequences: SequenceServiceStub
        self.accounts: AccountServiceStub
        self.pace: PaceServiceStub
        self.webhooks: WebhookServiceStub

    async def __aenter__(self) -> Self:
        campaign_api, gateway, dispatcher = [
            await self._exits.enter_async_context(
                channel(self._addresses.grpc(service), token=self._token, tls=self._tls)
            )
            for service in ("campaign-api", "linkedin-gateway", "webhook-dispatcher")
        ]
        self.campaign_api = campaign_api
        self.campaigns = CampaignServiceStub(campaign_api)
        self.leads = LeadServiceStub(campaign_api)
        self.sequences = SequenceServiceStub(campaign_api)
        self.accounts = AccountServiceStub(gateway)
        self.pace = PaceServiceStub(gateway)
        self.webhooks = WebhookServiceStub(dispatcher)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._exits.aclose()
