"""`python -m linkedin_gateway.reseal`: wrap the keys of what is sealed by the newest one.

Safe while the service runs, and safe to repeat. After it the older wrapping keys can go.
"""

import asyncio
import sys

from servicekit.clock import Clock
from servicekit.credentials.secrets import database_url
from servicekit.postgres import pool as postgres
from servicekit.sealing.composition import seal_of
from servicekit.sealing.data_keys import wrap_anew
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.startup import command
from servicekit.telemetry import logs

from linkedin_gateway.servicer_composition import SCHEMA, SERVICE
from linkedin_gateway.settings import Settings

log = logs.get_logger(__name__)


def main() -> None:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    settings, clock = command.accepted(SERVICE, Settings)
    logs.configure(
        SERVICE,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    sys.exit(asyncio.run(reseal(settings, clock)))


async def reseal(settings: Settings, clock: Clock) -> int:
    """Wrap every data key anew; returns what the process exits with."""
    seal = seal_of(settings, sandbox=clock.sandbox)
    async with postgres.connect_apart(
        database_url(settings, "database_url"),
        database_url(settings, "background_database_url", "database_url"),
        SCHEMA,
        application=SERVICE,
        max_size=1,
    ) as pool:
        try:
            done = await wrap_anew(pool.across("any organization's keys are wrapped anew"), seal)
        except KeyLost as lost:
            log.error("data_key_lost", why=str(lost))  # noqa: TRY400 - its text says it
            return 1
    log.info("data_keys_wrapped", number=done)
    return 0


if __name__ == "__main__":
    main()
