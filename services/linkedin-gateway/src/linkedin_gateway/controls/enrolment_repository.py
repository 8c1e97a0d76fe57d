"""SQL on which leads act on whom. The ledger enrols; here it ends, told or found out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead

END = """
UPDATE enrolments SET ended_at = $4
 WHERE organization_id = $1 AND campaign_id = $2 AND lead_id = $3 AND ended_at IS NULL
RETURNING person_id
"""
# A process that dies in between leaves them due again soon.
TAKE_DUE = """
UPDATE enrolments SET checked_at = $2
  FROM (SELECT organization_id, campaign_id, lead_id
          FROM enrolments
         WHERE ended_at IS NULL AND coalesce(checked_at, enrolled_at) <= $1
         ORDER BY coalesce(checked_at, enrolled_at)
         LIMIT $3
           FOR UPDATE SKIP LOCKED) due
 WHERE enrolments.organization_id = due.organization_id
   AND enrolments.campaign_id = due.campaign_id AND enrolments.lead_id = due.lead_id
RETURNING enrolments.organization_id, enrolments.campaign_id, enrolments.lead_id
"""
CHECKED = """
UPDATE enrolments SET checked_at = $4
  FROM unnest($2::text[], $3::text[]) AS checked (campaign_id, lead_id)
 WHERE enrolments.organization_id = $1
   AND enrolments.campaign_id = checked.campaign_id AND enrolments.lead_id = checked.lead_id
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

    async def take_due(
        self, *, before: datetime, due_again_at: datetime, limit: int
    ) -> Mapping[str, Collection[Lead]]:
        """Enrolments last checked before a moment, by organization, for this process alone."""
        due: dict[str, list[Lead]] = {}
        for row in await self._pool.fetch(TAKE_DUE, before, due_again_at, limit):
            lead = Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"])
            due.setdefault(row["organization_id"], []).append(lead)
        return due

    async def checked(
        self, organization_id: str, leads: Collection[Lead], *, now: datetime
    ) -> None:
        """These go on acting on their people."""
        campaign_ids = [lead.campaign_id for lead in leads]
        lead_ids = [lead.lead_id for lead in leads]
        await self._pool.execute(CHECKED, organization_id, campaign_ids, lead_ids, now)
