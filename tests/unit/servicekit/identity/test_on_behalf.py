"""On whose behalf a service calls: in its token, and heard by the one that is called."""

from pathlib import Path

import jwt
import pytest
from devstack.stack.keys import Keys
from servicekit.auth import (
    Caller,
    CallerKind,
    TokenInvalid,
    current_principal,
    principal_organization,
    set_caller,
    set_principal,
)
from servicekit.identity.identity import Identity
from servicekit.identity.key_files import signing_key
from servicekit.settings import ServiceSettings

SERVICE, OTHER = "campaign-api", "linkedin-gateway"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


async def heard(keys: Keys, token: str) -> Caller:
    settings = ServiceSettings(**keys.settings(OTHER))
    identity = Identity.of_server(settings, service=OTHER, sandbox=False, calls=True)
    return await identity.authenticator.authenticate({"authorization": f"Bearer {token}"})


async def test_a_service_says_for_whom_it_calls(keys: Keys) -> None:
    """For the caller of the rpc that it serves; it stays a service, with what services may."""
    tokens = keys.service(SERVICE, audience=OTHER)
    set_caller(Caller("mem_ann", "org_1"))
    for_ann = tokens()
    set_principal("")
    by_itself = tokens()

    assert await heard(keys, for_ann) == Caller(
        SERVICE, kind=CallerKind.SERVICE, on_behalf_of="mem_ann", for_organization="org_1"
    )
    assert await heard(keys, by_itself) == Caller(SERVICE, kind=CallerKind.SERVICE)
    said = jwt.decode(for_ann, options={"verify_signature": False})
    assert (said["sub"], said["org"], said["act"]) == ("mem_ann", "org_1", {"sub": SERVICE})


async def test_it_is_passed_on() -> None:
    """A service that is called for somebody calls others for the same one."""
    set_caller(
        Caller(SERVICE, kind=CallerKind.SERVICE, on_behalf_of="mem_ann", for_organization="org_1")
    )
    assert (current_principal(), principal_organization()) == ("mem_ann", "org_1")
    set_caller(Caller(SERVICE, kind=CallerKind.SERVICE))
    assert (current_principal(), principal_organization()) == ("", "")


async def test_a_token_is_used_again_for_the_same_one_only(keys: Keys) -> None:
    """Two who are served at once are not mistaken for each other."""
    tokens = keys.service(SERVICE, audience=OTHER)
    set_principal("mem_ann", "org_1")
    ann = tokens()
    set_principal("mem_bo", "org_1")
    bo = tokens()
    set_principal("mem_ann", "org_2")
    namesake = tokens()
    set_principal("mem_ann", "org_1")

    assert tokens() == ann
    assert len({ann, bo, namesake}) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"act": {"sub": "outreach-worker"}},
        {"act": {}},
        {"act": SERVICE},
        {"act": None},
        {"org": 1},
        {"org": "org\x00"},
    ],
    ids=str,
)
async def test_a_service_is_nobody_elses_actor(keys: Keys, changed: dict[str, object]) -> None:
    """Who acts is whose key signs: neither another service, nor the one for whom it calls."""
    tokens = keys.service(SERVICE, audience=OTHER)
    set_principal("mem_ann")
    token = tokens()
    said = {**jwt.decode(token, options={"verify_signature": False}), **changed}
    forged = jwt.encode(
        {name: value for name, value in said.items() if value is not None},
        signing_key(keys.signing_key(SERVICE)),
        "ES256",
        headers={"kid": jwt.get_unverified_header(token)["kid"]},
    )

    with pytest.raises(TokenInvalid):
        await heard(keys, forged)
