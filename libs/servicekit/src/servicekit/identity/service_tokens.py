"""The tokens by which one of our services calls another, signed with a key of its own."""

import time
from collections.abc import Callable
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from servicekit.identity.key_files import KeyFiles, key_id

LIFE = timedelta(minutes=10)


class ServiceTokens:
    """Short-lived tokens of one service, for one service that it calls."""

    def __init__(
        self,
        key: KeyFiles[ec.EllipticCurvePrivateKey],
        *,
        service: str,
        audience: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key_files = key
        self._service = service
        self._audience = audience
        self._now = now
        self._signed_with: ec.EllipticCurvePrivateKey | None = None
        self._token = ""
        self._renew_at = 0.0

    def __call__(self) -> str:
        """A token with at least half its life left, signed with the key there is now."""
        now, key = self._now(), self._key_files.get()
        if now >= self._renew_at or key is not self._signed_with:
            claims = {
                "iss": self._service,
                "sub": self._service,
                "aud": self._audience,
                "iat": int(now),
                "exp": int(now + LIFE.total_seconds()),
            }
            headers = {"kid": key_id(key.public_key())}
            self._token = jwt.encode(claims, key, "ES256", headers=headers)
            self._signed_with = key
            self._renew_at = now + LIFE.total_seconds() / 2
        return self._token
