"""servicekit.identity: which tokens are believed."""

import base64
import hmac
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from devstack.stack.keys import ISSUER, Keys
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from servicekit.auth import Caller, CallerKind, TokenInvalid
from servicekit.credentials import watched_files
from servicekit.identity.authenticator import Authenticator
from servicekit.identity.identity import AuthenticationRequired, Identity
from servicekit.identity.key_files import KeyFiles, callers_keys_in_jwks, service_keys, signing_key
from servicekit.identity.service_tokens import ServiceTokens
from servicekit.settings import ServiceSettings

SERVICE = "campaign-api"
ANN = Caller("ann", "org_1", frozenset({"a", "b"}))


def in_order() -> dict[str, Any]:
    """What a token says that is in order."""
    now = int(time.time())
    return {
        "sub": "ann",
        "org": "org_1",
        "permissions": ["a", "b"],
        "iat": now,
        "exp": now + 600,
        "iss": "us",
        "aud": "outreach",
    }


@dataclass(frozen=True)
class Ahead:
    """A time of so many seconds from now."""

    seconds: int


class Settings(ServiceSettings, env_prefix="THING_"):
    """Of some service."""


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def identity(keys: Keys, service: str = SERVICE, **changed: Any) -> Identity:
    settings = Settings(**{**keys.settings(service), **changed})
    return Identity.of_server(settings, service=service, sandbox=False, calls=True)


async def authenticate(authenticator: Authenticator, token: str) -> Caller:
    return await authenticator.authenticate({"authorization": f"Bearer {token}"})


async def test_a_signed_token_says_who_calls(keys: Keys) -> None:
    """Subject, organization and permissions come from its claims."""
    token = keys.token(sub="ann", org="org_1", permissions=["a", "b"])

    assert await authenticate(identity(keys).authenticator, token) == ANN


async def test_our_staff_acts_for_every_organization(keys: Keys) -> None:
    """Only a token that says so, and names none."""
    token = keys.token(sub="ann", operator=True, permissions=["a"])

    caller = await authenticate(identity(keys).authenticator, token)

    assert caller == Caller("ann", "", frozenset({"a"}), CallerKind.OPERATOR)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": Ahead(-60)},
        {"exp": Ahead(70 * 365 * 86_400)},
        {"exp": Ahead(3700)},
        {"iat": Ahead(3600), "exp": Ahead(3700)},
        {"iat": None},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "something"},
        {"aud": None},
        {"permissions": "a"},
        {"permissions": [["a"]]},
        {"org": 7},
        {"org": "org\x001"},
        {"sub": "ann\ud83d"},
        {"operator": "true"},
        {"operator": True, "org": "org_1"},
    ],
    ids=str,
)
async def test_other_tokens_are_refused(keys: Keys, claims: dict[str, Any]) -> None:
    """Expired, endless, living till 2096, of nobody, for others, or not saying what they must."""
    said = {**in_order(), "iss": ISSUER, **{name: _told(value) for name, value in claims.items()}}
    token = keys.sign({name: value for name, value in said.items() if value is not None})

    with pytest.raises(TokenInvalid):
        await authenticate(identity(keys).authenticator, token)


def _told(value: Any) -> Any:
    return int(time.time()) + value.seconds if isinstance(value, Ahead) else value


async def test_tokens_that_others_signed_are_refused(keys: Keys, tmp_path: Path) -> None:
    """By another issuer, by nobody, or with a public key as if it were a shared one."""
    authenticator = identity(keys).authenticator
    public = (keys.service_keys / f"{SERVICE}.pem").read_bytes()
    signed_otherwise = [
        Keys(tmp_path / "theirs").token(permissions=["a"]),
        jwt.encode(in_order(), None, "none"),
        jwt.encode(in_order(), "k" * 32, "HS256"),
        _hs256_with(public),
    ]

    for token in signed_otherwise:
        with pytest.raises(TokenInvalid):
            await authenticate(authenticator, token)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer not.a.token"])
async def test_other_headers_are_refused(keys: Keys, header: str) -> None:
    """Only a bearer token will do."""
    with pytest.raises(TokenInvalid):
        await identity(keys).authenticator.authenticate({"authorization": header})


def _hs256_with(secret: bytes) -> str:
    """A token signed with a public key as if it were a shared one; PyJWT itself refuses to."""
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256"}, in_order()))
    return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


async def test_a_public_key_verifies_whatever_id_a_token_names(keys: Keys, tmp_path: Path) -> None:
    """One key in a PEM file."""
    private = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.pem"
    path.write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    made = identity(keys, auth_jwks_file=None, auth_public_key_file=path, auth_issuer="us")

    assert await authenticate(made.authenticator, jwt.encode(in_order(), private, "ES256")) == ANN


async def test_a_key_set_holds_keys_by_their_id(keys: Keys, tmp_path: Path) -> None:
    """Keys may be rotated: each token names the one it was signed with."""
    old = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    new = ec.generate_private_key(ec.SECP256R1())
    known = [
        {**RSAAlgorithm.to_jwk(old.public_key(), as_dict=True), "kid": "old"},
        {**ECAlgorithm.to_jwk(new.public_key(), as_dict=True), "kid": "new"},
    ]
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": known}))
    authenticator = identity(keys, auth_jwks_file=path, auth_issuer="us").authenticator

    for key, name, algorithm in ((old, "old", "RS256"), (new, "new", "ES256")):
        token = jwt.encode(in_order(), key, algorithm, headers={"kid": name})
        assert await authenticate(authenticator, token) == ANN
    with pytest.raises(TokenInvalid):
        await authenticate(
            authenticator, jwt.encode(in_order(), new, "ES256", headers={"kid": "x"})
        )


# --- Our services ---------------------------------------------------------------


async def test_services_know_each_other_by_public_keys(keys: Keys) -> None:
    """Each signs with its own key; the one that is called needs only the public part."""
    token = identity(keys, "linkedin-gateway").tokens_for(SERVICE)
    assert token is not None

    caller = await authenticate(identity(keys).authenticator, token())

    assert caller == Caller("linkedin-gateway", kind=CallerKind.SERVICE)


async def test_a_service_is_nobody_else(keys: Keys) -> None:
    """Nobody signs for another service, nor for a call to another one, nor as an issuer."""
    authenticator = identity(keys).authenticator
    own = keys.service("linkedin-gateway", audience=SERVICE)
    said = jwt.decode(own(), options={"verify_signature": False})
    key = signing_key(keys.signing_key("linkedin-gateway"))
    headers = {"kid": jwt.get_unverified_header(own())["kid"]}

    for changed in (
        {"sub": "outreach-worker"},
        {"iss": "outreach-worker", "sub": "outreach-worker"},
        {"aud": "webhook-dispatcher"},
        {"exp": said["exp"] + 3600},
        {"iss": "devstack", "aud": "outreach", "sub": "ann", "org": "org_1", "permissions": ["a"]},
    ):
        token = jwt.encode({**said, **changed}, key, "ES256", headers=headers)
        with pytest.raises(TokenInvalid):
            await authenticate(authenticator, token)
    # A caller who is called like a service is a caller.
    named = await authenticate(authenticator, keys.token(sub="linkedin-gateway", org="org_1"))
    assert named.kind is CallerKind.MEMBER


def test_tokens_are_renewed_at_half_their_life(keys: Keys) -> None:
    """A token is used again while it has long to live, and replaced well before it ends."""
    now = 1_000_000.0
    signing = KeyFiles(keys.signing_key(SERVICE), signing_key)
    source = ServiceTokens(signing, service=SERVICE, audience="linkedin-gateway", now=lambda: now)

    first = source()
    now += 60 * 4
    again = source()
    now += 60 * 2
    renewed = source()

    assert first == again
    assert renewed != first


# --- Keys that change ------------------------------------------------------------


class Seconds:
    """A clock that the test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def look_again(self) -> None:
        self.now += watched_files.LOOKED_AT_EVERY


def test_a_new_key_needs_no_restart(keys: Keys) -> None:
    """Callers' keys and services' keys are read again when their files have changed."""
    seconds = Seconds()
    callers = KeyFiles(keys.jwks, callers_keys_in_jwks, now=seconds)
    services = KeyFiles(keys.service_keys, service_keys, now=seconds)
    before = callers.get(), services.get()

    keys.issue_anew()
    keys.renew("linkedin-gateway")
    seconds.look_again()

    assert callers.get().keys().isdisjoint(before[0])
    assert len(set(services.get()) - set(before[1])) == 1
    assert len(services.get()) == len(before[1])


async def test_a_service_may_have_two_keys_while_it_changes(keys: Keys) -> None:
    """The new public key is known before anything is signed with the new private one."""
    old = keys.service_keys / "linkedin-gateway.pem"
    shutil.copy(old, keys.service_keys / "linkedin-gateway.old.pem")
    old.unlink()
    first = keys.service("linkedin-gateway", audience=SERVICE)()
    keys.renew("linkedin-gateway")
    second = keys.service("linkedin-gateway", audience=SERVICE)()

    authenticator = identity(keys).authenticator

    for token in (first, second):
        assert (await authenticate(authenticator, token)).subject == "linkedin-gateway"


async def test_a_service_changes_its_key_without_a_refused_call(keys: Keys) -> None:
    """New public key, new private key, old public key away: every call between is believed.

    Each side looks at its files when it does; the next step waits for that, and for nothing else.
    """
    here, there = Seconds(), Seconds()
    name = "linkedin-gateway"
    signing = KeyFiles(keys.signing_key(name), signing_key, now=here)
    source = ServiceTokens(signing, service=name, audience=SERVICE)
    known = KeyFiles(keys.service_keys, service_keys, now=there)
    authenticator = Authenticator(SERVICE, services=known)

    for _ in range(3):
        first = source()
        kept, public = keys.service_keys / f"{name}.old.pem", keys.service_keys / f"{name}.pem"
        shutil.copy(public, kept)
        for step in (
            there.look_again,
            lambda: keys.publish(name),
            there.look_again,
            lambda: keys.sign_with_published(name),
            here.look_again,
            kept.unlink,
            there.look_again,
        ):
            step()
            assert (await authenticate(authenticator, source())).subject == name
        assert source() != first
        with pytest.raises(TokenInvalid):
            await authenticate(authenticator, first)


def test_a_broken_file_leaves_the_keys_in_force(keys: Keys) -> None:
    """Whoever writes half a file does not lock everybody out; a repaired one is read."""
    seconds = Seconds()
    callers = KeyFiles(keys.jwks, callers_keys_in_jwks, now=seconds)
    before = callers.get()

    keys.jwks.write_text('{"keys": [')
    seconds.look_again()
    kept = callers.get()
    keys.issue_anew()
    seconds.look_again()

    assert kept == before
    assert callers.get() != before


def test_files_that_hold_no_keys_are_refused_at_the_start(keys: Keys, tmp_path: Path) -> None:
    """A key of another kind, and the same key for two services."""
    folder = tmp_path / "folder"
    folder.mkdir()
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    (folder / "one.pem").write_bytes(
        rsa_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    with pytest.raises(ValueError, match=r"one\.pem"):
        KeyFiles(folder, service_keys)
    shutil.copy(keys.service_keys / "campaign-api.pem", folder / "one.pem")
    shutil.copy(keys.service_keys / "campaign-api.pem", folder / "two.pem")
    with pytest.raises(ValueError, match=r"two\.pem"):
        KeyFiles(folder, service_keys)


# --- Without keys -----------------------------------------------------------------


async def test_in_the_sandbox_everyone_may_do_everything() -> None:
    """Without any key, and there alone; the organization is what the caller says."""
    made = Identity.of_server(Settings(), service=SERVICE, sandbox=True, calls=True)

    caller = await made.authenticator.authenticate({"x-organization-id": "org_2"})

    assert caller == Caller("anonymous", "org_2", kind=CallerKind.ANYONE)
    assert made.tokens_for("linkedin-gateway") is None


@pytest.mark.parametrize("sandbox", [True, False])
@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("auth_jwks_file", "THING_AUTH_JWKS_FILE"),
        ("auth_issuer", "THING_AUTH_ISSUER"),
        ("auth_audience", "THING_AUTH_AUDIENCE"),
        ("auth_service_keys", "THING_AUTH_SERVICE_KEYS"),
        ("auth_signing_key_file", "THING_AUTH_SIGNING_KEY_FILE"),
    ],
)
def test_nothing_starts_with_a_key_missing(
    keys: Keys, missing: str, named: str, *, sandbox: bool
) -> None:
    """Half a set of keys is refused also in the sandbox, and which setting is missing is told."""
    settings = Settings(**{**keys.settings(SERVICE), missing: None})

    with pytest.raises(AuthenticationRequired, match=named):
        Identity.of_server(settings, service=SERVICE, sandbox=sandbox, calls=True)


def test_nothing_starts_without_keys_outside_the_sandbox() -> None:
    """Neither who is called nor who only calls."""
    with pytest.raises(AuthenticationRequired, match="THING_AUTH_SERVICE_KEYS"):
        Identity.of_server(Settings(), service=SERVICE, sandbox=False, calls=False)
    with pytest.raises(AuthenticationRequired, match="THING_AUTH_SIGNING_KEY_FILE"):
        Identity.of_caller(Settings(), service=SERVICE, sandbox=False)
