"""SQL on whom a reply reaches beside the lead who replied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from servicekit.postgres.pool import Pool

from campaigns.models import ReplyScope

# Campaigns that go on after replies do so whoever replied. Empty spellings are nobody's. Who was
# purged with their campaign has replied all the same.
_IN_SCOPE = """
    WITH replied AS (
        SELECT leads.public_identifier, company_key(leads.company) AS company
          FROM leads WHERE leads.campaign_id = $2 AND leads.id = $3
         UNION ALL
        SELECT purged.public_identifier, purged.company
          FROM purged_leads AS purged
         WHERE purged.organization_id = $1 AND purged.campaign_id = $2 AND purged.lead_id = $3
    )
    SELECT leads.id, leads.campaign_id, leads.started_at IS NOT NULL AS begun,
           leads.public_identifier = replied.public_identifier AS same_person
      FROM replied, leads JOIN campaigns ON campaigns.id = leads.campaign_id
     WHERE campaigns.organization_id = $1 AND leads.state IN ('ready', 'running')
       AND leads.id <> $3
       AND NOT (campaigns.settings ->> 'continue_after_reply')::boolean
       AND (leads.public_identifier = replied.public_identifier
            OR ($4 AND replied.company <> '' AND leads.company <> ''
                AND company_key(leads.company) = replied.company))
     ORDER BY leads.id
     LIMIT $5
"""
# Who has not begun ends here; who has, ends by their workflow.
_END_WAITING = """
    UPDATE leads SET state = 'stopped', reason = $2, ended_at = $3
     WHERE id = ANY($1) AND state IN ('ready', 'running') AND started_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class LeadInScope:
    """A lead that somebody else's reply ends, or the same person's elsewhere."""

    campaign_id: str
    lead_id: str
    begun: bool
    same_person: bool

    @property
    def reason(self) -> str:
        """Why it ends, as customers read it."""
        return "REPLIED_ELSEWHERE" if self.same_person else "COLLEAGUE_REPLIED"


class ReplyScopeRepository:
    """Looks across the campaigns of one organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def leads_in_scope(
        self, organization_id: str, campaign_id: str, lead_id: str, scope: ReplyScope, *, limit: int
    ) -> Sequence[LeadInScope]:
        """The other leads that a reply of this one ends, and that have not ended yet."""
        match scope:
            case ReplyScope.CAMPAIGN:
                return []
            case ReplyScope.ORGANIZATION:
                colleagues = False
            case ReplyScope.COMPANY:
                colleagues = True
            case _:
                assert_never(scope)
        rows = await self._pool.fetch(
            _IN_SCOPE, organization_id, campaign_id, lead_id, colleagues, limit
        )
        return [
            LeadInScope(
                campaign_id=row["campaign_id"],
                lead_id=row["id"],
                begun=row["begun"],
                same_person=row["same_person"],
            )
            for row in rows
        ]

    async def end_waiting(self, lead_ids: Sequence[str], *, reason: str, now: datetime) -> None:
        """End those of these leads that have not begun."""
        await self._pool.execute(_END_WAITING, list(lead_ids), reason, now)
