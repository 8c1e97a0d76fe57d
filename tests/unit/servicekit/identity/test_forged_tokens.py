"""Tokens that somebody made who has public keys alone, for a key that is believed."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from devstack.stack.keys import AUDIENCE, ISSUER, Keys
from jwt.algorithms import ECAlgorithm
from servicekit.auth import TokenInvalid
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

SERVICE, OTHER = "campaign-api", "outreach-worker"
KIDS: list[Any] = [
    None,
    "",
    0,
    7.5,
    True,
    [],
    ["*"],
    {},
    {"$ne": ""},
    "*",
    "../../../../dev/null",
    "/dev/null",
    "' OR '1'='1",
    "x" * 4096,
    "\x00",
    "\ud83d",
]
"""What a token may name as its key, where an id is looked for."""


@pytest.fixture
def keys(tmp_path: Any) -> Keys:
    return Keys(tmp_path / "keys")


def claims(issuer: str = ISSUER, audience: str = AUDIENCE) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": issuer,
        "aud": audience,
        "sub": issuer,
        "operator": True,
        "permissions": ["*"],
        "iat": now,
        "exp": now + 60,
    }


def encoded(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def assembled(header: Any, said: Any, signature: bytes) -> str:
    return f"{encoded(header)}.{encoded(said)}.{encoded(signature)}"


def believed(keys: Keys) -> Iterator[tuple[str, ec.EllipticCurvePublicKey, dict[str, Any]]]:
    """Every key that a server knows, by its id, and what its tokens say."""
    for jwk in json.loads(keys.jwks.read_text())["keys"]:
        key: Any = ECAlgorithm.from_jwk(jwk)
        yield jwk["kid"], key, claims()
    key = serialization.load_pem_public_key((keys.service_keys / f"{OTHER}.pem").read_bytes())
    kid = jwt.get_unverified_header(keys.service(OTHER, audience=SERVICE)())["kid"]
    yield kid, key, claims(OTHER, SERVICE)


def forged(kid: str, key: ec.EllipticCurvePublicKey, said: dict[str, Any]) -> Iterator[str]:
    """Tokens for a key of which the public part is known."""
    public = [
        key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
    ]
    public += [public[0].strip(), ECAlgorithm.to_jwk(key).encode(), kid.encode()]
    for name, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
        header = {"alg": name, "typ": "JWT", "kid": kid}
        for secret in public:
            signed = f"{encoded(header)}.{encoded(said)}".encode()
            yield f"{signed.decode()}.{encoded(hmac.digest(secret, signed, digest))}"
    for name in ("none", "None", "NONE", "", "ES256", "ES384", "RS256", "PS256", "EdDSA", None, []):
        header = {"alg": name, "typ": "JWT", "kid": kid}
        # No signature, one of zeros (valid for any key where that is not looked at), and noise.
        for signature in (
            b"",
            bytes(64),
            b"\x01" * 64,
            bytes(63),
            b"\x30\x06\x02\x01\x00\x02\x01\x00",
        ):
            yield assembled(header, said, signature)
    own = ec.generate_private_key(ec.SECP256R1())
    told = ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    for extra in (
        {"jwk": told},
        {"jwk": {**told, "kid": kid}},
        {"jku": "https://example.com/keys.json"},
        {"x5u": "https://example.com/key.pem"},
        {"x5c": [encoded(public[1])]},
        {"crit": ["b64"], "b64": False},
        {"crit": ["exp"]},
    ):
        yield jwt.encode(said, own, "ES256", headers={"kid": kid, **extra})


async def test_a_public_key_makes_no_token(keys: Keys) -> None:
    """Whatever algorithm, signature or key a token names: only who has the private key signs."""
    settings = ServiceSettings(**keys.settings(SERVICE))
    authenticator = Identity.of_server(
        settings, service=SERVICE, sandbox=False, calls=True
    ).authenticator
    taken = []
    count = 0
    for kid, key, said in believed(keys):
        for token in forged(kid, key, said):
            count += 1
            try:
                taken.append(await authenticator.authenticate({"authorization": f"Bearer {token}"}))
            except TokenInvalid:
                continue

    assert taken == []
    assert count > 100


async def test_an_id_that_is_none_is_no_key(keys: Keys) -> None:
    """What a token names as its key may be anything: it is refused, and nothing breaks."""
    settings = ServiceSettings(**keys.settings(SERVICE))
    authenticator = Identity.of_server(
        settings, service=SERVICE, sandbox=False, calls=True
    ).authenticator
    own = ec.generate_private_key(ec.SECP256R1())
    signature = jwt.encode(claims(), own, "ES256").rpartition(".")[2]
    for kid in KIDS:
        for said in (claims(), claims(OTHER, SERVICE)):
            header = {"alg": "ES256", "typ": "JWT", "kid": kid}
            token = f"{encoded(header)}.{encoded(said)}.{signature}"
            with pytest.raises(TokenInvalid):
                await authenticator.authenticate({"authorization": f"Bearer {token}"})
