"""SQL on the suppressions that keep one person from being contacted, and on their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.controls.suppression_repository import (
    LISTED_COLUMNS,
    REMOVE,
    listed_suppression,
)
from linkedin_gateway.errors import SuppressionNotFound
from linkedin_gateway.ledger.clock import NOW, DatabaseClock
from linkedin_gateway.models import AskedPerson, ListedSuppression
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.people.known_people_repository import MEANT, meant
from linkedin_gateway.storage.sealed_ids import SealedIds

_MOST = 1000
_OF_ONE = {Subject.PERSON.value, Subject.EMAIL.value}
"""What names one person, and nobody else."""

# By what the person is asked for, and by whatever else they are known to be called. Where it is
# known who asked for it, that is whom it names, though somebody else may have their address now.
COVERING = Statement(f"""
WITH who AS MATERIALIZED {MEANT}
SELECT {LISTED_COLUMNS},
       person_id <> '' AND person_id NOT IN (SELECT person_id FROM who) AS of_another
  FROM suppressions
 WHERE organization_id = :organization_id AND (expires_at IS NULL OR expires_at > {NOW})
   AND (key = ANY(:keys::text[])
        OR hashed = ANY(ARRAY(
               SELECT alias.suppression_key FROM person_aliases alias
                WHERE alias.organization_id = :organization_id
                  AND alias.person_id IN (SELECT person_id FROM who)))
        OR (person_id <> '' AND person_id IN (SELECT person_id FROM who)))
 ORDER BY created_at, suppression_id
 LIMIT {_MOST}
""")


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What was removed, and what still keeps the person from being contacted."""

    removed: Sequence[ListedSuppression]
    remaining: Sequence[ListedSuppression]


class PersonSuppressionRepository:
    """Of whoever is asked for by an address, an id or an e-mail address."""

    def __init__(self, pool: Pool, ids: SealedIds, clock: DatabaseClock) -> None:
        self._pool, self._ids, self._clock = pool, ids, clock

    async def covering(
        self, organization_id: str, person: AskedPerson
    ) -> Sequence[ListedSuppression]:
        """Those in force that forbid contact with the person, the oldest first."""
        rows = await self._covering(organization_id, person)
        return [listed_suppression(row) for row in rows]

    async def _covering(self, organization_id: str, person: AskedPerson) -> Sequence[Row]:
        named = [person.identifier] if person.identifier else []
        values = COVERING.given(
            organization_id=organization_id,
            keys=list(person.keys),
            **meant(self._ids, organization_id, named),
            **self._clock.values(),
        )
        rows: Sequence[Row] = await self._pool.fetch(COVERING.sql, *values)
        return rows

    async def allow(
        self, organization_id: str, person: AskedPerson, *, allow_missing: bool
    ) -> Allowed:
        """Remove those that name the person alone.

        Raises `SuppressionNotFound` if there is none, unless that is allowed.
        """
        rows = await self._covering(organization_id, person)
        found = [listed_suppression(row) for row in rows]
        theirs = (each for row, each in zip(rows, found, strict=True) if not row["of_another"])
        removed = [each for each in theirs if each.suppression.subject in _OF_ONE]
        if not removed and not allow_missing:
            raise SuppressionNotFound
        async with self._pool.acquire() as connection, connection.transaction():
            for each in removed:
                await connection.execute(REMOVE, each.suppression.suppression_id, organization_id)
        return Allowed(removed=removed, remaining=[each for each in found if each not in removed])
