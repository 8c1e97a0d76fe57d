"""TokenService: what an API key is exchanged for, and what ends that."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet
from devstack.stack.keys import Keys
from devstack.stack.loopback import loopback_client
from identity.issuer.http_client import IssuerClient
from identity.issuer.issuer_key_repository import IssuerKeyRepository
from identity.issuer.issuer_keys import EncryptionKeyInvalid, IssuerKeys, IssuerKeyUnreadable
from identity.issuer.tokens import LIFE, OVERLAP
from identity.roles import PERMISSIONS_BY_ROLE, Role
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
    token_service_pb2,
)
from servicekit.credentials import watched_files
from servicekit.credentials.secrets import Secret
from servicekit.errors import FailedPrecondition, PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client
from servicekit.postgres import pool as postgres

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.stubs import CampaignStubs, IdentityStubs
from tests.integration.campaign_api.conftest import ENCRYPTION_KEY, new_campaign
from tests.integration.campaign_api.identity_world import IdentityWorld, Person, identity_world


@pytest.fixture
async def world(new_database: Callable[..., str], keys: Keys) -> AsyncIterator[IdentityWorld]:
    async with identity_world(new_database, keys) as made:
        yield made


def said(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_a_key_is_exchanged_for_a_short_token(world: IdentityWorld) -> None:
    """It says who calls, for whom, what they may and with what, and lives ten minutes."""
    person = await world.member(
        member_pb2.ROLE_MANAGER,
        account_ids=["acct_1", "acct_2"],
        key={"scopes": ["campaigns.read"], "account_ids": ["acct_2", "acct_3"]},
    )

    claims = said(person.token)
    assert claims["sub"] == person.member_id
    assert claims["key"] == person.key_id
    assert claims["org"] == ORGANIZATION
    assert claims["permissions"] == ["campaigns.read", "tokens.read"]
    assert claims["accounts"] == ["acct_2"]
    assert claims["exp"] - claims["iat"] == LIFE.total_seconds()
    assert abs(claims["iat"] - time.time()) < 60
    operators = said(world.operator.token)
    assert operators["operator"] is True
    assert "org" not in operators
    assert set(operators["permissions"]) == PERMISSIONS_BY_ROLE[Role.OPERATOR]


async def test_who_i_am_is_what_the_token_says(world: IdentityWorld) -> None:
    """Whatever a key is limited to, its caller may ask who they are."""
    person = await world.member(key={"scopes": ["leads.read"], "account_ids": ["acct_1"]})

    who = await person.stubs.tokens.WhoAmI(token_service_pb2.WhoAmIRequest())

    assert (who.subject, who.key_id) == (person.member_id, person.key_id)
    assert (who.organization_id, who.limited) == (ORGANIZATION, True)
    assert list(who.account_ids) == ["acct_1"]
    assert list(who.permissions) == ["leads.read", "tokens.read"]


async def _revoke(world: IdentityWorld, person: Person) -> None:
    await world.operator.stubs.api_keys.RevokeApiKey(
        api_key_service_pb2.RevokeApiKeyRequest(key_id=person.key_id)
    )


async def _disable(world: IdentityWorld, person: Person) -> None:
    await world.operator.stubs.members.DisableMember(
        member_service_pb2.DisableMemberRequest(member_id=person.member_id)
    )


async def _disable_all(world: IdentityWorld, _: Person) -> None:
    await world.operator.stubs.organizations.DisableOrganization(
        organization_service_pb2.DisableOrganizationRequest(organization_id=ORGANIZATION)
    )


async def _expire(world: IdentityWorld, person: Person) -> None:
    async with postgres.connect_pool(world.api.url, "identity", max_size=1) as pool:
        await pool.execute(
            "UPDATE api_keys SET expires_at = now() WHERE key_id = $1", person.key_id
        )


@pytest.mark.parametrize("end", [_revoke, _disable, _disable_all, _expire])
async def test_what_has_ended_changes_nothing_any_more(world: IdentityWorld, end: Any) -> None:
    """At once, with the token that there is; nor is another one made of it. Reading goes on until
    the token ends.
    """
    await world.member()
    person = await world.member()
    stubs = CampaignStubs(person.channel).campaigns
    introspection = f"{world.api.public_url}/introspect"

    async with IssuerClient() as client:
        assert await client.stands(introspection, person.token)
        await end(world, person)
        assert not await client.stands(introspection, person.token)
    with pytest.raises(Unauthenticated) as changing:
        await stubs.CreateCampaign(new_campaign())
    with pytest.raises(Unauthenticated) as exchanging:
        await world.token(person.secret)
    await person.stubs.tokens.WhoAmI(token_service_pb2.WhoAmIRequest())

    assert changing.value.reason == "TOKEN_INVALID"
    assert exchanging.value.reason == "API_KEY_INVALID"


@pytest.mark.parametrize("made_up", ["", "x", "outreach_0123456789_abc", "e" * 100_000])
async def test_what_is_no_key_opens_nothing(world: IdentityWorld, made_up: str) -> None:
    """And is told nothing but that; nor does a real one with a character changed."""
    wrong = world.operator.secret[:30] + "zz" + world.operator.secret[32:]

    for secret in (made_up, wrong):
        with pytest.raises(Unauthenticated) as refused:
            await world.token(secret)
        assert refused.value.reason == "API_KEY_INVALID"


async def test_tokens_are_signed_anew_and_old_ones_believed(world: IdentityWorld) -> None:
    """By command: both keys are told, tokens of either open what they did, the new one signs."""
    person = await world.member()
    before = jwt.get_unverified_header(person.token)["kid"]

    rotated = await world.operator.stubs.tokens.RotateIssuerKey(
        token_service_pb2.RotateIssuerKeyRequest()
    )
    after = await world.person(person.secret)
    async with loopback_client() as http:
        answer = await http.get(f"{world.api.public_url}/.well-known/jwks.json")

    assert jwt.get_unverified_header(after.token)["kid"] == rotated.issuer_key_id != before
    assert {key["kid"] for key in answer.json()["keys"]} == {before, rotated.issuer_key_id}
    assert all(key.keys().isdisjoint({"d", "k"}) for key in answer.json()["keys"])
    await person.stubs.tokens.WhoAmI(token_service_pb2.WhoAmIRequest())


async def test_only_our_staff_signs_anew(world: IdentityWorld) -> None:
    """An organization's administrator does not."""
    person = await world.member()

    with pytest.raises(PermissionDenied):
        await person.stubs.tokens.RotateIssuerKey(token_service_pb2.RotateIssuerKeyRequest())


async def test_a_key_is_replaced_by_age_and_forgotten_after_its_overlap(
    world: IdentityWorld,
) -> None:
    """Two replicas that look at once make one; a key that signed nothing for long is not told."""
    async with postgres.connect_pool(world.api.url, "identity", max_size=2) as pool:
        keys = IssuerKeys(
            IssuerKeyRepository(pool, overlap=OVERLAP),
            encryption_keys=Secret.of(ENCRYPTION_KEY),
        )
        first, *_ = await keys.published()
        await pool.execute("UPDATE issuer_keys SET created_at = created_at - interval '31 days'")
        by_two = [await keys.rotate(unless_younger_than=timedelta(days=30)) for _ in range(2)]
        assert by_two[0] == by_two[1] != first
        assert {*await keys.published()} == {first, by_two[0]}
        await pool.execute("UPDATE issuer_keys SET retired_at = retired_at - interval '16 minutes'")
        assert {*await keys.published()} == {by_two[0]}


async def test_the_issuers_keys_are_of_no_use_without_the_one_from_settings(
    world: IdentityWorld,
) -> None:
    """Who reads the database signs nothing; the new encryption key reads what the old one wrote."""
    another = Fernet.generate_key().decode()
    async with postgres.connect_pool(world.api.url, "identity", max_size=2) as pool:
        repository = IssuerKeyRepository(pool, overlap=OVERLAP)
        row = await pool.fetchrow("SELECT * FROM issuer_keys")
        with pytest.raises(IssuerKeyUnreadable):
            await IssuerKeys(repository, encryption_keys=Secret.of(another)).signing()
        both = IssuerKeys(repository, encryption_keys=Secret.of(f"{another},{ENCRYPTION_KEY}"))
        name, _ = await both.signing()

    assert name == row["issuer_key_id"]
    assert b"PRIVATE" not in row["private_key"]
    with pytest.raises(EncryptionKeyInvalid):
        IssuerKeys(repository, encryption_keys=Secret.of("short"))


async def test_the_encryption_key_comes_from_a_file_and_changes(
    world: IdentityWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key that encrypts is changed without a restart: the new one first, the old one after."""
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)
    another, file = Fernet.generate_key().decode(), tmp_path / "encryption-keys"
    _write(file, ENCRYPTION_KEY)
    async with postgres.connect_pool(world.api.url, "identity", max_size=2) as pool:
        repository = IssuerKeyRepository(pool, overlap=OVERLAP)
        keys = IssuerKeys(repository, encryption_keys=Secret.in_file(file))
        _write(file, f"{another}\n{ENCRYPTION_KEY}")
        before, _ = await keys.signing()
        _write(file, "no key of any kind")
        after = await keys.rotate()
        by_the_new_one = await IssuerKeys(repository, encryption_keys=Secret.of(another)).signing()

    assert before != after
    assert by_the_new_one[0] == after


def _write(file: Path, content: str) -> None:
    file.write_text(content)


async def test_only_who_has_a_token_hears_about_it(world: IdentityWorld) -> None:
    """What is no token is not active, and a form without one is refused."""
    async with loopback_client(world.api.public_url) as http:
        made_up = await http.post("/introspect", data={"token": "x.y.z"})
        nothing = await http.post("/introspect", data={"other": "x"})
        large = await http.post("/introspect", data={"token": "x" * 100_000})

    assert made_up.json() == {"active": False}
    assert (nothing.status_code, large.status_code) == (400, 400)


async def test_without_an_encryption_key_nothing_is_issued(api: Any) -> None:
    """In a sandbox without keys: told so, and everything else works."""
    async with grpc_client.channel(api.address) as channel:
        with pytest.raises(FailedPrecondition) as refused:
            await IdentityStubs(channel).tokens.CreateToken(
                token_service_pb2.CreateTokenRequest(api_key="x")
            )

    assert refused.value.reason == "ISSUER_DISABLED"
