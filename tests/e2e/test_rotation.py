"""Every key is changed every two seconds, while everybody calls everybody."""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.stack.certificates import CALLER
from devstack.stack.stack import Stack
from outreach.campaign.v1 import campaign_service_pb2
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
    token_service_pb2,
)
from outreach.linkedin.v1 import account_service_pb2
from outreach.webhook.v1 import webhook_service_pb2
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from outreach_client.services.members import Server
from servicekit.errors import ServiceError
from servicekit.grpc import client as grpc_client

from tests.fakes.stubs import CampaignStubs, IdentityStubs, LinkedInStubs

pytestmark = pytest.mark.asyncio(loop_scope="session")

LASTS = float(os.environ.get("ROTATION_SECONDS", "6"))
EVERY = 2.0
"""Seconds between two changes of each key."""
CALLERS = 2
SIGNING = ("campaign-api", "outreach-worker", "linkedin-gateway")
FIGURES = Path("build/rotation.json")


class Member:
    """A member whose API key is changed as well, and whose token is renewed all the time."""

    def __init__(self, operator: IdentityStubs, organization_id: str) -> None:
        self._operator = operator
        self._organization_id = organization_id
        self.changes = 0

    async def join(self) -> None:
        await self._operator.organizations.CreateOrganization(
            organization_service_pb2.CreateOrganizationRequest(
                organization_id=self._organization_id, name="The demo's"
            )
        )
        made = await self._operator.members.CreateMember(
            member_service_pb2.CreateMemberRequest(
                organization_id=self._organization_id, name="Rota", role=member_pb2.ROLE_ADMIN
            )
        )
        key = await self._operator.api_keys.CreateApiKey(
            api_key_service_pb2.CreateApiKeyRequest(member_id=made.member.member_id, name="rotated")
        )
        self.member_id = made.member.member_id
        self._key_id, self._secret = key.api_key.key_id, key.secret
        await self.renew()

    async def renew(self) -> None:
        request = token_service_pb2.CreateTokenRequest(api_key=self._secret)
        self.token = (await self._operator.tokens.CreateToken(request)).token

    async def change_key(self) -> None:
        request = api_key_service_pb2.RotateApiKeyRequest(key_id=self._key_id)
        request.overlap.FromTimedelta(timedelta(minutes=1))
        made = await self._operator.api_keys.RotateApiKey(request)
        self._key_id, self._secret = made.api_key.key_id, made.secret
        self.changes += 1


async def unauthenticated(stack: Stack) -> Counter[str]:
    """How many calls each service has refused because it did not know who calls."""
    refused: Counter[str] = Counter()
    async with httpx.AsyncClient() as http:
        for name, service in stack.services.items():
            text = (await http.get(f"{service.url}/metrics")).text
            pattern = r'^rpc_server_handled_total\{code="(\w+)".*\} ([\d.]+)$'
            for code, count in re.findall(pattern, text, re.MULTILINE):
                if code in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
                    refused[name] += int(float(count))
    return refused


@dataclass
class Load:
    """Calls that go on until the time is over and the keys were changed, and what came of them."""

    member: Member
    ends_at: float
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        time_is_left = asyncio.get_running_loop().time() < self.ends_at
        return time_is_left or self.member.changes < LASTS / EVERY

    async def call(self, name: str, call: Callable[[], Any]) -> None:
        while self.goes_on:
            try:
                await call()
                await self.member.renew()
            except ServiceError as error:
                self.failures.append(f"{name}: {error.reason} {error.message}")
            self.calls[name] += 1

    async def change(self, stack: Stack) -> None:
        clock = asyncio.get_running_loop().time
        next_at = clock()
        while self.goes_on:
            next_at += EVERY
            await IdentityStubs(
                stack.client.channel_to(Server.CAMPAIGN_API)
            ).tokens.RotateIssuerKey(token_service_pb2.RotateIssuerKeyRequest())
            for service in SIGNING:
                stack.keys.roll(service)
            await self.member.change_key()
            # What a change takes is part of the time between two; but everybody must have looked.
            await asyncio.sleep(max(next_at - clock(), 0.9 * EVERY))

    def write_down(self) -> None:
        figures = {
            "seconds": LASTS,
            "changes": self.member.changes,
            "calls": self.calls,
            "failed": len(self.failures),
        }
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures) + "\n")


@pytest.mark.lasts(seconds=10)
async def test_no_call_fails_while_every_key_changes(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """The issuer's, each service's and the caller's own: reads, writes, and a running campaign."""
    member = Member(
        IdentityStubs(stack.client.channel_to(Server.CAMPAIGN_API)), driver.organization_id
    )
    await member.join()
    before = await unauthenticated(stack)
    leads = write_leads(*(f"rota{number}" for number in range(round(LASTS) * 2)))
    campaign_id = (await driver.create_campaign(flow, name="rotation")).campaign.campaign_id
    await driver.import_leads(campaign_id, leads)
    await driver.start(campaign_id)
    shown = stack.certificates.tls(CALLER)
    load = Load(member, ends_at=asyncio.get_running_loop().time() + LASTS)

    async with AsyncExitStack() as open_channels, asyncio.TaskGroup() as group:
        channels = {
            name: await open_channels.enter_async_context(
                grpc_client.channel(
                    stack.addresses.grpc(name), token=lambda: member.token, tls=shown
                )
            )
            for name in ("campaign-api", "linkedin-gateway", "webhook-dispatcher")
        }
        asked = asking(channels, driver, campaign_id, member)
        # What else happens in this stack is no longer told there afterwards.
        made = await asked["write at webhook-dispatcher"]()
        stack.receiver.trust("rota", made.secret)
        open_channels.push_async_callback(
            WebhookServiceStub(channels["webhook-dispatcher"]).DeleteEndpoint,
            webhook_service_pb2.DeleteEndpointRequest(
                organization_id=driver.organization_id, endpoint_id=made.endpoint.endpoint_id
            ),
        )
        group.create_task(load.change(stack))
        for name, call in asked.items():
            for _ in range(CALLERS):
                group.create_task(load.call(name, call))

    load.write_down()
    assert load.failures == []
    assert await unauthenticated(stack) - before == Counter()
    assert set(load.calls) == set(asked)
    assert (await driver.status(campaign_id)).funnel.visited > 0


def asking(
    channels: dict[str, Any], driver: Driver, campaign_id: str, member: Member
) -> dict[str, Any]:
    """A read and a write of each service."""
    own = driver.organization_id
    campaigns = CampaignStubs(channels["campaign-api"]).campaigns
    members = IdentityStubs(channels["campaign-api"]).members
    gateway = LinkedInStubs(channels["linkedin-gateway"])
    webhooks = WebhookServiceStub(channels["webhook-dispatcher"])
    return {
        "read at campaign-api": lambda: campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        ),
        "write at campaign-api": lambda: members.EnableMember(
            member_service_pb2.EnableMemberRequest(member_id=member.member_id)
        ),
        "read at linkedin-gateway": lambda: gateway.accounts.ListAccounts(
            account_service_pb2.ListAccountsRequest(organization_id=own)
        ),
        "write at linkedin-gateway": lambda: gateway.accounts.UpdateAccount(
            account_service_pb2.UpdateAccountRequest(account_id=driver.accounts[-1].account_id)
        ),
        "read at webhook-dispatcher": lambda: webhooks.ListEndpoints(
            webhook_service_pb2.ListEndpointsRequest(organization_id=own)
        ),
        "write at webhook-dispatcher": lambda: webhooks.CreateEndpoint(
            webhook_service_pb2.CreateEndpointRequest(
                request_id="rotation", organization_id=own, url=driver.stack.receiver.url("rota")
            )
        ),
    }
