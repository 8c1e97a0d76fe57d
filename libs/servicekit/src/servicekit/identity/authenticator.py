"""Which tokens are believed, and who they say is calling.

Claims of callers, where our own issuer signs: see `claims`; another issuer's are read as its
settings say. Claims of our services: `iss` and `act.sub` (the service), `sub` (on whose behalf it
calls, RFC 8693; the service itself where there is nobody and no `act`), `org` (the organization of
whoever that is), `aud` (the service that is called), `iat`, `exp`; what they may call is not in
the token.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from servicekit.auth import Caller, CallerKind, TokenInvalid
from servicekit.identity.claims import is_storable, issued_caller
from servicekit.identity.key_files import KeyFiles, ServiceKey
from servicekit.identity.key_sources import KeySource

_LEEWAY = timedelta(seconds=30)
_LONGEST_LIFE_OF_SERVICES = timedelta(minutes=15)
_MOST_VERIFIED = 10_000
_LEAST_RSA_BITS = 2048


class Standing(Protocol):
    """Whether what a token was made of still stands, asked of who issued it."""

    async def stands(self, token: str, caller: Caller) -> bool:
        """False once the key is revoked, or its member disabled."""
        ...


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Who signs callers' tokens, for whom they must be, and how their claims are read."""

    keys: KeySource
    issuer: str
    audience: str
    longest_life: timedelta
    read: Callable[[Mapping[str, Any]], Caller] = issued_caller
    """Raises PyJWT's errors for claims that say nothing it understands."""


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until: float
    key_id: str | None
    key: Any
    issuer: Issuer | None


class Authenticator:
    """Verifies tokens of callers and of our services; without any key everyone is let in.

    A token that was verified is believed until it ends, as long as its key is.
    """

    def __init__(
        self,
        service: str = "",
        *,
        issuers: Sequence[Issuer] = (),
        services: KeyFiles[Mapping[str, ServiceKey]] | None = None,
        standing: Standing | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._service = service
        self._issuers = {each.issuer: each for each in issuers}
        self._services = services
        self._standing = standing
        self._now = now
        self._verified: dict[str, _Verified] = {}

    @property
    def enabled(self) -> bool:
        return bool(self._issuers) or self._services is not None

    async def authenticate(self, metadata: Mapping[str, str]) -> Caller:
        """Who the call's metadata say is calling.

        With authentication off, everyone may do everything, for the organization
        named by `x-organization-id`. Otherwise raises `TokenInvalid` when there is no
        bearer token, or it does not verify.
        """
        if not self.enabled:
            return Caller(
                "anonymous", metadata.get("x-organization-id", ""), kind=CallerKind.ANYONE
            )
        token = _bearer(metadata)
        known = self._verified.get(token)
        if known is not None and await self._still(known):
            return known.caller
        try:
            verified = await self._verify(token)
        except (jwt.PyJWTError, RecursionError) as error:
            raise TokenInvalid(f"The bearer token was refused: {error}") from error
        self._keep(token, verified)
        return verified.caller

    async def confirm(self, caller: Caller, metadata: Mapping[str, str]) -> None:
        """Raise `TokenInvalid` if what the token was made of no longer stands.

        Asks the issuer, every time; raises what asking it does.
        """
        if self._standing is None or not caller.key_id:
            return
        token = _bearer(metadata)
        if not await self._standing.stands(token, caller):
            self._verified.pop(token, None)
            raise TokenInvalid("The key of this token was revoked, or may do less than it says.")

    def life_left(self, caller: Caller) -> timedelta | None:
        """How long the caller's token is still believed; None where there is no end to it."""
        if caller.until is None:
            return None
        return timedelta(seconds=max(0.0, caller.until - self._now()))

    async def _still(self, known: _Verified) -> bool:
        if self._now() >= known.until:
            return False
        return await self._key(known.key_id, known.issuer) is known.key

    async def _key(self, key_id: str | None, issuer: Issuer | None) -> Any | None:
        if issuer is not None:
            return await issuer.keys.find(key_id)
        ours = self._services.get().get(str(key_id)) if self._services is not None else None
        return ours.key if ours is not None else None

    def _keep(self, token: str, verified: _Verified) -> None:
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        self._verified[token] = verified

    async def _verify(self, token: str) -> _Verified:
        key_id = jwt.get_unverified_header(token).get("kid")
        ours = self._services.get().get(str(key_id)) if self._services is not None else None
        if ours is not None:
            claims, caller = self._service_caller(token, ours)
            return _verified(caller, claims, key_id, ours.key, None)
        issuer = self._issuers.get(_unverified_issuer(token))
        key = await issuer.keys.find(key_id) if issuer is not None else None
        if issuer is None or key is None:
            raise jwt.InvalidKeyError("unknown key id")
        claims = _claims(
            token,
            key,
            issuer=issuer.issuer,
            audience=issuer.audience,
            longest_life=issuer.longest_life,
        )
        return _verified(issuer.read(claims), claims, key_id, key, issuer)

    def _service_caller(self, token: str, ours: ServiceKey) -> tuple[Mapping[str, Any], Caller]:
        claims = _claims(
            token,
            ours.key,
            issuer=ours.service,
            audience=self._service,
            longest_life=_LONGEST_LIFE_OF_SERVICES,
        )
        actor, organization_id = claims.get("act"), claims.get("org", "")
        subject = claims["sub"]
        speaks = actor.get("sub") if isinstance(actor, Mapping) else subject
        if speaks != ours.service or not all(map(is_storable, (subject, organization_id))):
            raise jwt.InvalidTokenError("a service speaks for itself only")
        behalf = "" if actor is None else subject
        return claims, Caller(
            ours.service,
            kind=CallerKind.SERVICE,
            on_behalf_of=behalf,
            for_organization=organization_id if behalf else "",
        )


def _verified(
    caller: Caller, claims: Mapping[str, Any], key_id: str | None, key: Any, issuer: Issuer | None
) -> _Verified:
    ends_at = float(claims["exp"])
    until = ends_at + _LEEWAY.total_seconds()
    return _Verified(replace(caller, until=until), ends_at, key_id, key, issuer)


def _bearer(metadata: Mapping[str, str]) -> str:
    scheme, _, token = metadata.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenInvalid("The call carries no bearer token.")
    return token.strip()


def _unverified_issuer(token: str) -> str:
    said = jwt.decode(token, options={"verify_signature": False}).get("iss")
    return said if isinstance(said, str) else ""


def _claims(
    token: str, key: Any, *, issuer: str, audience: str, longest_life: timedelta
) -> Mapping[str, Any]:
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[_algorithm_of(key)],
        issuer=issuer,
        audience=audience,
        leeway=_LEEWAY,
        options={"require": ["sub", "iat", "exp", "iss", "aud"]},
    )
    # PyJWT has seen to it that both are numbers, and that `iat` is not in the future.
    if int(claims["exp"]) - int(claims["iat"]) > longest_life.total_seconds():
        raise jwt.InvalidTokenError(f"it lives longer than {longest_life}")
    if not claims["sub"]:
        raise jwt.InvalidTokenError("sub is empty")
    return claims


def _algorithm_of(key: Any) -> str:
    """The one algorithm that a key is for: none is chosen by who made the token."""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return "RS256"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        return "ES256"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "EdDSA"
    raise jwt.InvalidKeyError("a key of no kind that is believed")
