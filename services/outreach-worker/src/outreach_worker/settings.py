"""What outreach-worker reads from its environment."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from automation import schema as automation
from pydantic import Field, SecretStr
from servicekit.settings import DatabaseUrl, SealingSettings

from outreach_worker.deadlines import GATEWAY_DEADLINE

SERVICE = "outreach-worker"


class Training(StrEnum):
    """Where models are learned."""

    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"
    HERE = "here"


class Settings(SealingSettings, env_prefix="OUTREACH_WORKER_"):
    """Read once, in `main`; `.env.example` lists the same names."""

    uses_temporal: ClassVar[bool] = True
    migrates_temporal: ClassVar[bool] = True
    migrated_by: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("migration_database_url", "database_url"),
        automation.MIGRATION_URLS,
    )

    required_credentials = ("database_url",)

    shutdown_grace: timedelta = timedelta(seconds=80)
    """How long work in flight may take to end after SIGTERM: longer than one call of the gateway.
    What kills the process later on, a pod's grace, leaves it five seconds more."""
    database_url: DatabaseUrl | None = None
    """PostgreSQL, schema `campaign`, by the role for what spans organizations: activities serve
    whichever lead Temporal names."""
    database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    automation_database_url: DatabaseUrl | None = None
    """Schema `automation`, by the role for what spans organizations."""
    automation_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    automation_migration_database_url: DatabaseUrl | None = None
    """The same by the role that owns it, for migrations; unset: as above."""
    automation_migration_database_url_file: Path | None = None
    """A file with it instead."""
    database_connections: int = 20
    """The most connections to PostgreSQL at once."""
    temporal_namespace_kept: timedelta | None = Field(None, ge=timedelta(days=1))
    """How long ended workflows are kept in the namespace that `outreach_worker.migrate` makes where
    Temporal has none of that name; unset: it is somebody else's to make."""
    gateway_address: str = "localhost:50052"
    """Where linkedin-gateway serves gRPC."""
    dispatcher_address: str = "localhost:50053"
    """Where webhook-dispatcher serves gRPC."""
    campaign_api_address: str = "localhost:50051"
    """Where campaign-api serves gRPC: programs change campaigns there, as people do."""
    training: Training = Training.NOWHERE
    """Where models are learned. `nowhere`: none is; a training by hand fails after twelve hours.
    `elsewhere`: once a week for each program, by whoever serves the task queue `training`.
    `here`: this process does, and nothing else; it needs the extra `training`."""
    runs_kept: timedelta = Field(timedelta(days=731), ge=timedelta(days=120))
    """For how long it is known what programs' workflows did: two years, as reports. Days that are
    not known any more could be filled in twice: at least 120 days."""
    score_terms_kept: timedelta = Field(timedelta(days=90), ge=timedelta(days=30))
    """For how long it is known what the score of a released lead was made of: it says who they are.
    As long as a release can be taken back at the least: 30 days."""
    max_concurrent_activities: int = 100
    """Activities that run at once."""
    max_concurrent_workflow_tasks: int = 100
    """Workflow tasks that run at once."""
    max_cached_workflows: int = 2000
    """Workflows kept in memory; fewer than are active at once is slow. About 50 KiB each."""
    pollers: int = 20
    """Polls for tasks at once, for workflows and for activities each."""
    admission_page: int = 200
    """Leads admitted in one transaction."""
    admission_concurrency: int = 20
    """Workflows started or called off at once during an admission."""
    writer_url: str = ""
    """Base URL of an OpenAI-compatible API (`https://api.example.com/v1`); unset: no writer."""
    writer_model: str = ""
    """The model that writes texts."""
    writer_api_key: SecretStr | None = None
    """The bearer token of the writer, if it needs one."""
    writer_api_key_file: Path | None = None
    """A file with it instead, read again when it changes."""
    writer_timeout: timedelta = timedelta(seconds=20)
    """One whole call of the writer; there are up to three for one text."""

    @property
    def process_name(self) -> str:
        """How it is called in logs, metrics and at its database.

        Nobody is to conclude from one that fits models that leads are worked on.
        """
        return SERVICE if self.meets_services else f"{SERVICE}-training"

    @property
    def meets_services(self) -> bool:
        """What fits models asks the database and Temporal alone."""
        return self.training is not Training.HERE

    @property
    def most_connections(self) -> int:
        """By one role, and by that of the schema `automation`."""
        return self.database_connections + automation.CONNECTIONS

    @property
    def longest_call(self) -> timedelta:
        """One of the gateway: what it does at LinkedIn must be heard of."""
        return GATEWAY_DEADLINE
