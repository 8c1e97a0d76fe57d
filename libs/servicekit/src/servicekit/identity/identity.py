"""Who a service is and whom it believes, as its settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec

from servicekit.identity.authenticator import Authenticator, Issuer, Standing
from servicekit.identity.key_files import (
    KeyFiles,
    ServiceKey,
    callers_keys_in_jwks,
    callers_keys_in_pem,
    service_keys,
    signing_key,
)
from servicekit.identity.key_sources import FiledKeys, FirstOf, KeySource
from servicekit.identity.service_tokens import ServiceTokens
from servicekit.settings import ServiceSettings, blaming
from servicekit.telemetry import logs

Keys = TypeVar("Keys")

log = logs.get_logger(__name__)


class AuthenticationRequired(RuntimeError):
    """Outside of the sandbox nothing runs without keys; the message names the setting."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom a service believes beside what lies in files."""

    keys: KeySource | None = None
    """More keys of our own issuer's."""
    further: Sequence[Issuer] = ()
    """Issuers beside our own."""
    standing: Standing | None = None
    """Who knows what was revoked."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A service by its name, the key that proves it, and the keys by which it knows others."""

    service: str
    signing: KeyFiles[ec.EllipticCurvePrivateKey] | None = None
    services: KeyFiles[Mapping[str, ServiceKey]] | None = None
    issuers: Sequence[Issuer] = ()
    standing: Standing | None = None

    @classmethod
    def open(cls, service: str) -> Identity:
        """Without keys: everyone may do everything, and what is called is told no name."""
        return cls(service=service)

    @classmethod
    def of_server(
        cls,
        settings: ServiceSettings,
        *,
        service: str,
        sandbox: bool,
        calls: bool,
        trust: Trust | None = None,
    ) -> Identity:
        """That of a service which is called, and may call others.

        Raises `AuthenticationRequired` when a key is missing, and `SettingsRefused` when it is
        none. In the sandbox all of them may
        be: then everyone is let in, which is logged as a warning.
        """
        trust = trust or Trust()
        if sandbox and not settings.authenticates and trust.keys is None:
            log.warning("authentication_disabled", consequence="every caller may do everything")
            return cls.open(service)
        folder = settings.auth_service_keys
        if folder is None:
            raise AuthenticationRequired(f"{settings.name_of('auth_service_keys')} is required")
        return cls(
            service=service,
            signing=_signing(settings) if calls else None,
            services=_read(settings, "auth_service_keys", folder, service_keys),
            issuers=(_issuer_of(settings, trust.keys), *trust.further),
            standing=trust.standing,
        )

    @classmethod
    def of_caller(cls, settings: ServiceSettings, *, service: str, sandbox: bool) -> Identity:
        """That of a service which only calls others.

        Raises `AuthenticationRequired` when its key is missing, unless all are, in the sandbox.
        """
        if sandbox and not settings.authenticates:
            return cls.open(service)
        return cls(service=service, signing=_signing(settings))

    @property
    def authenticator(self) -> Authenticator:
        """What tells who is calling."""
        return Authenticator(
            self.service, issuers=self.issuers, services=self.services, standing=self.standing
        )

    def tokens_for(self, other: str) -> ServiceTokens | None:
        """What proves to another service who is calling; None without a key."""
        if self.signing is None:
            return None
        return ServiceTokens(self.signing, service=self.service, audience=other)


def _signing(settings: ServiceSettings) -> KeyFiles[ec.EllipticCurvePrivateKey]:
    if settings.auth_signing_key_file is None:
        raise AuthenticationRequired(f"{settings.name_of('auth_signing_key_file')} is required")
    return _read(settings, "auth_signing_key_file", settings.auth_signing_key_file, signing_key)


def _read(
    settings: ServiceSettings, field: str, path: Path, read: Callable[[Path], Keys]
) -> KeyFiles[Keys]:
    refusal = settings.refusal(field, "")
    with blaming(refusal.setting, expected=refusal.expected):
        return KeyFiles(path, read)


def _issuer_of(settings: ServiceSettings, told: KeySource | None) -> Issuer:
    sources: list[KeySource] = [] if told is None else [told]
    if settings.auth_jwks_file is not None:
        path = settings.auth_jwks_file
        sources.append(FiledKeys(_read(settings, "auth_jwks_file", path, callers_keys_in_jwks)))
    if settings.auth_public_key_file is not None:
        path = settings.auth_public_key_file
        sources.append(
            FiledKeys(_read(settings, "auth_public_key_file", path, callers_keys_in_pem))
        )
    if not sources:
        raise AuthenticationRequired(
            f"{settings.name_of('auth_jwks_url')}, {settings.name_of('auth_jwks_file')} or"
            f" {settings.name_of('auth_public_key_file')} is required"
        )
    if not settings.auth_issuer or not settings.auth_audience:
        missing = "auth_audience" if settings.auth_issuer else "auth_issuer"
        raise AuthenticationRequired(f"{settings.name_of(missing)} is required")
    return Issuer(
        # Files are asked first: they answer at once.
        keys=FirstOf(sources[::-1]),
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
        longest_life=settings.auth_longest_life,
    )
