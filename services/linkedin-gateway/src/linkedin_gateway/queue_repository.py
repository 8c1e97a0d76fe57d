"""SQL on who waits on an account, in the order in which they will go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from servicekit.postgres import Pool

from linkedin_gateway.kinds import Kind
from linkedin_gateway.ledger_statements import ACTION_COLUMNS
from linkedin_gateway.models import Action, HoldScope
from linkedin_gateway.rows import Row, action_of

Rank = tuple[int, float, str]

QUEUE = f"""
WITH queue AS (
    SELECT {ACTION_COLUMNS},
           row_number() OVER (PARTITION BY kind ORDER BY priority, tag, request_id) AS place,
           count(*) OVER () AS waiting
      FROM actions
     WHERE account_id = $1 AND state = 'queued' AND ($2 = '' OR kind = $2)
)
SELECT queue.*,
       (SELECT scope FROM holds
         WHERE (scope, subject_id) IN (('campaign', queue.campaign_id), ('account', $1),
                                       ('organization', queue.organization_id),
                                       ('everything', ''), ('kind', queue.kind))
         ORDER BY created_at LIMIT 1) AS held,
       (SELECT until FROM cool_downs c
         WHERE c.account_id = $1 AND c.kind = queue.kind AND c.until > $7) AS cools_until
  FROM queue
 WHERE $3::smallint IS NULL
    OR (priority, tag, request_id) > ($3::smallint, $4::double precision, $5::text)
 ORDER BY priority, tag, request_id
 LIMIT $6
"""
# Those whose turn is over will come at once.
PLANNED = """
SELECT kind, (greatest(turn_at, $2) AT TIME ZONE $3)::date AS day, count(*) AS actions
  FROM actions
 WHERE account_id = $1 AND state = 'queued' AND turn_at IS NOT NULL
 GROUP BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An action that waits, and its place among those of its kind."""

    action: Action
    place: int
    held: HoldScope | None = None
    cools_until: datetime | None = None


class QueueRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(
        self, account_id: str, kind: Kind | None, *, after: Rank | None, limit: int, now: datetime
    ) -> tuple[Sequence[Waiting], int]:
        """Those who wait behind a rank, and how many wait in all."""
        rows = await self._pool.fetch(
            QUEUE, account_id, kind.value if kind else "", *(after or (None, None, "")), limit, now
        )
        found = [_waiting(row) for row in rows]
        return found, rows[0]["waiting"] if rows else 0

    async def planned(
        self, account_id: str, *, now: datetime, time_zone: str
    ) -> dict[tuple[Kind, date], int]:
        """How many have their turn on each day of a zone."""
        rows = await self._pool.fetch(PLANNED, account_id, now, time_zone)
        return {(Kind(row["kind"]), row["day"]): row["actions"] for row in rows}


def _waiting(row: Row) -> Waiting:
    return Waiting(
        action=action_of(row),
        place=row["place"],
        held=HoldScope(row["held"]) if row["held"] else None,
        cools_until=row["cools_until"],
    )
