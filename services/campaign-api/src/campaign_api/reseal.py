"""`python -m campaign_api.reseal`: seal what lies in clear, wrap keys by the newest one, then end.

With `--older-than DAYS` it also changes data keys. Last it makes the hashes by which leads are
found by their e-mail address. Safe while services run, and safe to repeat. After it the older
wrapping keys can go.
"""

from typing import NoReturn

from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.people.person_lead_repository import PersonLeadRepository
from campaigns.sealing.sealed_rows import SEALED
from servicekit.clock import Clock
from servicekit.sealing.composition import seal_of
from servicekit.sealing.data_keys import wrap_anew
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.startup import rotating
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

from campaign_api.composition import SCHEMA, SERVICE
from campaign_api.settings import Settings

log = logs.get_logger(__name__)


def main() -> NoReturn:
    """Exits with 1 if something is left in clear, or wrapped by a key that is not there."""
    rotating.run(SERVICE, SCHEMA, Settings, SEALED, reseal=_reseal, afterwards=_hash_emails)


async def _reseal(settings: Settings, clock: Clock) -> int:
    seal, code = seal_of(settings, sandbox=clock.sandbox), 0
    async with served_pool(
        settings,
        SCHEMA,
        application=SERVICE,
        max_size=1,
    ) as pool:
        across = pool.across("what any organization's rows have is sealed")
        if seal.on:
            filled = await FillRepository(across, seal).seal_all()
            for work, count in filled.sealed.items():
                log.info("values_sealed", work=work, number=count, left=filled.left[work])
            code = int(any(filled.left.values()))
        try:
            log.info("data_keys_wrapped", number=await wrap_anew(across, seal))
        except KeyLost as lost:
            log.error("data_key_lost", why=str(lost))  # noqa: TRY400 - its text says it
            return 1
    return code


async def _hash_emails(settings: Settings, clock: Clock) -> None:
    """Last: a lead that is sealed anew loses its hash, also by a change of data keys."""
    seal = seal_of(settings, sandbox=clock.sandbox)
    async with served_pool(
        settings,
        SCHEMA,
        application=SERVICE,
        max_size=1,
    ) as pool:
        across = pool.across("any organization's leads are to be found by their e-mail address")
        hashed = await PersonLeadRepository(across, seal).hash_all_emails()
    log.info("emails_hashed", number=hashed)


if __name__ == "__main__":
    main()
