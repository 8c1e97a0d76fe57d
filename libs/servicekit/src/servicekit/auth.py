"""Who calls, and what they may do: bearer JSON web tokens.

Claims: `sub` (who), `org` (the organization they act for; empty for our own services),
`permissions` (a list; `*` is every permission).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import jwt

from servicekit.errors import PermissionDenied, Unauthenticated
from servicekit.settings import ServiceSettings
from servicekit.telemetry import logs

EVERY_PERMISSION = "*"

_SHARED_KEY_ALGORITHMS = ["HS256"]
_PUBLIC_KEY_ALGORITHMS = ["RS256", "ES256"]
_MIN_KEY_BYTES = 32

log = logs.get_logger(__name__)


class TokenInvalid(Unauthenticated):
    """The bearer token is missing, expired or not signed by a known key."""

    reason = "TOKEN_INVALID"


class PermissionMissing(PermissionDenied):
    """The token does not carry the permission this call needs."""

    reason = "PERMISSION_MISSING"


class OrganizationForbidden(PermissionDenied):
    """The caller does not act for this organization."""

    reason = "PERMISSION_DENIED"


class AuthenticationRequired(RuntimeError):
    """Authentication is required, and no key to verify tokens is configured."""


@dataclass(frozen=True)
class Caller:
    """Who a call is made for."""

    subject: str
    organization_id: str = ""
    permissions: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether the caller has a permission."""
        return permission in self.permissions or EVERY_PERMISSION in self.permissions

    def acts_for(self, organization_id: str) -> bool:
        """Whether what belongs to the organization is the caller's to see.

        A caller who acts for an organization sees that one only. A caller without an
        organization who has every permission is one of our own services and sees all.
        """
        if not self.organization_id:
            return EVERY_PERMISSION in self.permissions
        return self.organization_id == organization_id

    @property
    def acts_for_all(self) -> bool:
        """Whether the caller is one of our own services."""
        return not self.organization_id and EVERY_PERMISSION in self.permissions


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def current_caller() -> Caller:
    """The caller of the rpc this task serves; raises `TokenInvalid` outside of one."""
    caller = _caller.get()
    if caller is None:
        raise TokenInvalid
    return caller


def set_caller(caller: Caller) -> None:
    """Remember the caller for the rest of this task."""
    _caller.set(caller)


def require_organization(organization_id: str) -> None:
    """Raise `OrganizationForbidden` when the caller acts for another organization."""
    if not current_caller().acts_for(organization_id):
        raise OrganizationForbidden


class Authenticator:
    """Verifies tokens with one configured key, or lets everyone in when there is none."""

    def __init__(
        self,
        *,
        keys: Mapping[str | None, Any] | None = None,
        algorithms: Sequence[str] = (),
        issuer: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._keys = dict(keys or {})
        self._algorithms = list(algorithms)
        self._issuer = issuer
        self._audience = audience

    @classmethod
    def from_settings(cls, settings: ServiceSettings) -> Self:
        """The authenticator the environment asks for.

        Without a key every caller is let in, which is logged as a warning, unless the
        settings require authentication: then it raises `AuthenticationRequired`.
        """
        keys, algorithms = _configured_keys(settings)
        if not keys:
            if settings.auth_required:
                raise AuthenticationRequired(
                    "authentication is required: configure a key to verify tokens"
                )
            log.warning("authentication_disabled", consequence="every caller has every permission")
        return cls(
            keys=keys,
            algorithms=algorithms,
            issuer=settings.auth_issuer,
            audience=settings.auth_audience,
        )

    @property
    def enabled(self) -> bool:
        return bool(self._keys)

    def authenticate(self, metadata: Mapping[str, str]) -> Caller:
        """Who the call's metadata say is calling.

        With authentication disabled, everyone may do everything, for the organization
        named by `x-organization-id`. Otherwise raises `TokenInvalid` when there is no
        bearer token, or it does not verify.
        """
        if not self.enabled:
            organization_id = metadata.get("x-organization-id", "")
            return Caller("anonymous", organization_id, frozenset({EVERY_PERMISSION}))
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenInvalid("The call carries no bearer token.")
        try:
            return _caller_of(self._claims(token.strip()))
        except jwt.PyJWTError as error:
            raise TokenInvalid(f"The bearer token was refused: {error}") from error

    def _claims(self, token: str) -> Mapping[str, Any]:
        key_id = jwt.get_unverified_header(token).get("kid")
        key = self._keys.get(key_id, self._keys.get(None))
        if key is None:
            raise jwt.InvalidKeyError("unknown key id")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=self._algorithms,
            issuer=self._issuer,
            audience=self._audience,
            leeway=30,
            options={"require": ["sub", "exp"], "verify_aud": self._audience is not None},
        )
        return claims


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    permissions = claims.get("permissions", [])
    subject, organization_id = claims["sub"], claims.get("org") or ""
    if not isinstance(permissions, list) or not isinstance(organization_id, str):
        raise jwt.InvalidTokenError("permissions must be a list and org a string")
    # Whoever calls is looked up and logged: what cannot be stored is nobody.
    if not all(map(_is_storable, (subject, organization_id, *permissions))):
        raise jwt.InvalidTokenError("sub, org and permissions must be plain text")
    return Caller(subject, organization_id, frozenset(permissions))


def _is_storable(text: object) -> bool:
    """A text without NUL and halves of characters, neither of which a database takes."""
    return isinstance(text, str) and not any(
        each == "\x00" or "\ud800" <= each <= "\udfff" for each in text
    )


def _configured_keys(settings: ServiceSettings) -> tuple[dict[str | None, Any], list[str]]:
    """Keys by key id (None: any), and the algorithms they may be used with."""
    if settings.auth_hs256_key is not None:
        key = settings.auth_hs256_key.get_secret_value().encode()
        if len(key) < _MIN_KEY_BYTES:
            raise ValueError(f"the HS256 key must have at least {_MIN_KEY_BYTES} bytes")
        return {None: key}, _SHARED_KEY_ALGORITHMS
    if settings.auth_public_key_file is not None:
        return {None: settings.auth_public_key_file.read_bytes()}, _PUBLIC_KEY_ALGORITHMS
    if settings.auth_jwks_file is not None:
        return _jwks(settings.auth_jwks_file), _PUBLIC_KEY_ALGORITHMS
    return {}, []


def _jwks(path: Path) -> dict[str | None, Any]:
    key_set = jwt.PyJWKSet.from_json(path.read_text())
    # A symmetric key published in a key set would let every reader sign.
    return {key.key_id: key.key for key in key_set.keys if key.key_type != "oct"}


class TokenSource:
    """Short-lived HS256 tokens by which one service calls another."""

    def __init__(
        self,
        key: bytes,
        *,
        subject: str,
        permissions: Sequence[str] = (EVERY_PERMISSION,),
        lifetime: timedelta = timedelta(minutes=15),
        issuer: str | None = None,
        audience: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._claims = {"sub": subject, "permissions": list(permissions)}
        if issuer is not None:
            self._claims["iss"] = issuer
        if audience is not None:
            self._claims["aud"] = audience
        self._lifetime = lifetime.total_seconds()
        self._now = now
        self._token = ""
        self._renew_at = 0.0

    def __call__(self) -> str:
        """A token with at least half its life left."""
        now = self._now()
        if now >= self._renew_at:
            expires_at = now + self._lifetime
            self._token = jwt.encode({**self._claims, "exp": int(expires_at)}, self._key, "HS256")
            self._renew_at = now + self._lifetime / 2
        return self._token


def token_source(settings: ServiceSettings, *, subject: str) -> TokenSource | None:
    """Tokens for calling our other services, when they share an HS256 key with this one."""
    if settings.auth_hs256_key is None:
        return None
    return TokenSource(
        settings.auth_hs256_key.get_secret_value().encode(),
        subject=subject,
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
    )
