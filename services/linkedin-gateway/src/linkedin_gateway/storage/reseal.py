"""`python -m linkedin_gateway.storage.reseal`: wrap the keys of what is sealed anew.

It also seals webhooks and ids that a process of before has written in clear, hashes those of
events and suppressions by the key of its settings, and empties columns in which a release before
has kept in clear what is sealed now, or is not needed any more. With `--older-than DAYS` it changes
data keys as well. Safe while the service runs, and safe to repeat. After it the older wrapping keys
can go.
"""

from typing import NoReturn

from servicekit.clock import Clock
from servicekit.postgres.columns import affected
from servicekit.postgres.pool import Pool
from servicekit.sealing.composition import seal_of
from servicekit.sealing.seal import VERSION, Seal
from servicekit.startup import rotating
from servicekit.startup.rewrapping import rewrap
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

from linkedin_gateway.settings import Settings
from linkedin_gateway.storage.id_filling import begin_filling_anew, fill_again
from linkedin_gateway.storage.sealed_columns import SEALED, hash_event_ids, webhook_sealed

_SERVICE, _SCHEMA = "linkedin-gateway", "gateway"
_AT_ONCE = 1000
# By the key, so that a run reads each row once; one that somebody has locked is waited for.
_PROFILES = """
WITH these AS (
    SELECT account_id, person_id FROM profiles WHERE (account_id, person_id) > ($1, $2)
     ORDER BY account_id, person_id LIMIT $3
), emptied AS (
    UPDATE profiles p SET first_name = '', last_name = '', headline = '', location = ''
      FROM these
     WHERE (p.account_id, p.person_id) = (these.account_id, these.person_id)
       AND (p.first_name, p.last_name, p.headline, p.location) <> ('', '', '', '')
 RETURNING 1
)
SELECT account_id, person_id, (SELECT count(*) FROM emptied) AS emptied
  FROM these ORDER BY account_id DESC, person_id DESC LIMIT 1
"""
_PEOPLE = """
WITH these AS (
    SELECT organization_id, person_id FROM people WHERE (organization_id, person_id) > ($1, $2)
     ORDER BY organization_id, person_id LIMIT $3
), emptied AS (
    UPDATE people p SET first_name = '', last_name = ''
      FROM these
     WHERE (p.organization_id, p.person_id) = (these.organization_id, these.person_id)
       AND (p.first_name, p.last_name) <> ('', '')
 RETURNING 1
)
SELECT organization_id, person_id, (SELECT count(*) FROM emptied) AS emptied
  FROM these ORDER BY organization_id DESC, person_id DESC LIMIT 1
"""
_LIES_IN_CLEAR = f"(raw IS NULL OR substring(raw FROM 1 FOR 1) <> '\\x{VERSION.hex()}'::bytea)"
_WEBHOOKS = f"""
SELECT dedupe_key FROM inbound
 WHERE dedupe_key > $1 AND {_LIES_IN_CLEAR}
 ORDER BY dedupe_key LIMIT $2
"""
_WEBHOOK = f"""
SELECT coalesce(raw, convert_to(body::text, 'UTF8')) FROM inbound
 WHERE dedupe_key = $1 AND {_LIES_IN_CLEAR}
"""
_SEAL_WEBHOOK = f"""
UPDATE inbound SET raw = $2, body = NULL WHERE dedupe_key = $1 AND {_LIES_IN_CLEAR}
"""

log = logs.get_logger(__name__)


def main() -> NoReturn:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    rotating.run(
        _SERVICE, _SCHEMA, Settings, SEALED, reseal=reseal, on_keys_lost=begin_filling_anew
    )


async def reseal(settings: Settings, clock: Clock) -> int:
    code = await rewrap(settings, clock, service=_SERVICE, schema=_SCHEMA)
    async with served_pool(
        settings,
        _SCHEMA,
        application=_SERVICE,
        max_size=1,
    ) as pool:
        seal = seal_of(settings, sandbox=clock.sandbox)
        await fill_again(pool, seal)
        across = pool.across("what lies in clear of any organization goes")
        if seal.on:
            await seal_webhooks(across, seal)
        await hash_event_ids(across, seal)
        await empty(across)
    return code


async def seal_webhooks(pool: Pool, seal: Seal) -> int:
    """Seal those that lie in clear, by a key of nobody as all; returns how many.

    One at a time: one may have 4 MiB. What came is never changed, so whoever follows it meanwhile
    reads the same either way.
    """
    sealed, after = 0, ""
    while rows := await pool.fetch(_WEBHOOKS, after, _AT_ONCE):
        for row in rows:
            sealed += await _seal_webhook(pool, seal, row["dedupe_key"])
        after = rows[-1]["dedupe_key"]
    log.info("webhooks_sealed", number=sealed)
    return sealed


async def _seal_webhook(pool: Pool, seal: Seal, dedupe_key: str) -> int:
    raw = await pool.fetchval(_WEBHOOK, dedupe_key)
    if raw is None:
        # Another run was first, or it was forgotten.
        return 0
    kept = await webhook_sealed(pool, seal, dedupe_key, raw)
    return affected(await pool.execute(_SEAL_WEBHOOK, dedupe_key, kept))


async def empty(pool: Pool) -> int:
    """Empty what lies in clear and is needed no more; returns how many rows had something."""
    emptied = 0
    for statement in (_PROFILES, _PEOPLE):
        after = ("", "")
        while row := await pool.fetchrow(statement, *after, _AT_ONCE):
            emptied += row["emptied"]
            after = (row[0], row[1])
    log.info("values_emptied", number=emptied)
    return emptied


if __name__ == "__main__":
    main()
