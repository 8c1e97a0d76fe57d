"""What every service reads from its environment, and how.

A service subclasses `ServiceSettings` with its own `env_prefix`, reads it once in `main`.
"""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from servicekit.settings.descriptions import description_of
from servicekit.settings.drain import is_cut_off
from servicekit.settings.encryption import Mesh, is_database_verified, urls_in
from servicekit.settings.environment import name_of_field
from servicekit.settings.environment_source import EnvironmentSettings
from servicekit.settings.refusals import Refusal

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)\s*")
REFUSED_LATER: ContextVar[bool] = ContextVar("refused_later", default=False)
"""Whether who makes settings asks for `refusals` themselves, to tell of all of them at once."""
DATABASE_SCHEMES = ("postgresql://", "postgres://")


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(DATABASE_SCHEMES):
        raise ValueError("must start with postgresql://")
    return value


DatabaseUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
"""A PostgreSQL URL, over TCP or a unix socket; a secret, since it may hold a password."""


class ServiceSettings(EnvironmentSettings):
    """Read once, in `main`; `.env.example` lists the same names."""

    # What a secret's file ends in, a newline, comes with it into the environment.
    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    is_called: ClassVar[bool] = False
    """Whether others call the service, so that it must know them."""
    uses_temporal: ClassVar[bool] = False
    """Whether it reads Temporal's own settings."""
    required_credentials: ClassVar[tuple[str, ...]] = ()
    """Fields of credentials that must be given, as a value or by the file that `…_file` names."""
    migrated_by: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("migration_database_url", "database_url"),
    )
    """Of each database that it migrates, the fields whose first that is given says how."""
    migrates_temporal: ClassVar[bool] = False
    """Whether its migrations change something at Temporal too."""

    build_revision: str = Field("", validation_alias="BUILD_REVISION")
    """The commit that the service was built of; its image says it."""
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
    """How long work in flight may take to end after SIGTERM: longer than the longest call. What
    kills the process later on, a pod's grace, leaves it five seconds more."""
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
    tls_by_mesh: Mesh = ""
    """Which mesh encrypts whatever goes between the services, comes from callers, and goes to
    PostgreSQL and Temporal, by its name (`linkerd`, `istio`), or `loopback` where nothing of it
    leaves the machine: outside of the sandbox a service starts with a certificate and with TLS to
    both, or with this, and says that it goes out as text by declaration."""
    tls_require_client_certificate: bool = True
    """Whether whoever calls by gRPC must show a certificate of these authorities as well."""
    limits_file: Path | None = None
    """A TOML file with what each organization and key may ask at once. Read again when it changes;
    unset: 200 requests a second of an organization and 100 of a key."""
    grpc_max_message_bytes: int = Field(default=16 * 1024 * 1024, ge=64 * 1024)
    """The largest message that is taken or sent."""
    grpc_connection_age: timedelta = timedelta(minutes=30)
    """How long a connection is used; then its caller makes a new one, and finds new replicas."""

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
        return name_of_field(type(self), field)

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
        if not REFUSED_LATER.get():
            for refusal in self.credential_refusals():
                raise ValueError(str(refusal))
        return self

    @property
    def issues_tokens(self) -> bool:
        """Whether it is the issuer of callers' tokens itself."""
        return False

    @property
    def meets_services(self) -> bool:
        """Whether it calls our others or is called; else it needs no key and no certificate."""
        return True

    @property
    def most_connections(self) -> int:
        """How many connections to PostgreSQL one process opens at most; none unless it says so."""
        return 0

    @property
    def longest_call(self) -> timedelta:
        """The longest call that may be under way when the process is told to stop."""
        return timedelta()

    def refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """What is missing, does not go together, or is unsafe outside of the sandbox."""
        yield from self.credential_refusals()
        yield from self.file_refusals()
        yield from self.tls_refusals(sandbox=sandbox)
        if not sandbox and not self.tls_by_mesh:
            yield from self.database_refusals()
        yield from self.key_refusals(sandbox=sandbox)
        if not sandbox:
            yield from self.drain_refusals()

    def refusal(self, field: str, problem: str, *, expected: str = "") -> Refusal:
        """One of a field, which says what is expected where nothing else does."""
        return Refusal(
            setting=self.name_of(field),
            problem=problem,
            expected=expected or description_of(type(self), field),
        )

    def credential_refusals(self) -> Iterator[Refusal]:
        """Credentials that are missing, or given twice."""
        for field in type(self).model_fields:
            by_file = f"{field}_file"
            if by_file not in type(self).model_fields:
                continue
            given = [getattr(self, name) is not None for name in (field, by_file)]
            name, file = self.name_of(field), self.name_of(by_file)
            if all(given):
                expected = f"set only one of {name}, {file}"
                yield self.refusal(field, "is given twice", expected=expected)
            if field in self.required_credentials and not any(given):
                yield self.refusal(field, "is not set", expected=f"set {name} or {file}")

    def file_refusals(self) -> Iterator[Refusal]:
        """Files and folders that are named and cannot be read."""
        for field in type(self).model_fields:
            path = getattr(self, field)
            if not isinstance(path, Path):
                continue
            try:
                if path.is_dir():
                    next(path.iterdir(), None)
                else:
                    path.open("rb").close()
            except OSError as error:
                yield self.refusal(field, f"names what cannot be read: {error.strerror}")

    def tls_refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """Outside of the sandbox nothing crosses the network as text."""
        fields = ("tls_certificate_file", "tls_key_file", "tls_authorities_file")
        missing = [field for field in fields if getattr(self, field) is None]
        needless = sandbox or self.tls_by_mesh or not self.meets_services
        if missing == list(fields) and needless:
            return
        for field in missing:
            by_mesh = f"{self.name_of('tls_by_mesh')}=MESH, the one that encrypts"
            yield self.refusal(field, "is not set", expected=f"it and its two others, or {by_mesh}")

    def database_refusals(self) -> Iterator[Refusal]:
        """URLs by which rows would cross the network as text, or go to whoever answers."""
        for field in type(self).model_fields:
            if not field.endswith("database_url"):
                continue
            by_file = f"{field}_file"
            path: Path | None = getattr(self, by_file, None)
            value: SecretStr | None = getattr(self, field)
            urls = [value.get_secret_value()] if value is not None else urls_in(path)
            if not all(map(is_database_verified, urls)):
                yield self.refusal(
                    by_file if value is None else field,
                    "does not have the database show whose it is by TLS",
                    expected=f"sslmode=verify-full in the URL, a socket as its host, or"
                    f" {self.name_of('tls_by_mesh')}=MESH, the one that encrypts",
                )

    def drain_refusals(self) -> Iterator[Refusal]:
        """A grace within which a call that is under way would be cut off."""
        if is_cut_off(self.longest_call, self.shutdown_grace):
            longest = f"{self.longest_call.total_seconds():g} s"
            yield self.refusal(
                "shutdown_grace",
                f"is shorter than a call that may be under way ({longest}), which would be cut off",
                expected=f"{longest} or more, and five seconds more to whatever kills the process",
            )

    def key_refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """Outside of the sandbox nobody is believed without a key, and none calls without one."""
        if not self.meets_services:
            return
        if sandbox and not self.authenticates and not self.issues_tokens:
            return
        required = ["auth_signing_key_file"]
        if self.is_called:
            required += ["auth_service_keys", "auth_issuer", "auth_audience"]
        for field in required:
            if not getattr(self, field):
                yield self.refusal(field, "is required: callers would be let in unknown")
        callers = ("auth_jwks_url", "auth_jwks_file", "auth_public_key_file")
        if self.is_called and not self.issues_tokens and not any(getattr(self, f) for f in callers):
            expected = " or ".join(map(self.name_of, callers))
            yield self.refusal(callers[0], "is required", expected=expected)
