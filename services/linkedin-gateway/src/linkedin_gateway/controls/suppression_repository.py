"""SQL on suppressions. Adding them takes the gate that every decision shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from servicekit.postgres.pool import Pool

from linkedin_gateway.controls.hold_repository import CLOSE_GATE
from linkedin_gateway.models import Suppression
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.storage.locks import GATE
from linkedin_gateway.storage.table import Row

_COLUMNS = """suppression_id, organization_id, subject, key, label, reason, created_at,
              expires_at"""

# Who is suppressed already stays so, for the longer time and the newer reason.
ADD = f"""
INSERT INTO suppressions AS s (suppression_id, organization_id, subject, key, label, reason,
       created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (organization_id, key) DO UPDATE
   SET reason = excluded.reason,
       expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                         ELSE greatest(s.expires_at, excluded.expires_at) END
RETURNING {_COLUMNS}
"""
# The same of a whole list at once. A key is given once.
ADD_ALL = """
INSERT INTO suppressions AS s (suppression_id, organization_id, subject, key, label, reason,
       created_at, expires_at)
SELECT suppression_id, $2, subject, key, label, $6, $7, $8
  FROM unnest($1::text[], $3::text[], $4::text[], $5::text[])
       AS listed (suppression_id, subject, key, label)
ON CONFLICT (organization_id, key) DO UPDATE
   SET reason = excluded.reason,
       expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                         ELSE greatest(s.expires_at, excluded.expires_at) END
RETURNING suppression_id
"""
REMOVE = """
DELETE FROM suppressions
 WHERE suppression_id = $1 AND ($2 = '' OR organization_id = $2)
RETURNING true
"""
LIST = f"""
SELECT {_COLUMNS}
  FROM suppressions
 WHERE organization_id = $1
   AND ($2::timestamptz IS NULL OR (created_at, suppression_id) > ($2, $3))
 ORDER BY created_at, suppression_id
 LIMIT $4
"""
# Rows know no domain and no company: for those everything of the organization is waited for.
COUNT_IN_FLIGHT = """
SELECT count(*)
  FROM actions
 WHERE state = 'sending' AND lease_until > $3 AND kind NOT IN ('lookup', 'post_list')
   AND organization_id = ANY($1)
   AND ($4 OR encode(sha256(convert_to(organization_id || E'\\nperson\\n' || person, 'UTF8')),
                     'hex') = ANY($2))
"""


class SuppressionRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, suppressions: Sequence[Suppression]) -> Sequence[Suppression]:
        """Forbid contact; no decision made after this returns overlooks it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(CLOSE_GATE, GATE)
            rows = [await connection.fetchrow(ADD, *_values(each)) for each in suppressions]
        return [_suppression(row) for row in rows if row is not None]

    async def add_all(self, suppressions: Sequence[Suppression]) -> int:
        """Forbid contact with a whole list of one organization, all for one reason.

        Returns how many were not on it before.
        """
        if not suppressions:
            return 0
        first = suppressions[0]
        listed = {each.key: each for each in suppressions}.values()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(CLOSE_GATE, GATE)
            rows = await connection.fetch(
                ADD_ALL,
                [each.suppression_id for each in listed],
                first.organization_id,
                [each.subject for each in listed],
                [each.key for each in listed],
                [each.label for each in listed],
                first.reason,
                first.created_at,
                first.expires_at,
            )
        new = {each.suppression_id for each in listed}
        return sum(row["suppression_id"] in new for row in rows)

    async def count_in_flight(self, suppressions: Sequence[Suppression], *, now: datetime) -> int:
        """How many writes to these people are on the wire, or may be."""
        count: int = await self._pool.fetchval(
            COUNT_IN_FLIGHT,
            list({each.organization_id for each in suppressions}),
            [each.key for each in suppressions],
            now,
            any(each.subject != Subject.PERSON.value for each in suppressions),
        )
        return count

    async def remove(self, suppression_id: str, *, organization_id: str) -> bool:
        return bool(await self._pool.fetchval(REMOVE, suppression_id, organization_id))

    async def list(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Suppression]:
        at, last = after or (None, "")
        rows = await self._pool.fetch(LIST, organization_id, at, last, limit)
        return [_suppression(row) for row in rows]


def _values(each: Suppression) -> tuple[Any, ...]:
    return (
        each.suppression_id,
        each.organization_id,
        each.subject,
        each.key,
        each.label,
        each.reason,
        each.created_at,
        each.expires_at,
    )


def _suppression(row: Row) -> Suppression:
    return Suppression(
        suppression_id=row["suppression_id"],
        organization_id=row["organization_id"],
        subject=row["subject"],
        key=row["key"],
        label=row["label"],
        reason=row["reason"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
