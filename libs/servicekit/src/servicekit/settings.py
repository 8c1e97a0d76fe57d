"""What every service reads from its environment, and how.

A service subclasses `ServiceSettings` with its own `env_prefix`, reads it once in
`main`, and passes the values down.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
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


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
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
    auth_hs256_key: SecretStr | None = None
    """The shared key that signs callers' tokens (HS256), at least 32 bytes."""
    auth_public_key_file: Path | None = None
    """A PEM file with the public key that verifies callers' tokens (RS256 or ES256)."""
    auth_jwks_file: Path | None = None
    """A JWKS file with the public keys that verify callers' tokens."""
    auth_issuer: str | None = None
    """The issuer every token must name; unset accepts any."""
    auth_audience: str | None = None
    """The audience every token must name; unset accepts any."""
    auth_required: bool = False
    """Refuse to start without a key to verify callers' tokens."""

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
    def _one_key(self) -> Self:
        keys = (self.auth_hs256_key, self.auth_public_key_file, self.auth_jwks_file)
        if sum(key is not None for key in keys) > 1:
            raise ValueError("set only one of auth_hs256_key, auth_public_key_file, auth_jwks_file")
        return self


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
