"""`python -m outreach_worker.migrate`: bring the schema and Temporal up to date, then end."""

import asyncio
import os
import sys

from automation import schema as automation
from campaigns.workflow.search_attributes import KEYS
from servicekit.clock import Clock
from servicekit.credentials.secrets import database_url, owner_url
from servicekit.postgres.migrations import migrate
from servicekit.startup import command
from servicekit.telemetry import logs
from servicekit.temporal import connection as temporal
from servicekit.temporal import search_attributes

from outreach_worker.process_composition import SCHEMA, SCHEMA_PACKAGE
from outreach_worker.settings import SERVICE, Settings
from outreach_worker.worker import new_plugin


def main() -> None:
    settings = command.accepted_to_migrate(SERVICE, Settings)
    logs.configure_by(settings, service=SERVICE)
    asyncio.run(set_up(settings))
    sys.stdout.flush()
    # The SDK may abort at interpreter exit.
    os._exit(0)


async def set_up(settings: Settings) -> None:
    """Each is harmless to repeat."""
    await migrate(owner_url(settings), SCHEMA, SCHEMA_PACKAGE)
    owner = database_url(settings, *automation.MIGRATION_URLS)
    await migrate(owner.get(), automation.SCHEMA, automation.PACKAGE)
    client = await temporal.connect(new_plugin(Clock.from_env()))
    if settings.temporal_namespace_kept is not None:
        await temporal.make_namespace(client, kept=settings.temporal_namespace_kept)
    await search_attributes.register(client, KEYS)


if __name__ == "__main__":
    main()
