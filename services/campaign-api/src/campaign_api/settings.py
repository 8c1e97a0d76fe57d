"""What campaign-api reads from its environment."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from automation import schema as automation
from pydantic import Field, SecretStr
from servicekit.settings import DatabaseUrl, ServerSettings

IDENTITY_URLS = ("identity_database_url", "migration_database_url", "database_url")
"""How the schema `identity` is reached: by the first that is given."""
IDENTITY_CONNECTIONS = 4
"""The most connections to the schema `identity`."""


class Settings(ServerSettings, env_prefix="CAMPAIGN_API_"):
    """Read once, in `main`; `.env.example` lists the same names."""

    uses_temporal: ClassVar[bool] = True
    migrated_by: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("migration_database_url", "database_url"),
        ("identity_migration_database_url", *IDENTITY_URLS),
        automation.MIGRATION_URLS,
    )

    database_url: DatabaseUrl | None = None
    """PostgreSQL, schema `campaign`, by the role that sees one organization at a time."""
    identity_database_url: DatabaseUrl | None = None
    """Schema `identity`, by the role that sees the rows of all organizations there."""
    identity_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    identity_migration_database_url: DatabaseUrl | None = None
    """The same by the role that owns it, for migrations; unset: as above."""
    identity_migration_database_url_file: Path | None = None
    """A file with it instead."""
    automation_database_url: DatabaseUrl | None = None
    """Schema `automation`, by the role that sees one organization at a time."""
    automation_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    automation_background_database_url: DatabaseUrl | None = None
    """The same by the role that sees those of all, for whoever acts for all; unset: as above."""
    automation_background_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    automation_migration_database_url: DatabaseUrl | None = None
    """The same by the role that owns it, for migrations; unset: `automation_database_url`."""
    automation_migration_database_url_file: Path | None = None
    """A file with it instead."""
    issuer_encryption_keys: SecretStr | None = None
    """Encrypts the keys that sign tokens: 32 random bytes in URL-safe base64 (Fernet); several with
    commas between them while it changes, the new one first. Unset: no tokens are issued here."""
    issuer_encryption_keys_file: Path | None = None
    """A file with them instead, parted by commas or lines, read again when it changes."""
    issuer_key_age: timedelta = timedelta(days=30)
    """Tokens are signed with a new key when the one in use is as old as that."""
    public_host: str = "0.0.0.0"
    """The address the port for the issuer's public keys listens on."""
    public_port: int = 8081
    """The port of /.well-known/jwks.json and /introspect."""
    database_connections: int = Field(default=10, ge=4)
    """The most connections to PostgreSQL at once by each role, beside one that listens."""
    grpc_port: int = 50051
    """The port of every gRPC service of campaign-api."""
    audit_keep: timedelta = Field(timedelta(days=400), ge=timedelta(days=90))
    """How long records of the audit are kept; a month is dropped whole once all of it is older."""
    removals_keep: timedelta = Field(timedelta(days=90), ge=timedelta(days=1))
    """How long whoever follows leads is told which were taken out; who asks later begins anew."""
    deleted_campaigns_keep: timedelta = Field(timedelta(days=30), ge=timedelta(days=1))
    """How long a deleted campaign comes back; then its leads, texts and sequences are purged."""
    gateway_address: str = "localhost:50052"
    """Where linkedin-gateway serves gRPC."""
    dispatcher_address: str = "localhost:50053"
    """Where webhook-dispatcher serves gRPC."""
    call_timeout: timedelta = timedelta(seconds=10)
    """One whole call to linkedin-gateway, webhook-dispatcher or Temporal."""
    glance_timeout: timedelta = timedelta(seconds=2)
    """How long linkedin-gateway is waited for when its answer only explains something."""
    writer_configured: bool = False
    """Whether the workers can write texts by AI; decides what a sequence may ask for."""
    writer_url: str = ""
    """Where this service may have texts written for previews, as the workers'; unset: nowhere."""
    writer_model: str = ""
    """The model that writes texts."""
    writer_api_key: SecretStr | None = None
    """The bearer token of the writer, if it needs one."""
    writer_api_key_file: Path | None = None
    """A file with it instead, read again when it changes."""
    writer_timeout: timedelta = timedelta(seconds=10)
    """One whole call of the writer; a text of a preview takes up to six."""
    watch_interval: timedelta = timedelta(milliseconds=100)
    """The least time between two answers of WatchCampaign, on the wall clock."""
    import_lease: timedelta = Field(timedelta(seconds=30), ge=timedelta(seconds=1))
    """How long a replica may take for a thousand rows of an uploaded list before another one takes
    the list for left, on the wall clock."""
    wake_spread: timedelta = timedelta(minutes=1)
    """Leads whose wait is over are woken spread over this long, in domain time."""

    @property
    def most_connections(self) -> int:
        """By two roles each here and of `automation`, that of `identity`, and one that listens."""
        of_both = self.database_connections + automation.CONNECTIONS
        return 2 * of_both + IDENTITY_CONNECTIONS + 1

    @property
    def longest_call(self) -> timedelta:
        """One of another service, or of the writer where there is one."""
        return max(self.call_timeout, self.writer_timeout if self.writer_url else timedelta())

    @property
    def issues_tokens(self) -> bool:
        """Whether keys are given by which it signs tokens."""
        return bool(self.issuer_encryption_keys or self.issuer_encryption_keys_file)
