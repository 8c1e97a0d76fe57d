"""An OpenID provider of a company: it tells where its keys are, tells them, and signs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_MADE: dict[str, tuple[Callable[[], Any], Any]] = {
    "RS256": (lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), RSAAlgorithm),
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, OKPAlgorithm),
}


class OpenIdProvider:
    """Serves discovery and keys while its server does; `issuer` is where."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self.asked = 0
        self.away = False
        self._told: list[dict[str, Any]] = []
        self.rotate()
        self.server = HttpServer(
            Starlette(
                routes=[
                    Route("/.well-known/openid-configuration", self._discovery),
                    Route("/keys", self._keys),
                ]
            )
        )

    @property
    def issuer(self) -> str:
        return self.server.url

    def rotate(self) -> None:
        """Sign with a new key from now on; the others are told as well."""
        make, algorithm = _MADE[self.algorithm]
        self._private = make()
        self._key_id = f"key-{len(self._told)}"
        told = algorithm.to_jwk(self._private.public_key(), as_dict=True)
        self._told.append({**told, "kid": self._key_id, "use": "sig", "alg": self.algorithm})

    def token(self, **claims: Any) -> str:
        """What somebody has who has signed in there."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": "outreach-at-acme",
            "sub": "ann@acme.example",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self._private, self.algorithm, headers={"kid": self._key_id})

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"})

    async def _keys(self, _: Request) -> Response:
        self.asked += 1
        if self.away:
            return Response(status_code=503)
        secret = {
            "kty": "oct",
            "kid": "shared",
            "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
        }
        unknown = {"kty": "something", "kid": "new"}
        return JSONResponse({"keys": [secret, unknown, *self._told]})
