"""The data keys of a schema, wrapped by the newest key by a process of its own."""

from servicekit.clock import Clock
from servicekit.sealing.composition import seal_of
from servicekit.sealing.data_keys import wrap_anew
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.settings import ServerSettings
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

log = logs.get_logger(__name__)


async def rewrap(settings: ServerSettings, clock: Clock, *, service: str, schema: str) -> int:
    """Wrap every data key anew; returns what the process exits with.

    1 if one is wrapped by a key that is not there. Safe while the service runs, and to repeat.
    """
    seal = seal_of(settings, sandbox=clock.sandbox)
    async with served_pool(
        settings,
        schema,
        application=service,
        max_size=1,
    ) as pool:
        try:
            done = await wrap_anew(pool.across("any organization's keys are wrapped anew"), seal)
        except KeyLost as lost:
            log.error("data_key_lost", why=str(lost))  # noqa: TRY400 - its text says it
            return 1
    log.info("data_keys_wrapped", number=done)
    return 0
