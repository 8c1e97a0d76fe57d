"""`python -m outreach_worker.migrate`: bring the schema up to date, then end."""

import asyncio

from servicekit import logs
from servicekit.migrations import migrate

from outreach_worker.main import SCHEMA, SCHEMA_PACKAGE, SERVICE
from outreach_worker.settings import Settings


def main() -> None:
    settings = Settings.model_validate({})
    logs.configure(SERVICE, level=settings.log_level, log_format=settings.log_format)
    asyncio.run(migrate(settings.database_url.get_secret_value(), SCHEMA, SCHEMA_PACKAGE))


if __name__ == "__main__":
    main()
