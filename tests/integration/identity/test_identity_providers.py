"""A company's identity provider: its people call with its tokens, by the steps of the page."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from campaign_api.servicers.tokens import TokenServicer
from devstack.stack.keys import Keys
from identity.access import ACCESS_OF
from identity.issuer.http_client import IssuerClient
from identity.issuer.trust import trust_of
from identity.roles import PERMISSIONS_BY_ROLE, Role
from outreach.identity.v1 import token_service_pb2 as pb
from outreach.identity.v1.token_service_pb2_grpc import (
    TokenServiceStub,
    add_TokenServiceServicer_to_server,
)
from prometheus_client import CollectorRegistry
from servicekit.errors import Unauthenticated
from servicekit.grpc import client as grpc_client
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

from tests.fakes.openid_provider import OpenIdProvider

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def provided(algorithm: str = "RS256") -> AsyncIterator[OpenIdProvider]:
    provider = OpenIdProvider(algorithm)
    async with provider.server:
        yield provider


def from_the_page(jwks_uri: str, issuer: str) -> str:
    """The file that the page shows, for this provider."""
    page = (ROOT / "docs/security.md").read_text()
    _, _, after = page.partition("```json\n")
    text, _, _ = after.partition("```")
    return text.replace("https://login.acme.example/keys", jwks_uri).replace(
        "https://login.acme.example", issuer
    )


@asynccontextmanager
async def served(keys: Keys, path: Path) -> AsyncIterator[str]:
    """A service that believes the providers of a file beside our own issuer; where it is."""
    settings = ServiceSettings(**keys.settings("webhook-dispatcher"), auth_issuers_file=path)
    async with IssuerClient() as client:
        identity = Identity.of_server(
            settings,
            service="webhook-dispatcher",
            sandbox=False,
            calls=False,
            trust=trust_of(settings, client),
        )
        server = GrpcServer(
            interceptors=[
                standard_interceptor(
                    CollectorRegistry(), authenticator=identity.authenticator, access_of=ACCESS_OF
                )
            ]
        )
        server.add(add_TokenServiceServicer_to_server, TokenServicer(None))
        async with server:
            yield server.address


async def who(address: str, token: str) -> pb.WhoAmIResponse:
    async with grpc_client.channel(address, token=lambda: token) as channel:
        return await TokenServiceStub(channel).WhoAmI(pb.WhoAmIRequest())


@asynccontextmanager
async def connected(
    keys: Keys, tmp_path: Path, algorithm: str = "RS256"
) -> AsyncIterator[tuple[OpenIdProvider, str]]:
    """The steps of the page: discover where the keys are, write the file, start."""
    async with provided(algorithm) as provider, httpx.AsyncClient() as http:
        discovery = await http.get(f"{provider.issuer}/.well-known/openid-configuration")
        path = tmp_path / "issuers.json"
        path.write_text(from_the_page(discovery.json()["jwks_uri"], discovery.json()["issuer"]))
        async with served(keys, path) as address:
            yield provider, address


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_who_signs_in_at_the_company_may_what_their_groups_say(
    keys: Keys, tmp_path: Path, algorithm: str
) -> None:
    """With the file of the page; our own issuer's tokens go on."""
    async with connected(keys, tmp_path, algorithm) as (provider, address):
        found = await who(address, provider.token(groups=["outreach-managers", "lunch"]))
        own = await who(address, keys.token(sub="bo", org="org_2", permissions=["tokens.read"]))

    assert found.subject == f"{provider.issuer}|ann@acme.example"
    assert found.organization_id == "org_acme"
    assert set(found.permissions) == PERMISSIONS_BY_ROLE[Role.MANAGER]
    assert (own.subject, own.organization_id) == ("bo", "org_2")


async def test_a_company_changes_its_key(keys: Keys, tmp_path: Path) -> None:
    """A new one is noticed by the first token, and tokens go on while the provider is away."""
    async with connected(keys, tmp_path) as (provider, address):
        before = provider.token(groups=["outreach-viewers"])
        await who(address, before)
        provider.rotate()
        after = provider.token(groups=["outreach-viewers"])
        await who(address, after)
        asked = provider.asked
        provider.away = True
        for token in (before, after, provider.token(groups=["outreach-admins"])):
            await who(address, token)

        assert provider.asked == asked
        provider.rotate()
        with pytest.raises(Unauthenticated):
            await who(address, provider.token(groups=["outreach-viewers"]))


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": ["lunch"]},
        {"groups": None},
        {"groups": "outreach-managers,x"},
        {"groups": {"outreach-managers": True}},
        {"groups": ["outreach-managers"], "aud": "another application"},
        {"groups": ["outreach-managers"], "iss": "devstack"},
        {"groups": ["outreach-managers"], "iss": "https://other.example"},
        {"groups": ["outreach-managers"], "exp": 1},
        {"groups": ["outreach-managers"], "exp": 4_000_000_000},
        {"groups": ["outreach-managers"], "sub": ""},
        {"groups": None, "permissions": ["tokens.read"], "org": "org_2", "operator": True},
    ],
    ids=str,
)
async def test_nothing_else_that_a_provider_says_is_heard(
    keys: Keys, tmp_path: Path, claims: dict[str, Any]
) -> None:
    """Neither other groups, nor our own issuer's claims, name or organizations."""
    async with connected(keys, tmp_path) as (provider, address):
        with pytest.raises(Unauthenticated):
            await who(address, provider.token(**claims))


async def test_a_shared_key_that_is_told_signs_nothing(keys: Keys, tmp_path: Path) -> None:
    """Whoever reads the key set could sign with it."""
    async with connected(keys, tmp_path) as (provider, address):
        said = jwt.decode(
            provider.token(groups=["outreach-admins"]), options={"verify_signature": False}
        )
        forged = jwt.encode(said, "secret-secret-secret-secret-secret", headers={"kid": "shared"})
        with pytest.raises(Unauthenticated):
            await who(address, forged)


async def test_a_provider_speaks_for_whom_the_file_says(keys: Keys, tmp_path: Path) -> None:
    """By a claim, for several; an organization that is not in the file is nobody's to claim."""
    async with provided() as provider:
        entry = {
            "issuer": provider.issuer,
            "audience": "outreach-at-acme",
            "jwks_url": f"{provider.issuer}/keys",
            "organization_claim": "tenant",
            "organizations": {"berlin": "org_berlin", "lisbon": "org_lisbon"},
            "roles_claim": "realm.roles",
            "roles": {"sees": "viewer", "staff": "operator"},
        }
        path = tmp_path / "issuers.json"
        path.write_text(json.dumps([entry]))
        async with served(keys, path) as address:
            token = provider.token(tenant="lisbon", realm={"roles": ["sees"]})
            found = await who(address, token)
            staff = await who(address, provider.token(realm={"roles": ["staff"]}))
            for tenant in ("org_berlin", "porto", "", None, ["berlin", "lisbon"]):
                with pytest.raises(Unauthenticated):
                    await who(address, provider.token(tenant=tenant, realm={"roles": ["sees"]}))

    assert found.organization_id == "org_lisbon"
    assert staff.organization_id == ""
    assert set(staff.permissions) == PERMISSIONS_BY_ROLE[Role.OPERATOR]


@pytest.mark.parametrize(
    "changed",
    [
        {"jwks_url": None},
        {"jwks_file": "/keys.json"},
        {"organization_id": None},
        {"organization_claim": "tenant"},
        {"roles": {"x": "emperor"}},
        {"audience": ""},
        {"typo": 1},
    ],
    ids=str,
)
def test_a_file_that_says_too_little_or_too_much_is_refused(
    keys: Keys, tmp_path: Path, changed: dict[str, Any]
) -> None:
    """At the start, and not by the first caller."""
    (entry,) = json.loads(from_the_page("http://127.0.0.1:1/keys", "http://127.0.0.1:1"))
    path = tmp_path / "issuers.json"
    said = {name: value for name, value in {**entry, **changed}.items() if value is not None}
    path.write_text(json.dumps([said]))
    settings = ServiceSettings(**keys.settings("webhook-dispatcher"), auth_issuers_file=path)

    with pytest.raises(ValueError, match=r"issuer|jwks|organization|roles|audience|typo"):
        trust_of(settings, IssuerClient())
