"""The whole local stack knows who calls: its services each other, and its callers."""

from typing import Any

import grpc
import pytest
from devstack.stack.certificates import CALLER
from devstack.stack.stack import Stack
from outreach.campaign.v1 import campaign_service_pb2, campaign_service_pb2_grpc
from outreach.linkedin.v1 import account_service_pb2, account_service_pb2_grpc
from outreach.webhook.v1 import webhook_service_pb2, webhook_service_pb2_grpc
from servicekit.errors import PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED: dict[str, tuple[Any, str, Any]] = {
    "campaign-api": (
        campaign_service_pb2_grpc.CampaignServiceStub,
        "GetCampaign",
        campaign_service_pb2.GetCampaignRequest(campaign_id="camp_1"),
    ),
    "linkedin-gateway": (
        account_service_pb2_grpc.AccountServiceStub,
        "ListAccounts",
        account_service_pb2.ListAccountsRequest(organization_id="org_1"),
    ),
    "webhook-dispatcher": (
        webhook_service_pb2_grpc.WebhookServiceStub,
        "ListEndpoints",
        webhook_service_pb2.ListEndpointsRequest(organization_id="org_1"),
    ),
}


async def ask(channel: grpc.aio.Channel, service: str) -> None:
    stub, method, request = ASKED[service]
    await getattr(stub(channel), method)(request)


@pytest.mark.parametrize("service", ASKED)
async def test_nobody_is_let_in_without_a_token(stack: Stack, service: str) -> None:
    """Nor one service where it has nothing to ask; and no header makes up for it."""
    address = stack.addresses.grpc(service)
    worker = stack.keys.service("outreach-worker", audience=service)

    shown = stack.certificates.tls("outreach-worker")
    caller = stack.certificates.tls(CALLER)
    async with grpc_client.channel(address, tls=shown) as channel:
        with pytest.raises(Unauthenticated):
            await ask(channel, service)
    async with grpc_client.channel(address, token=worker, tls=shown) as channel:
        with pytest.raises(PermissionDenied):
            await ask(channel, service)
    async with grpc_client.channel(address, token=worker, tls=caller) as channel:
        with pytest.raises(Unauthenticated, match="certificate of the connection is another's"):
            await ask(channel, service)
