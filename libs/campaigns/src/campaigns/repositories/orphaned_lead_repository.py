"""SQL on leads whose workflow is gone: how they end, and which of them customers have not heard of.

Nobody but the row remembers such a lead. What its workflow had still to tell went with it, so it
stands here from the statement that ends it until everything that its rows say is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

from campaigns.models import LeadState
from campaigns.repositories.admission_repository import TAKE_WAKE_FLAG

# The first end counts; who has ended otherwise stays so, and is told by whoever ended them.
_END = """
    WITH ended AS (
        UPDATE leads SET state = $3, reason = $4, ended_at = $5
         WHERE campaign_id = $1 AND id = $2 AND state IN ('ready', 'running')
     RETURNING organization_id, campaign_id, id
    ), skipped AS (
        UPDATE step_executions SET state = 'skipped', reason = $4, ended_at = $5
          FROM ended WHERE lead_id = ended.id AND step_executions.state = 'waiting'
    )
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $5::timestamptz FROM ended
        ON CONFLICT DO NOTHING
 RETURNING true
"""
_NOTE = """
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $3::timestamptz FROM leads
     WHERE campaign_id = $1 AND id = $2 AND state NOT IN ('ready', 'running')
        ON CONFLICT DO NOTHING
"""
_UNTOLD = """
    SELECT orphaned_leads.campaign_id, lead_id, accepted_at
      FROM orphaned_leads JOIN leads ON leads.id = lead_id
     WHERE told_at IS NULL AND (orphaned_leads.campaign_id, lead_id) > ($1, $2)
     ORDER BY orphaned_leads.campaign_id, lead_id LIMIT $3
"""
_TOLD = "UPDATE orphaned_leads SET told_at = $2 WHERE lead_id = $1"


@dataclass(frozen=True, kw_only=True)
class OrphanedLead:
    """A lead that has ended without its workflow, and when its invitation was accepted."""

    campaign_id: str
    lead_id: str
    accepted_at: datetime | None


class OrphanedLeadRepository:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def end(
        self, campaign_id: str, lead_id: str, *, state: LeadState, reason: str, now: datetime
    ) -> bool:
        """End a lead, and the step that it waited for; False if it had ended already."""
        given = (campaign_id, lead_id, state, reason, now)
        return bool(await self._pool.fetchval(_END, *given))

    async def takes_wake_flag(self, campaign_id: str) -> bool:
        """True if the campaign waits for room and there is some: the caller wakes it."""
        return bool(await self._pool.fetchval(TAKE_WAKE_FLAG, campaign_id))

    async def note(self, campaign_id: str, lead_id: str, *, now: datetime) -> None:
        """A lead that has ended lost its workflow before that had told everything."""
        await self._pool.execute(_NOTE, campaign_id, lead_id, now)

    async def untold(self, *, after: tuple[str, str] = ("", ""), limit: int) -> list[OrphanedLead]:
        """A page of those of whom customers have not heard everything, by campaign and lead."""
        rows = await self._pool.fetch(_UNTOLD, *after, limit)
        return [OrphanedLead(**row) for row in rows]

    async def told(self, lead_id: str, *, now: datetime) -> None:
        """Everything of it is out."""
        await self._pool.execute(_TOLD, lead_id, now)
