"""SQL on which leads act on whom. The ledger enrols; here it ends."""

from __future__ import annotations

from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead

END = """
UPDATE enrolments SET ended_at = $4
 WHERE organization_id = $1 AND campaign_id = $2 AND lead_id = $3 AND ended_at IS NULL
RETURNING person_id
"""
# Who waits for the person.
WAITING = """
SELECT DISTINCT account_id, campaign_id, lead_id
  FROM actions
 WHERE organization_id = $1 AND person_id = $2 AND state = 'queued'
   AND reason = 'PERSON_IN_ANOTHER_CAMPAIGN'
 LIMIT $3
"""


class EnrolmentRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def end(
        self, organization_id: str, campaign_id: str, lead_id: str, *, now: datetime
    ) -> bool:
        """A lead is over, and whoever waits for its person is woken; false if nobody does."""
        async with self._pool.acquire() as connection, connection.transaction():
            person_id = await connection.fetchval(END, organization_id, campaign_id, lead_id, now)
            if person_id is None:
                return False
            rows = await connection.fetch(WAITING, organization_id, person_id, WOKEN_AT_ONCE)
            for row in rows:
                about = About(organization_id=organization_id, account_id=row["account_id"], at=now)
                lead = Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"])
                freed = linkedin_events.actions_freed(
                    about, cause=f"{lead_id} ended, {lead.lead_id}", leads=[lead]
                )
                await outbox_repository.append(connection, freed, now=now)
            return bool(rows)
