"""Which tokens are believed, and who they say is calling.

Claims of callers: `sub` (who), `org` (the organization they act for), `permissions` (a list),
`operator` (true: our own staff, of no organization), `iat`, `exp`. Claims of our services: `iss`
and `sub` (the service), `aud` (the service that is called), `iat`, `exp`; what they may call is
not in the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from servicekit.auth import Caller, CallerKind, TokenInvalid
from servicekit.identity.key_files import KeyFiles, ServiceKey

_SERVICES_ALGORITHMS = ["ES256"]
_CALLERS_ALGORITHMS = ["RS256", "ES256"]
_LEEWAY = timedelta(seconds=30)
_LONGEST_LIFE_OF_SERVICES = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Who signs callers' tokens, and for whom they must be."""

    keys: KeyFiles[dict[str | None, Any]]
    issuer: str
    audience: str
    longest_life: timedelta


class Authenticator:
    """Verifies tokens of callers and of our services; without any key everyone is let in."""

    def __init__(
        self,
        service: str = "",
        *,
        issuer: Issuer | None = None,
        services: KeyFiles[Mapping[str, ServiceKey]] | None = None,
    ) -> None:
        self._service = service
        self._issuer = issuer
        self._services = services

    @property
    def enabled(self) -> bool:
        return self._issuer is not None or self._services is not None

    def authenticate(self, metadata: Mapping[str, str]) -> Caller:
        """Who the call's metadata say is calling.

        With authentication off, everyone may do everything, for the organization
        named by `x-organization-id`. Otherwise raises `TokenInvalid` when there is no
        bearer token, or it does not verify.
        """
        if not self.enabled:
            return Caller(
                "anonymous", metadata.get("x-organization-id", ""), kind=CallerKind.ANYONE
            )
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenInvalid("The call carries no bearer token.")
        try:
            return self._caller(token.strip())
        except jwt.PyJWTError as error:
            raise TokenInvalid(f"The bearer token was refused: {error}") from error

    def _caller(self, token: str) -> Caller:
        key_id = jwt.get_unverified_header(token).get("kid")
        ours = self._services.get().get(str(key_id)) if self._services is not None else None
        if ours is not None:
            return self._service_caller(token, ours)
        if self._issuer is None:
            raise jwt.InvalidKeyError("unknown key id")
        return _issued_caller(token, key_id, self._issuer)

    def _service_caller(self, token: str, ours: ServiceKey) -> Caller:
        claims = _claims(
            token,
            ours.key,
            algorithms=_SERVICES_ALGORITHMS,
            issuer=ours.service,
            audience=self._service,
            longest_life=_LONGEST_LIFE_OF_SERVICES,
        )
        if claims["sub"] != ours.service:
            raise jwt.InvalidTokenError("a service speaks for itself only")
        return Caller(ours.service, kind=CallerKind.SERVICE)


def _issued_caller(token: str, key_id: str | None, issuer: Issuer) -> Caller:
    keys = issuer.keys.get()
    key = keys.get(key_id, keys.get(None))
    if key is None:
        raise jwt.InvalidKeyError("unknown key id")
    claims = _claims(
        token,
        key,
        algorithms=_CALLERS_ALGORITHMS,
        issuer=issuer.issuer,
        audience=issuer.audience,
        longest_life=issuer.longest_life,
    )
    return _caller_of(claims)


def _claims(
    token: str,
    key: Any,
    *,
    algorithms: list[str],
    issuer: str,
    audience: str,
    longest_life: timedelta,
) -> Mapping[str, Any]:
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key,
        algorithms=algorithms,
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


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    permissions, operator = claims.get("permissions", []), claims.get("operator", False)
    subject, organization_id = claims["sub"], claims.get("org") or ""
    if not isinstance(permissions, list) or not isinstance(organization_id, str):
        raise jwt.InvalidTokenError("permissions must be a list and org a string")
    if not isinstance(operator, bool) or (operator and organization_id):
        raise jwt.InvalidTokenError("operator must be true or false, and of no organization")
    # Whoever calls is looked up and logged: what cannot be stored is nobody.
    if not all(map(_is_storable, (subject, organization_id, *permissions))):
        raise jwt.InvalidTokenError("sub, org and permissions must be plain text")
    kind = CallerKind.OPERATOR if operator else CallerKind.MEMBER
    return Caller(subject, organization_id, frozenset(permissions), kind)


def _is_storable(text: object) -> bool:
    """A text without NUL and halves of characters, neither of which a database takes."""
    return isinstance(text, str) and not any(
        each == "\x00" or "\ud800" <= each <= "\udfff" for each in text
    )
