"""SQL on replies that came by other ways. No decision overlooks one that was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.storage.stops import stopping

# It came to no account.
RECORD = """
INSERT INTO replies (organization_id, campaign_id, lead_id, account_id, replied_at)
SELECT $4, campaign_id, lead_id, '', $3
  FROM unnest($1::text[], $2::text[]) AS left_in_peace (campaign_id, lead_id)
ON CONFLICT (organization_id, campaign_id, lead_id) DO NOTHING
"""
# Of the same leads: the organization remembers their people. Whose actions are in the archive is
# enrolled.
REMEMBER = """
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
SELECT DISTINCT $4::text, known.person_id, '', $3::timestamptz
  FROM unnest($1::text[], $2::text[]) AS left_in_peace (campaign_id, lead_id)
 CROSS JOIN LATERAL (
       SELECT person_id FROM actions a
        WHERE a.organization_id = $4 AND a.campaign_id = left_in_peace.campaign_id
          AND a.lead_id = left_in_peace.lead_id
        UNION ALL
       SELECT person_id FROM enrolments e
        WHERE e.organization_id = $4 AND e.campaign_id = left_in_peace.campaign_id
          AND e.lead_id = left_in_peace.lead_id
       ) known
 WHERE known.person_id <> ''
ON CONFLICT DO NOTHING
"""


class ReplyRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(self, organization_id: str, leads: Sequence[Lead], *, at: datetime) -> None:
        """Leave these leads in peace; no decision made after this returns overlooks it."""
        async with stopping(self._pool) as connection:
            campaigns = [lead.campaign_id for lead in leads]
            named = [lead.lead_id for lead in leads]
            await connection.execute(RECORD, campaigns, named, at, organization_id)
            await connection.execute(REMEMBER, campaigns, named, at, organization_id)
