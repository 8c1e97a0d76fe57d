"""SQL on suppressions. Adding them takes the gate that every decision shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres import Pool

from linkedin_gateway.hold_repository import CLOSE_GATE
from linkedin_gateway.ledger_postgres import GATE
from linkedin_gateway.models import Suppression, person_key
from linkedin_gateway.rows import Row

_COLUMNS = "suppression_id, organization_id, public_identifier, reason, created_at, expires_at"

# A person who is suppressed already stays so, for the longer time and the newer reason.
ADD = f"""
INSERT INTO suppressions AS s (suppression_id, organization_id, person, public_identifier, reason,
       created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (organization_id, person) DO UPDATE
   SET reason = excluded.reason,
       expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                         ELSE greatest(s.expires_at, excluded.expires_at) END
RETURNING {_COLUMNS}
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
ON_THE_WIRE = """
SELECT count(*)
  FROM actions
 WHERE state = 'sending' AND lease_until > $3 AND kind NOT IN ('lookup', 'post_list')
   AND organization_id = ANY($1) AND person = ANY($2)
"""


class SuppressionRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, suppressions: Sequence[Suppression]) -> Sequence[Suppression]:
        """Forbid contact; no decision made after this returns overlooks it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(CLOSE_GATE, GATE)
            rows = [
                await connection.fetchrow(
                    ADD,
                    each.suppression_id,
                    each.organization_id,
                    person_key(each.public_identifier),
                    each.public_identifier,
                    each.reason,
                    each.created_at,
                    each.expires_at,
                )
                for each in suppressions
            ]
        return [_suppression(row) for row in rows if row is not None]

    async def on_the_wire(self, suppressions: Sequence[Suppression], *, now: datetime) -> int:
        """How many writes to these people are on the wire."""
        count: int = await self._pool.fetchval(
            ON_THE_WIRE,
            list({each.organization_id for each in suppressions}),
            [person_key(each.public_identifier) for each in suppressions],
            now,
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


def _suppression(row: Row) -> Suppression:
    return Suppression(
        suppression_id=row["suppression_id"],
        organization_id=row["organization_id"],
        public_identifier=row["public_identifier"],
        reason=row["reason"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
