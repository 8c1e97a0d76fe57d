"""The tokens by which one of our services calls another, signed with a key of its own."""

import time
from collections.abc import Callable
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from servicekit.auth import current_principal, principal_organization
from servicekit.identity.key_files import KeyFiles, key_id

LIFE = timedelta(minutes=10)
_MOST_KEPT = 1000


class ServiceTokens:
    """Short-lived tokens of one service, for one service that it calls.

    On whose behalf it calls is in the token: as `sub`, with their organization as `org`, and the
    service then as `act` (RFC 8693).
    """

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
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}

    def __call__(self) -> str:
        """A token with at least half its life left, signed with the key there is now."""
        now, key = self._now(), self._key_files.get()
        principal = current_principal(), principal_organization()
        if key is not self._signed_with or len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
            self._signed_with = key
        token, renew_at = self._kept.get(principal, ("", 0.0))
        if now >= renew_at:
            token = self._sign(key, principal, now)
            self._kept[principal] = token, now + LIFE.total_seconds() / 2
        return token

    def _sign(self, key: ec.EllipticCurvePrivateKey, principal: tuple[str, str], now: float) -> str:
        subject, organization_id = principal
        claims: dict[str, object] = {
            "iss": self._service,
            "sub": subject or self._service,
            "aud": self._audience,
            "iat": int(now),
            "exp": int(now + LIFE.total_seconds()),
        }
        if subject:
            claims["act"] = {"sub": self._service}
        if organization_id:
            claims["org"] = organization_id
        return jwt.encode(claims, key, "ES256", headers={"kid": key_id(key.public_key())})
