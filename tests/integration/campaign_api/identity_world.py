"""An issuer with its first administrator, and whoever they make."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from campaign_api.clients.temporal import TemporalConnection
from devstack.stack.keys import Keys
from identity.issuer.bootstrap import bootstrap
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
    token_service_pb2,
)
from servicekit.grpc import client as grpc_client

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.stubs import IdentityStubs
from tests.integration.campaign_api.conftest import IDENTITY, SCHEMA, Api, running_api


@dataclass(frozen=True)
class Person:
    """Somebody who calls: a member by a key, with the token that it was exchanged for."""

    member_id: str
    key_id: str
    secret: str
    token: str
    channel: grpc.aio.Channel

    @property
    def stubs(self) -> IdentityStubs:
        return IdentityStubs(self.channel)


@dataclass
class IdentityWorld:
    """campaign-api as the issuer, asked by whoever has a key."""

    api: Api
    operator: Person

    async def token(self, secret: str) -> str:
        async with grpc_client.channel(self.api.address) as channel:
            answer = await IdentityStubs(channel).tokens.CreateToken(
                token_service_pb2.CreateTokenRequest(api_key=secret)
            )
        return answer.token

    async def person(self, secret: str) -> Person:
        token = await self.token(secret)
        channel = await self.api.process.enter(
            grpc_client.channel(self.api.address, token=lambda: token)
        )
        who = await IdentityStubs(channel).tokens.WhoAmI(token_service_pb2.WhoAmIRequest())
        return Person(who.subject, who.key_id, secret, token, channel)

    async def organization(self, organization_id: str = ORGANIZATION) -> str:
        await self.operator.stubs.organizations.CreateOrganization(
            organization_service_pb2.CreateOrganizationRequest(
                organization_id=organization_id, name="Acme"
            )
        )
        return organization_id

    async def member(
        self,
        role: Any = member_pb2.ROLE_ADMIN,
        *,
        by: Person | None = None,
        organization_id: str = ORGANIZATION,
        name: str = "Ann",
        key: dict[str, Any] | None = None,
        **more: Any,
    ) -> Person:
        """A member with a key, both made by somebody who may: the operator."""
        by = by or self.operator
        made = await by.stubs.members.CreateMember(
            member_service_pb2.CreateMemberRequest(
                organization_id=organization_id, name=name, role=role, **more
            )
        )
        return await self.key_of(made.member.member_id, by=by, **(key or {}))

    async def key_of(self, member_id: str, *, by: Person | None = None, **more: Any) -> Person:
        by = by or self.operator
        made = await by.stubs.api_keys.CreateApiKey(
            api_key_service_pb2.CreateApiKeyRequest(member_id=member_id, name="a key", **more)
        )
        return await self.person(made.secret)


@asynccontextmanager
async def identity_world(
    new_database: Callable[..., str], keys: Keys, **settings: Any
) -> AsyncIterator[IdentityWorld]:
    """The service on an empty database, with its first administrator and one organization."""
    url = new_database(SCHEMA, IDENTITY)
    first = await bootstrap(url, organization="Operators", name="Op")
    async with running_api(url, TemporalConnection(), issuing=keys, **settings) as api:
        world = IdentityWorld(api, operator=None)  # type: ignore[arg-type]
        world.operator = await world.person(first.secret)
        await world.organization()
        yield world
