"""`python -m linkedin_gateway.migrate`: bring the schema up to date, then end."""

import asyncio

from servicekit.credentials.secrets import owner_url
from servicekit.postgres.migrations import migrate
from servicekit.startup import command
from servicekit.telemetry import logs

from linkedin_gateway.servicer_composition import PACKAGE, SCHEMA, SERVICE
from linkedin_gateway.settings import Settings


def main() -> None:
    settings = command.accepted_to_migrate(SERVICE, Settings)
    logs.configure_by(settings, service=SERVICE)
    asyncio.run(migrate(owner_url(settings), SCHEMA, PACKAGE))


if __name__ == "__main__":
    main()
