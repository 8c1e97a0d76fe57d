"""SQL on replies that came by other ways. No decision overlooks one that was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.storage.stops import stopping

# It came to no account.
RECORD = """
INSERT INTO replies (campaign_id, lead_id, account_id, replied_at)
SELECT campaign_id, lead_id, '', $3
  FROM unnest($1::text[], $2::text[]) AS left_in_peace (campaign_id, lead_id)
ON CONFLICT (campaign_id, lead_id) DO NOTHING
"""
# Of the same leads: the organization remembers their people.
REMEMBER = """
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
SELECT DISTINCT a.organization_id, a.person_id, '', $3::timestamptz
  FROM unnest($1::text[], $2::text[]) AS left_in_peace (campaign_id, lead_id)
  JOIN actions a USING (campaign_id, lead_id)
 WHERE a.person_id <> ''
ON CONFLICT DO NOTHING
"""


class ReplyRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(self, leads: Sequence[Lead], *, at: datetime) -> None:
        """Leave these leads in peace; no decision made after this returns overlooks it."""
        async with stopping(self._pool) as connection:
            campaigns = [lead.campaign_id for lead in leads]
            named = [lead.lead_id for lead in leads]
            for statement in (RECORD, REMEMBER):
                await connection.execute(statement, campaigns, named, at)
