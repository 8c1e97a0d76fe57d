"""The keys of one stack: one for each service, and those of an issuer that stands in for ours."""

from __future__ import annotations

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
from servicekit.sealing.composition import OF_SANDBOX

from devstack.stack.certificates import replace_file
from devstack.stack.services import SERVICES

ISSUER = "devstack"
AUDIENCE = "outreach"

# Few drive all that happens here, some as fast as they can.
_LIMITS = """\
[organization]
requests_per_second = 10000
burst = 10000
streams = 1000

[key]
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
        self.limits = directory / "limits.toml"
        self.limits.write_text(_LIMITS)
        self._published: dict[str, ec.EllipticCurvePrivateKey] = {}
        self._rolled: dict[str, list[tuple[Path, ec.EllipticCurvePrivateKey]]] = {}
        self._count = 0
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
        replace_file(self.service_keys / f"{service}.pem", _public_pem(key))

    def sign_with_published(self, service: str) -> None:
        """A service signs with the key by which others know it."""
        private = self._published[service].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        replace_file(self.signing_key(service), private)

    def roll(self, service: str) -> None:
        """One step of changing a service's key again and again, without a refused call.

        Others know a further key, the service signs with the one that they knew before, and the
        one with which nobody has signed since the last step is not known any more. Between two
        steps everybody must have looked at the files.
        """
        rolled = self._rolled.setdefault(
            service, [(self.service_keys / f"{service}.pem", self._published[service])]
        )
        self._count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        path = self.service_keys / f"{service}.{self._count}.pem"
        replace_file(path, _public_pem(key))
        if len(rolled) > 2:  # noqa: PLR2004 - one that signs, one to come, one that has signed
            old, _ = rolled.pop(0)
            old.unlink()
        self._published[service] = rolled[-1][1]
        self.sign_with_published(service)
        rolled.append((path, key))

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
        """The same as environment variables, for a service that runs outside of the sandbox.

        It seals by the key that everybody knows: who looks at its rows from beside has that too.
        """
        sealing = {"sealing_keys": OF_SANDBOX, "sealing_hash_key": OF_SANDBOX}
        return _variables(service, self.settings(service) | sealing)

    def environment_in_stack(self, service: str) -> dict[str, str]:
        """Where campaign-api is the issuer, whose keys are told by itself."""
        settings = self.settings(service)
        del settings["auth_jwks_file"]
        return _variables(service, settings)

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


def _public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _variables(service: str, settings: Mapping[str, Any]) -> dict[str, str]:
    prefix = service.replace("-", "_").upper()
    return {f"{prefix}_{name.upper()}": str(value) for name, value in settings.items()}
