"""Changes of members and keys are recorded with what they change, or they are not made."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from devstack.stack.keys import Keys
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
    token_service_pb2,
)
from servicekit.errors import Internal

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.identity_world import IdentityWorld, identity_world

Change = Callable[[IdentityWorld, Any], Awaitable[Any]]
CHANGES: dict[str, tuple[str, Change]] = {
    "a member that is made": (
        "members",
        lambda world, _: world.operator.stubs.members.CreateMember(
            member_service_pb2.CreateMemberRequest(
                organization_id=ORGANIZATION, name="Bo", role=member_pb2.ROLE_VIEWER
            )
        ),
    ),
    "a member that is changed": (
        "members",
        lambda world, ann: world.operator.stubs.members.UpdateMember(
            member_service_pb2.UpdateMemberRequest(
                member_id=ann.member_id, role=member_pb2.ROLE_MANAGER
            )
        ),
    ),
    "a member that is disabled": (
        "members",
        lambda world, ann: world.operator.stubs.members.DisableMember(
            member_service_pb2.DisableMemberRequest(member_id=ann.member_id)
        ),
    ),
    "a key that is made": (
        "api_keys",
        lambda world, ann: world.operator.stubs.api_keys.CreateApiKey(
            api_key_service_pb2.CreateApiKeyRequest(member_id=ann.member_id, name="a key")
        ),
    ),
    "a key that is revoked": (
        "api_keys",
        lambda world, ann: world.operator.stubs.api_keys.RevokeApiKey(
            api_key_service_pb2.RevokeApiKeyRequest(key_id=ann.key_id)
        ),
    ),
    "an organization": (
        "organizations",
        lambda world, _: world.operator.stubs.organizations.CreateOrganization(
            organization_service_pb2.CreateOrganizationRequest(name="Other")
        ),
    ),
    "the issuer's key": (
        "issuer_keys",
        lambda world, _: world.operator.stubs.tokens.RotateIssuerKey(
            token_service_pb2.RotateIssuerKeyRequest()
        ),
    ),
}


@pytest.fixture
async def world(new_database: Callable[..., str], keys: Keys) -> AsyncIterator[IdentityWorld]:
    async with identity_world(new_database, keys) as made:
        yield made


async def rows(world: IdentityWorld, table: str) -> set[tuple[str, str]]:
    """Every row, with the transaction that wrote it last."""
    found = await world.api.pool.fetch(
        f"SELECT xmin::text AS written_by, t::text AS shown FROM identity.{table} t"
    )
    return {(row["written_by"], row["shown"]) for row in found}


async def test_a_change_has_its_record_in_its_own_transaction(world: IdentityWorld) -> None:
    """Whatever is changed, the transaction that wrote it wrote one record; nothing is between.

    Each was once recorded in another schema before it was answered: it stood without its record
    where that could not be written.
    """
    ann = await world.member(member_pb2.ROLE_VIEWER)
    told = {}
    for name, (table, change) in CHANGES.items():
        before = await rows(world, table)
        await change(world, ann)
        written = {by for by, _ in await rows(world, table) - before}
        told[name] = [
            await world.api.pool.fetchval(
                "SELECT count(*) FROM audit_records WHERE transaction_id::text = $1"
                " AND outcome = 'done'",
                by,
            )
            for by in written
        ]

    assert told == {name: [1] for name in CHANGES}


async def test_what_cannot_be_recorded_is_not_changed(world: IdentityWorld) -> None:
    """Without the right to record, whoever changes members and keys changes nothing."""
    ann = await world.member(member_pb2.ROLE_VIEWER)
    await world.api.pool.execute("REVOKE INSERT ON audit_records FROM identity_background")

    for table, change in CHANGES.values():
        before = await rows(world, table)
        with pytest.raises(Internal):
            await change(world, ann)
        assert await rows(world, table) == before
