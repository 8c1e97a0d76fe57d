"""`python -m campaign_api.migrate`: bring the schemas up to date, then end."""

import asyncio

from servicekit.credentials.secrets import owner_url
from servicekit.postgres.migrations import migrate
from servicekit.startup import command
from servicekit.telemetry import logs

from campaign_api.automation.composition import migrate_automation
from campaign_api.composition import PACKAGE, SCHEMA, SERVICE
from campaign_api.identity_composition import migrate_identity
from campaign_api.settings import Settings


def main() -> None:
    settings = command.accepted_to_migrate(SERVICE, Settings)
    logs.configure_by(settings, service=SERVICE)
    asyncio.run(_migrate(settings))


async def _migrate(settings: Settings) -> None:
    await migrate(owner_url(settings), SCHEMA, PACKAGE)
    await migrate_identity(settings)
    await migrate_automation(settings)


if __name__ == "__main__":
    main()
