"""The whole local stack knows who calls: its services each other, and its callers."""

from typing import Any

import grpc
import pytest
from devstack.stack.certificates import CALLER
from devstack.stack.stack import Stack
from outreach.campaign.v1 import campaign_service_pb2, campaign_service_pb2_grpc
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
    token_service_pb2,
)
from outreach.linkedin.v1 import (
    account_service_pb2,
    account_service_pb2_grpc,
    hold_pb2,
    hold_service_pb2,
)
from outreach.webhook.v1 import webhook_service_pb2, webhook_service_pb2_grpc
from outreach_client.services.members import Server
from servicekit.errors import PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client

from tests.fakes.stubs import IdentityStubs, LinkedInStubs

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


async def test_what_is_revoked_changes_nothing_at_any_service(stack: Stack) -> None:
    """A new issuer's key and a new member need no restart; a revoked key ends for all at once."""
    shown = stack.certificates.tls(CALLER)
    operator = IdentityStubs(stack.client.channel_to(Server.CAMPAIGN_API))
    await operator.organizations.CreateOrganization(
        organization_service_pb2.CreateOrganizationRequest(organization_id="org_1", name="One")
    )
    made = await operator.members.CreateMember(
        member_service_pb2.CreateMemberRequest(
            organization_id="org_1", name="Ann", role=member_pb2.ROLE_ADMIN
        )
    )
    key = await operator.api_keys.CreateApiKey(
        api_key_service_pb2.CreateApiKeyRequest(member_id=made.member.member_id, name="laptop")
    )
    await operator.tokens.RotateIssuerKey(token_service_pb2.RotateIssuerKeyRequest())
    answer = await operator.tokens.CreateToken(
        token_service_pb2.CreateTokenRequest(api_key=key.secret)
    )

    def token() -> str:
        return answer.token

    hold = hold_service_pb2.PutHoldRequest(
        scope=hold_pb2.HOLD_SCOPE_ORGANIZATION, subject_id="org_1", reason="a test"
    )
    async with grpc_client.channel(
        stack.addresses.grpc("linkedin-gateway"), token=token, tls=shown
    ) as gateway:
        holds = LinkedInStubs(gateway).holds
        await holds.PutHold(hold)
        for service in ("linkedin-gateway", "webhook-dispatcher"):
            async with grpc_client.channel(
                stack.addresses.grpc(service), token=token, tls=shown
            ) as channel:
                await ask(channel, service)
        await operator.api_keys.RevokeApiKey(
            api_key_service_pb2.RevokeApiKeyRequest(key_id=key.api_key.key_id)
        )
        with pytest.raises(Unauthenticated):
            await holds.PutHold(hold)
    async with grpc_client.channel(
        stack.addresses.grpc("linkedin-gateway"), token=stack.operators_token, tls=shown
    ) as gateway:
        await LinkedInStubs(gateway).holds.LiftHold(
            hold_service_pb2.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ORGANIZATION, subject_id="org_1"
            )
        )
