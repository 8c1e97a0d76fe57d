"""Where the services are and who calls, from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from outreach_client.formats.durations import parse_duration
from outreach_client.profiles.profiles import DEFAULT, key_file


def _read_timeout(given: Any) -> Any:
    """`90s`, or a number of seconds; what is no text stays."""
    if not isinstance(given, str):
        return given
    return parse_duration(given if given.rstrip()[-1:].isalpha() else f"{given}s")


class Settings(BaseSettings):
    """What the client reads from its environment; every value can also be given directly."""

    model_config = SettingsConfigDict(
        env_prefix="OUTREACH_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    campaign_api_address: str = "localhost:50051"
    """host:port of campaign-api."""
    gateway_address: str = "localhost:50052"
    """host:port of linkedin-gateway."""
    dispatcher_address: str = "localhost:50053"
    """host:port of webhook-dispatcher."""
    token: SecretStr | None = None
    """The bearer token that every call carries."""
    token_file: Path | None = None
    """A file with the bearer token instead, read anew for every call."""
    api_key: SecretStr | None = None
    """The API key that is exchanged for such a token where none is given."""
    api_key_file: Path | None = None
    """A file with the API key instead."""
    credentials: Path = Field(default_factory=lambda: key_file(DEFAULT))
    """Where `outreach login` keeps the API key, which is used where nothing else is given."""
    tls: bool = False
    """Whether the services are reached through TLS; also if one of its files is named."""
    tls_authorities_file: Path | None = None
    """A PEM file with the authorities that are believed; unset: the system's."""
    tls_certificate_file: Path | None = None
    """A PEM file with the certificate that is shown, where the services ask for one."""
    tls_key_file: Path | None = None
    """A PEM file with its key."""
    timeout: Annotated[timedelta | None, BeforeValidator(_read_timeout)] = None
    """How long one call may take at least, `90s` or seconds; unset: 10 s. A call whose contract
    promises an answer within more may take that and two seconds, streams of answers any time."""

    @property
    def secure(self) -> bool:
        """Whether calls go by TLS."""
        files = (self.tls_authorities_file, self.tls_certificate_file, self.tls_key_file)
        return self.tls or any(file is not None for file in files)
