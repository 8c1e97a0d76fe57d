"""SQL on whom suppressions name by what no profile has shown yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account
from linkedin_gateway.storage.rows import ACCOUNTS, account_of
from linkedin_gateway.storage.sealed_ids import SealedIds

# One at a time, so that every caller of the organization reads another.
TAKE_FIRST = """
UPDATE suppressed_ids
   SET leased_until = $2::timestamptz + interval '5 minutes'
 WHERE (organization_id, identifier) = (
       SELECT organization_id, identifier FROM suppressed_ids
        WHERE organization_id = $1 AND leased_until <= $2
        ORDER BY added_at, identifier LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING identifier
"""
GIVE_BACK = """
UPDATE suppressed_ids SET leased_until = '-infinity'
 WHERE organization_id = $1 AND identifier = $2
"""
# One that does not open names nobody: it stays, so nobody is contacted, and others come first.
PUT_OFF = """
UPDATE suppressed_ids SET leased_until = $3::timestamptz + interval '6 hours'
 WHERE organization_id = $1 AND identifier = $2
"""
# … a name, for which nobody waits; the organization's next one is looked up in its place.
PUT_OFF_LATER = """
WITH put_off AS (
    UPDATE suppressed_names SET leased_until = $3::timestamptz + interval '7 days'
     WHERE organization_id = $1 AND identifier = $2
)
UPDATE suppressed_name_looks SET next_at = $3 WHERE organization_id = $1
"""
# One name of each organization whose time has come, by any of its accounts that can act. What
# cannot be read now is behind the others for some hours.
TAKE_LATER = f"""
WITH due AS (
    UPDATE suppressed_name_looks SET next_at = $1::timestamptz + $2::interval
     WHERE organization_id IN (
           SELECT organization_id FROM suppressed_name_looks
            WHERE next_at <= $1 ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED)
 RETURNING organization_id
), taken AS (
    UPDATE suppressed_names n SET leased_until = $1::timestamptz + interval '6 hours'
      FROM due
     WHERE n.organization_id = due.organization_id AND n.identifier = (
           SELECT identifier FROM suppressed_names
            WHERE organization_id = due.organization_id AND leased_until <= $1
            ORDER BY added_at, identifier LIMIT 1)
 RETURNING n.organization_id, n.identifier
)
SELECT taken.identifier, {ACCOUNTS.selected("a")}
  FROM taken
 CROSS JOIN LATERAL (
       SELECT * FROM accounts
        WHERE organization_id = taken.organization_id AND state = 'connected'
        ORDER BY random() LIMIT 1
       ) a
"""
# Whoever is called so is known by it, or there is nobody.
LOOKED_UP = """
WITH first AS (
    DELETE FROM suppressed_ids WHERE organization_id = $1 AND identifier = $2 RETURNING key
), later AS (
    DELETE FROM suppressed_names WHERE organization_id = $1 AND identifier = $2 RETURNING key
)
UPDATE suppressions
   SET looked_up_at = $4, person_id = CASE WHEN $3 <> '' THEN $3 ELSE person_id END
 WHERE organization_id = $1
   AND key IN (SELECT key FROM first UNION ALL SELECT key FROM later)
"""
ENDED = """
DELETE FROM suppressed_name_looks l
 WHERE NOT EXISTS (SELECT FROM suppressed_names n WHERE n.organization_id = l.organization_id)
"""


class SuppressedPersonRepository:
    def __init__(self, pool: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids

    async def take_first(self, organization_id: str, *, now: datetime) -> str | None:
        """Somebody who must be looked up before others are contacted, for this asker alone."""
        while (kept := await self._pool.fetchval(TAKE_FIRST, organization_id, now)) is not None:
            if identifier := self._ids.known(organization_id, kept):
                return identifier
            await self._pool.execute(PUT_OFF, organization_id, kept, now)
        return None

    async def take_later(self, *, now: datetime, every: timedelta) -> Sequence[tuple[Account, str]]:
        """A name of each organization whose turn it is, and who is to look it up."""
        await self._pool.execute(ENDED)
        rows = await self._pool.fetch(TAKE_LATER, now, every)
        found = list[tuple[Account, str]]()
        for account, kept in [(account_of(row), row["identifier"]) for row in rows]:
            if identifier := self._ids.known(account.organization_id, kept):
                found.append((account, identifier))
            else:
                await self._pool.execute(PUT_OFF_LATER, account.organization_id, kept, now)
        return found

    async def give_back(self, organization_id: str, identifier: str) -> None:
        """It could not be looked up now."""
        kept = self._ids.sealed(organization_id, identifier)
        await self._pool.execute(GIVE_BACK, organization_id, kept)

    async def looked_up(
        self, organization_id: str, identifier: str, person_id: str, *, now: datetime
    ) -> None:
        """Whoever is called so is this person from now on; empty if there is nobody."""
        kept = self._ids.sealed(organization_id, identifier)
        await self._pool.execute(LOOKED_UP, organization_id, kept, person_id, now)
