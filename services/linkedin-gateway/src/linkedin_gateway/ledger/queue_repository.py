"""SQL on who waits on an account, in the order in which they will go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Action, HoldScope, Kind
from linkedin_gateway.pace.ranking import Ahead, Rank
from linkedin_gateway.storage.hold_scopes import holds_on
from linkedin_gateway.storage.rows import ACTION_COLUMNS
from linkedin_gateway.storage.sealed_ids import SealedIds

QUEUE = f"""
WITH queue AS (
    SELECT {ACTION_COLUMNS},
           row_number() OVER (
               PARTITION BY kind ORDER BY priority, virtual_finish, action_id
           ) AS place,
           count(*) OVER () AS waiting
      FROM actions
     WHERE account_id = $1 AND state = 'queued' AND ($2 = '' OR kind = $2)
)
SELECT queue.*,
       (SELECT scope FROM holds
         WHERE organization_id IN ('', queue.organization_id)
           AND (scope, subject_id) IN ({holds_on("queue")})
         ORDER BY created_at LIMIT 1) AS held,
       cool.kind AS cooling_kind, cool.until AS cools_until
  FROM queue
  LEFT JOIN LATERAL (
       -- Who must be looked up first rests with the lookups too.
       SELECT kind, until FROM cool_downs c
        WHERE c.account_id = $1 AND c.until > $7
          AND (c.kind = queue.kind OR (queue.needs_lookup AND c.kind = 'lookup'))
        ORDER BY until DESC LIMIT 1
       ) cool ON true
 WHERE $3::smallint IS NULL
    OR (priority, virtual_finish, action_id) > ($3::smallint, $4::double precision, $5::text)
 ORDER BY priority, virtual_finish, action_id
 LIMIT $6
"""
# Those whose turn is over will come at once.
PLANNED = """
SELECT kind, (greatest(turn_at, $2) AT TIME ZONE $3)::date AS day, count(*) AS actions
  FROM actions
 WHERE account_id = $1 AND state = 'queued' AND turn_at IS NOT NULL
 GROUP BY 1, 2
"""
TURNS = """
SELECT turn_at, kind, needs_lookup
  FROM actions
 WHERE account_id = $1 AND state = 'queued' AND turn_at < $2
 ORDER BY turn_at
"""
# By the queues of the accounts, which are as long as they are, and not by all that the campaigns
# have ever done.
COUNTED = """
SELECT campaign_id, account_id, kind, reason, count(*) AS actions, min(turn_at) AS first_turn_at
  FROM actions
 WHERE account_id = ANY($2) AND state = 'queued' AND campaign_id = ANY($1)
   AND ($3 = '' OR organization_id = $3)
 GROUP BY campaign_id, account_id, kind, reason
 ORDER BY actions DESC, campaign_id, account_id, kind, reason
"""


@dataclass(frozen=True, kw_only=True)
class WaitingAlike:
    """Actions of a campaign and a kind that wait on an account for the same."""

    campaign_id: str
    account_id: str
    kind: Kind
    reason: str
    actions: int
    first_turn_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An action that waits, and its place among those of its kind."""

    action: Action
    place: int
    held: HoldScope | None = None
    cools_until: datetime | None = None
    cooling_kind: Kind | None = None
    """Which kind rests until then: its own, or the lookups that come first."""


class QueueRepository:
    def __init__(self, pool: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids

    async def list(
        self, account_id: str, kind: Kind | None, *, after: Rank | None, limit: int, now: datetime
    ) -> tuple[Sequence[Waiting], int]:
        """Those who wait behind a rank, and how many wait in all."""
        rows = await self._pool.fetch(
            QUEUE, account_id, kind.value if kind else "", *(after or (None, None, "")), limit, now
        )
        found = [_waiting(row, self._ids) for row in rows]
        return found, rows[0]["waiting"] if rows else 0

    async def counted(
        self, campaign_ids: Sequence[str], account_ids: Sequence[str], *, organization_id: str
    ) -> Sequence[WaitingAlike]:
        """What waits for these campaigns on these accounts, the most first."""
        asked = (list(campaign_ids), list(account_ids), organization_id)
        rows = await self._pool.fetch(COUNTED, *asked)
        return [
            WaitingAlike(
                campaign_id=row["campaign_id"],
                account_id=row["account_id"],
                kind=Kind(row["kind"]),
                reason=row["reason"],
                actions=row["actions"],
                first_turn_at=row["first_turn_at"],
            )
            for row in rows
        ]

    async def planned(
        self, account_id: str, *, now: datetime, time_zone: str
    ) -> dict[tuple[Kind, date], int]:
        """How many have their turn on each day of a zone."""
        rows = await self._pool.fetch(PLANNED, account_id, now, time_zone)
        return {(Kind(row["kind"]), row["day"]): row["actions"] for row in rows}

    async def turns(self, account_id: str, *, before: datetime) -> Sequence[Ahead]:
        """Those whose turn comes before a moment, in order."""
        rows = await self._pool.fetch(TURNS, account_id, before)
        return [Ahead(row["turn_at"], Kind(row["kind"]), row["needs_lookup"]) for row in rows]


def _waiting(row: Row, ids: SealedIds) -> Waiting:
    return Waiting(
        action=ids.action_of(row),
        place=row["place"],
        held=HoldScope(row["held"]) if row["held"] else None,
        cools_until=row["cools_until"],
        cooling_kind=Kind(row["cooling_kind"]) if row["cooling_kind"] else None,
    )
