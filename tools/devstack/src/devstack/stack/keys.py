"""The keys of one stack: an issuer's for its callers, and one for each service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import jwt
import outreach
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from outreach.common.v1 import permission_pb2
from servicekit.identity.key_files import KeyFiles, key_id, signing_key
from servicekit.identity.service_tokens import ServiceTokens

from devstack.stack.certificates import replace_file
from devstack.stack.services import SERVICES

ISSUER = "devstack"
AUDIENCE = "outreach"

# One token drives all that happens here; everybody else has what they have anywhere.
_LIMITS = """\
[keys.devstack]
requests_per_second = 10000
burst = 10000
streams = 1000
"""
_LIFE = timedelta(minutes=10)


class Keys:
    """Makes the keys, writes the files that services read, and signs callers' tokens."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.service_keys = directory / "services"
        self.service_keys.mkdir(parents=True)
        self.jwks = directory / "callers.json"
        self.operators_token = directory / "operator.token"
        self.limits = directory / "limits.toml"
        self.limits.write_text(_LIMITS)
        self._published: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.issue_anew()
        for service in SERVICES:
            self.renew(service)

    def issue_anew(self) -> None:
        """Callers' tokens are signed with a new key from now on; the old one is not known."""
        self._issuer = ec.generate_private_key(ec.SECP256R1())
        public = self._issuer.public_key()
        self._issuers_id = key_id(public)
        known = {**ECAlgorithm.to_jwk(public, as_dict=True), "kid": self._issuers_id}
        replace_file(self.jwks, json.dumps({"keys": [known]}).encode())

    def renew(self, service: str) -> None:
        """A service signs with a new key from now on; the old one is not known."""
        self.publish(service)
        self.sign_with_published(service)

    def publish(self, service: str) -> None:
        """Others know a service by a new key, with which it does not sign yet."""
        key = self._published[service] = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        replace_file(self.service_keys / f"{service}.pem", public)

    def sign_with_published(self, service: str) -> None:
        """A service signs with the key by which others know it."""
        private = self._published[service].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        replace_file(self.signing_key(service), private)

    def signing_key(self, service: str) -> Path:
        """Where a service's own key is."""
        return self.directory / f"{service}.key"

    def settings(self, service: str) -> dict[str, Any]:
        """What a service is set to, by the fields of its settings."""
        return {
            "auth_jwks_file": self.jwks,
            "auth_issuer": ISSUER,
            "auth_audience": AUDIENCE,
            "auth_service_keys": self.service_keys,
            "auth_signing_key_file": self.signing_key(service),
            "limits_file": self.limits,
        }

    def environment(self, service: str) -> dict[str, str]:
        """The same as environment variables."""
        prefix = service.replace("-", "_").upper()
        return {
            f"{prefix}_{name.upper()}": str(value) for name, value in self.settings(service).items()
        }

    def token(self, **claims: Any) -> str:
        """A caller's token; `claims` are added, and replace what it would say otherwise."""
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "devstack",
            "iat": now,
            "exp": now + int(_LIFE.total_seconds()),
            **claims,
        }
        return self.sign(said)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token that says just that."""
        headers = {"kid": self._issuers_id}
        return jwt.encode({**claims}, self._issuer, "ES256", headers=headers)

    def operator(self) -> str:
        """A token of our own staff, with every permission."""
        return self.token(operator=True, permissions=sorted(every_permission()))

    async def keep_operators_token(self) -> None:
        """Have a fresh token of our staff in a file, for the command line; for ever."""
        while True:
            replace_file(self.operators_token, self.operator().encode())
            await asyncio.sleep(_LIFE.total_seconds() / 2)

    def service(self, service: str, *, audience: str) -> Callable[[], str]:
        """The tokens by which a service calls another."""
        return ServiceTokens(
            KeyFiles(self.signing_key(service), signing_key), service=service, audience=audience
        )


def every_permission() -> set[str]:
    """Every permission that a method of the contract needs."""
    return {
        method.GetOptions().Extensions[permission_pb2.permission]
        for file in _service_files()
        for service in file.services_by_name.values()
        for method in service.methods
    }


def _service_files() -> Iterable[Any]:
    (root,) = map(Path, outreach.__path__)
    for path in sorted(root.rglob("*_service_pb2.py")):
        parts = path.relative_to(root).with_suffix("").parts
        yield import_module(".".join(("outreach", *parts))).DESCRIPTOR
