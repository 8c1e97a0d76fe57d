"""`python -m webhook_dispatcher.reseal`: wrap the keys of what is sealed by the newest one.

It also seals what events say and what was answered to them where a release before has kept that in
clear. With `--older-than DAYS` it changes data keys as well. Safe while the service runs, and safe
to repeat. After it the older wrapping keys can go.
"""

from typing import NoReturn

from servicekit.clock import Clock
from servicekit.request_ids.table import sealed_rows
from servicekit.sealing.composition import seal_of
from servicekit.sealing.rotation import SealedRows
from servicekit.startup import rotating
from servicekit.startup.rewrapping import rewrap
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

from webhook_dispatcher import sealed_payloads
from webhook_dispatcher.composition import SCHEMA, SERVICE
from webhook_dispatcher.deliveries import sealed_answers
from webhook_dispatcher.deliveries.sealed_answers import ANSWER
from webhook_dispatcher.sealed_payloads import PAYLOAD
from webhook_dispatcher.settings import Settings

SEALED = (
    # Events first: what is answered to one is sealed by its key.
    SealedRows(
        place=PAYLOAD,
        key={"organization_id": "text", "event_id": "text"},
        named="events.event_id",
    ),
    SealedRows(
        place=ANSWER,
        key={"delivery_id": "text", "number": "integer"},
        named="attempts.delivery_id || '/' || extract(epoch FROM attempts.attempted_at)",
    ),
    sealed_rows(SCHEMA),
)
"""Every column of the schema in which values are sealed."""

log = logs.get_logger(__name__)


def main() -> NoReturn:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    rotating.run(SERVICE, SCHEMA, Settings, SEALED, reseal=reseal)


async def reseal(settings: Settings, clock: Clock) -> int:
    """Wrap keys, then seal what lies in clear; returns what the process exits with."""
    code = await rewrap(settings, clock, service=SERVICE, schema=SCHEMA)
    seal = seal_of(settings, sandbox=clock.sandbox)
    if not seal.on:
        return code
    async with served_pool(
        settings,
        SCHEMA,
        application=SERVICE,
        max_size=1,
    ) as pool:
        across = pool.across("what lies in clear of any organization is sealed")
        log.info(
            "values_sealed",
            work="events",
            number=await sealed_payloads.seal_what_is_in_clear(across, seal),
        )
        log.info(
            "values_sealed",
            work="answers",
            number=await sealed_answers.seal_what_is_in_clear(across, seal),
        )
    return code


if __name__ == "__main__":
    main()
