"""The pool of the schema `automation`, and what stands on it, put together."""

from automation import schema
from servicekit import process
from servicekit.credentials.secrets import database_url
from servicekit.health import Readiness
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import until_migrated
from servicekit.startup.server_facts import OwnSchema

from campaign_api.settings import Settings


class AutomationParts:
    """What stands on a pool of the schema, which keeps organizations apart."""

    def __init__(self, pool: postgres.Pool, *, kept_apart: bool) -> None:
        self.pool = pool
        self.kept_apart = [pool] if kept_apart else []
        """The pools that must keep organizations apart: without a role of its own, it cannot."""

    @classmethod
    async def connect(
        cls, running: process.Process, settings: Settings, *, application: str
    ) -> "AutomationParts":
        """On a pool of its own, which connects on first use.

        Nothing that is asked here is of several organizations: who spans them never connects.
        """
        url = database_url(settings, *schema.URLS)
        connecting = postgres.connect_apart(
            url,
            url,
            schema.SCHEMA,
            application=application,
            max_size=schema.CONNECTIONS,
            wait=False,
        )
        given = database_url(settings, schema.URLS[0])
        return cls(await running.enter(connecting), kept_apart=bool(given))

    async def until_migrated(self, readiness: Readiness) -> None:
        """Return once the schema is as the code needs it."""
        await until_migrated(
            self.pool, schema.SCHEMA, schema.PACKAGE, readiness=readiness, check=schema.CHECK
        )

    @property
    def schema(self) -> OwnSchema:
        """Its schema."""
        return OwnSchema(schema=schema.SCHEMA, package=schema.PACKAGE, pool=self.pool)


async def migrate_automation(settings: Settings) -> None:
    """Bring the schema up to date."""
    owner = database_url(settings, *schema.MIGRATION_URLS)
    await migrate(owner.get(), schema.SCHEMA, schema.PACKAGE)
