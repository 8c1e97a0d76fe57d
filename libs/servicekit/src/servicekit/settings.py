"""What every service reads from its environment, and how.

A service subclasses `ServiceSettings` with its own `env_prefix`, reads it once in
`main`, and passes the values down.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, SettingsConfigDict

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)\s*")


DATABASE_SCHEMES = ("postgresql://", "postgres://")


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(DATABASE_SCHEMES):
        raise ValueError("must start with postgresql://")
    return value


DatabaseUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
"""A PostgreSQL URL, over TCP or a unix socket; a secret, since it may hold a password."""


class ServiceSettings(BaseSettings):
    """Read once, in `main`; `.env.example` lists the same names."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    required_credentials: ClassVar[tuple[str, ...]] = ()
    """Fields of credentials that must be given, as a value or by the file that `…_file` names."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe log line that is written."""
    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for people."""
    grpc_host: str = "0.0.0.0"
    """The address the gRPC port listens on."""
    http_host: str = "0.0.0.0"
    """The address the port for metrics and probes listens on."""
    http_port: int = 9464
    """The port of /metrics, /livez and /readyz."""
    shutdown_grace: timedelta = timedelta(seconds=25)
    """How long work in flight may take to end after SIGTERM. Keep it under the pod's."""
    migrate_on_start: bool = True
    """Whether the service brings its own schema up to date before it serves."""
    migration_database_url: DatabaseUrl | None = None
    """The same database by the role that owns the schema; unset: migrations run as the service."""
    migration_database_url_file: Path | None = None
    """A file with it instead."""
    auth_public_key_file: Path | None = None
    """A PEM file with the public key that verifies callers' tokens (RS256 or ES256)."""
    auth_jwks_file: Path | None = None
    """A JWKS file with the public keys that verify callers' tokens. Read again when it changes."""
    auth_jwks_url: str | None = None
    """Where the issuer tells those keys; asked when a token names one that is not known yet."""
    auth_introspection_url: str | None = None
    """Where the issuer tells whether a token still stands (RFC 7662); asked before each change."""
    auth_issuers_file: Path | None = None
    """A JSON file with further issuers of callers' tokens; docs/security.md has its form."""
    auth_issuer: str | None = None
    """The issuer that every caller's token must name; required with the keys."""
    auth_audience: str | None = None
    """The audience that every caller's token must name; required with the keys."""
    auth_longest_life: timedelta = timedelta(hours=1)
    """A caller's token that lives longer, from `iat` to `exp`, is refused."""
    auth_service_keys: Path | None = None
    """A folder with our services' public keys: SERVICE.pem, several of one while it changes."""
    auth_signing_key_file: Path | None = None
    """A PEM file with this service's own ES256 key, which signs its calls to our others."""

    tls_certificate_file: Path | None = None
    """A PEM file with this service's certificate and what chains it to its authority, by which it
    is known to those that it calls and that call it. Read again when it changes, as are the two
    that go with it; unset: no TLS."""
    tls_key_file: Path | None = None
    """A PEM file with the certificate's key."""
    tls_authorities_file: Path | None = None
    """A PEM file with the authorities that are believed, of those that are called and that call."""
    tls_by_mesh: bool = False
    """Whether a mesh encrypts whatever goes between the services and comes from callers: outside of
    the sandbox a service starts with a certificate, or with this."""
    tls_require_client_certificate: bool = True
    """Whether whoever calls by gRPC must show a certificate of these authorities as well."""
    limits_file: Path | None = None
    """A TOML file with what each organization and key may ask at once. Read again when it changes;
    unset: 200 requests a second of an organization and 100 of a key."""
    grpc_max_message_bytes: int = Field(default=16 * 1024 * 1024, ge=64 * 1024)
    """The largest message that is taken or sent."""
    grpc_connection_age: timedelta = timedelta(minutes=30)
    """How long a connection is used before its caller is asked to make a new one, by which it
    finds new replicas."""

    @property
    def authenticates(self) -> bool:
        """Whether any key is configured."""
        return any(
            path is not None
            for path in (
                self.auth_public_key_file,
                self.auth_jwks_file,
                self.auth_jwks_url,
                self.auth_issuers_file,
                self.auth_service_keys,
                self.auth_signing_key_file,
            )
        )

    def name_of(self, field: str) -> str:
        """The environment variable that sets a field."""
        return _names(
            self.model_config.get("env_prefix", ""), field, type(self).model_fields[field]
        )[0]

    def secrets(self) -> list[str]:
        """The values that must not be told."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    @field_validator("*", mode="before")
    @classmethod
    def _read_durations(cls, value: Any, info: ValidationInfo) -> Any:
        """`90s`, `5m`, `1.5h`, plain seconds; ISO-8601 is pydantic's own."""
        if isinstance(value, str) and info.field_name is not None:
            annotation = cls.model_fields[info.field_name].annotation
            match = _DURATION.fullmatch(value)
            if match and annotation in (timedelta, timedelta | None):
                return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
        return value

    @model_validator(mode="after")
    def _one_of_value_and_file(self) -> Self:
        """A credential is given as a value or by its file; the class names those that must be."""
        for field in type(self).model_fields:
            by_file = f"{field}_file"
            if by_file not in type(self).model_fields:
                continue
            given = [getattr(self, name) is not None for name in (field, by_file)]
            if all(given):
                raise ValueError(f"set only one of {self.name_of(field)}, {self.name_of(by_file)}")
            if field in self.required_credentials and not any(given):
                raise ValueError(f"set {self.name_of(field)} or {self.name_of(by_file)}")
        return self


class ServerSettings(ServiceSettings):
    """Those of a service that is called, and keeps the organizations of its callers apart."""

    required_credentials: ClassVar[tuple[str, ...]] = ("database_url",)

    database_url: DatabaseUrl | None = None
    """PostgreSQL, by the role that sees the rows of one organization at a time."""
    database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    background_database_url: DatabaseUrl | None = None
    """The same database by the role for what spans organizations; unset: as `DATABASE_URL`."""
    background_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""


class EnvironmentVariable:
    """One name a settings class reads."""

    def __init__(self, name: str, field: FieldInfo) -> None:
        self.name = name
        self.required = field.is_required()
        self.default = "" if self.required else _shown(field.get_default(call_default_factory=True))
        self.description = " ".join((field.description or "").split())
        self.secret = "SecretStr" in repr(field.annotation)

    def __repr__(self) -> str:
        return f"EnvironmentVariable({self.name}={self.default})"


def environment(settings: type[BaseSettings]) -> list[EnvironmentVariable]:
    """Every environment variable the class reads, in the order of its fields."""
    prefix = settings.model_config.get("env_prefix", "")
    return [
        EnvironmentVariable(name, field)
        for field_name, field in settings.model_fields.items()
        for name in _names(prefix, field_name, field)
    ]


def _names(prefix: str, field_name: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [alias] if isinstance(alias, str) else [f"{prefix}{field_name}".upper()]


def _shown(default: Any) -> str:
    """A default as one would write it in an environment file."""
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, timedelta):
        return f"{default.total_seconds():g}s"
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return str(default)
