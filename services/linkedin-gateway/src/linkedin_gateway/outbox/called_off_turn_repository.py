"""SQL on turns that were called off, and on the leads that could take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead

# Turns to come whose requests were called off in a stretch of time ($1, $2].
CALLED_OFF = """
SELECT account_id, organization_id, count(*) AS turns, min(turn_at) AS first_at
  FROM actions
 WHERE state = 'cancelled' AND finished_at > $1 AND finished_at <= $2
   AND turn_at > $2 AND account_id <> ''
 GROUP BY account_id, organization_id
"""
# The best-ranked whose turn is later than that, for the pace's sake and nothing else's.
BEHIND = """
SELECT campaign_id, lead_id
  FROM actions
 WHERE account_id = $1 AND state = 'queued' AND turn_at > $2
   AND reason IN ('WAITING_FOR_CAP', 'WAITING_FOR_HOURS', 'WAITING_FOR_GAP', 'WAITING_FOR_TURN')
 ORDER BY priority, virtual_finish, action_id
 LIMIT $3
"""


@dataclass(frozen=True, kw_only=True)
class CalledOff:
    """Turns of one account that nobody comes for."""

    account_id: str
    organization_id: str
    turns: int
    first_at: datetime


class CalledOffTurnRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def called_off(self, *, after: datetime, until: datetime) -> Sequence[CalledOff]:
        """The turns whose requests were called off in a stretch of time, by account."""
        rows = await self._pool.fetch(CALLED_OFF, after, until)
        return [CalledOff(**row) for row in rows]

    async def publish(self, called_off: CalledOff, *, at: datetime, now: datetime) -> int:
        """Wake as many leads as there are turns; returns how many.

        Publishing for the same moment again publishes nothing.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            most = min(called_off.turns, WOKEN_AT_ONCE)
            rows = await connection.fetch(BEHIND, called_off.account_id, called_off.first_at, most)
            found = {(row["campaign_id"], row["lead_id"]): None for row in rows}
            leads = [Lead(campaign_id=campaign, lead_id=lead) for campaign, lead in found]
            about = About(
                organization_id=called_off.organization_id, account_id=called_off.account_id, at=at
            )
            freed = linkedin_events.actions_freed(about, cause="turns called off", leads=leads)
            await outbox_repository.append(connection, freed, now=now)
        return len(leads)
