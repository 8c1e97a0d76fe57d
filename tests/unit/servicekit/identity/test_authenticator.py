"""servicekit.auth: which tokens are believed."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import SecretStr
from servicekit.auth import (
    AuthenticationRequired,
    Authenticator,
    Caller,
    TokenInvalid,
    TokenSource,
    current_caller,
)
from servicekit.settings import ServiceSettings

KEY = "k" * 32
SETTINGS = ServiceSettings(auth_hs256_key=SecretStr(KEY))
FAR = 20_000_000_000
CLAIMS = {"sub": "ann", "org": "org_1", "permissions": ["a", "b"], "exp": FAR}
ANN = Caller("ann", "org_1", frozenset({"a", "b"}))


def authenticate(authenticator: Authenticator, token: str) -> Caller:
    return authenticator.authenticate({"authorization": f"Bearer {token}"})


def test_a_signed_token_says_who_calls() -> None:
    """Subject, organization and permissions come from its claims."""
    authenticator = Authenticator.from_settings(SETTINGS)

    assert authenticate(authenticator, jwt.encode(CLAIMS, KEY, "HS256")) == ANN


@pytest.mark.parametrize(
    ("claims", "key", "algorithm"),
    [
        (CLAIMS, "x" * 32, "HS256"),
        (CLAIMS, KEY * 2, "HS512"),
        (CLAIMS, None, "none"),
        ({**CLAIMS, "exp": 1}, KEY, "HS256"),
        ({"sub": "ann"}, KEY, "HS256"),
        ({"exp": FAR}, KEY, "HS256"),
        ({**CLAIMS, "permissions": "a"}, KEY, "HS256"),
        ({**CLAIMS, "org": 7}, KEY, "HS256"),
        ({**CLAIMS, "org": "org\x001"}, KEY, "HS256"),
        ({**CLAIMS, "sub": "ann\ud83d"}, KEY, "HS256"),
        ({**CLAIMS, "permissions": [["a"]]}, KEY, "HS256"),
    ],
    ids=[
        *("key", "algorithm", "unsigned", "expired", "endless", "nobody", "permissions", "org"),
        *("NUL", "half a character", "a list for a permission"),
    ],
)
def test_other_tokens_are_refused(claims: Any, key: Any, algorithm: str) -> None:
    """Wrongly signed, unsigned, expired, endless, or not saying what it must."""
    authenticator = Authenticator.from_settings(SETTINGS)

    with pytest.raises(TokenInvalid):
        authenticate(authenticator, jwt.encode(claims, key, algorithm))


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer not.a.token"])
def test_other_headers_are_refused(header: str) -> None:
    """Only a bearer token will do."""
    authenticator = Authenticator.from_settings(SETTINGS)

    with pytest.raises(TokenInvalid):
        authenticator.authenticate({"authorization": header})


def test_issuer_and_audience_are_checked_when_given() -> None:
    """A token for somebody else, or from somebody else, is refused."""
    settings = ServiceSettings(auth_hs256_key=SecretStr(KEY), auth_issuer="us", auth_audience="api")
    authenticator = Authenticator.from_settings(settings)

    ours = jwt.encode({**CLAIMS, "iss": "us", "aud": "api"}, KEY, "HS256")
    assert authenticate(authenticator, ours) == ANN
    for other in ({}, {"iss": "us", "aud": "web"}, {"iss": "them", "aud": "api"}):
        with pytest.raises(TokenInvalid):
            authenticate(authenticator, jwt.encode({**CLAIMS, **other}, KEY, "HS256"))


def test_a_public_key_verifies_and_cannot_sign(tmp_path: Path) -> None:
    """Holding the verifying key, as text, does not help to make a token."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    authenticator = Authenticator.from_settings(ServiceSettings(auth_public_key_file=path))

    assert authenticate(authenticator, jwt.encode(CLAIMS, private, "ES256")) == ANN
    with pytest.raises(TokenInvalid):
        authenticate(authenticator, _hs256_with(pem))


def _hs256_with(secret: bytes) -> str:
    """A token signed with a public key as if it were a shared one; PyJWT itself refuses to."""
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256"}, CLAIMS))
    return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_a_key_set_holds_keys_by_their_id(tmp_path: Path) -> None:
    """Keys may be rotated: each token names the one it was signed with."""
    old = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    new = ec.generate_private_key(ec.SECP256R1())
    keys = [
        {**RSAAlgorithm.to_jwk(old.public_key(), as_dict=True), "kid": "old"},
        {**ECAlgorithm.to_jwk(new.public_key(), as_dict=True), "kid": "new"},
    ]
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": keys}))
    authenticator = Authenticator.from_settings(ServiceSettings(auth_jwks_file=path))

    for key, name, algorithm in ((old, "old", "RS256"), (new, "new", "ES256")):
        token = jwt.encode(CLAIMS, key, algorithm, headers={"kid": name})
        assert authenticate(authenticator, token) == ANN
    with pytest.raises(TokenInvalid):
        authenticate(authenticator, jwt.encode(CLAIMS, new, "ES256", headers={"kid": "x"}))


def test_without_a_key_everyone_may_do_everything() -> None:
    """On a developer's machine; the organization is what the caller says."""
    authenticator = Authenticator.from_settings(ServiceSettings())

    caller = authenticator.authenticate({"x-organization-id": "org_2"})

    assert not authenticator.enabled
    assert caller.organization_id == "org_2"
    assert caller.may("anything")


def test_authentication_can_be_required() -> None:
    """A deployment that forgot its key does not start."""
    with pytest.raises(AuthenticationRequired):
        Authenticator.from_settings(ServiceSettings(auth_required=True))


def test_short_keys_are_refused() -> None:
    """A key that can be guessed is none."""
    with pytest.raises(ValueError, match="32 bytes"):
        Authenticator.from_settings(ServiceSettings(auth_hs256_key=SecretStr("short")))


def test_outside_a_call_there_is_no_caller() -> None:
    """Asking who calls where nobody does is refused, not answered with anyone."""
    with pytest.raises(TokenInvalid):
        current_caller()


def test_tokens_are_renewed_at_half_their_life() -> None:
    """A token is used again while it has long to live, and replaced well before it ends."""
    now = 1_000_000.0
    source = TokenSource(KEY.encode(), subject="worker", now=lambda: now)

    first = source()
    now += 60 * 7
    again = source()
    now += 60
    renewed = source()

    assert first == again
    assert renewed != first


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [
        (Caller("ada", "org_north", frozenset({"things.read"})), True),
        (Caller("ada", "org_south", frozenset({"*"})), False),
        (Caller("service", "", frozenset({"*"})), True),
        (Caller("nobody", "", frozenset({"things.read"})), False),
    ],
)
def test_who_acts_for_an_organization(caller: Caller, *, allowed: bool) -> None:
    """Its own callers and our own services; a star does not open another organization."""
    assert caller.acts_for("org_north") is allowed
    assert caller.acts_for_all is (caller.subject == "service")
