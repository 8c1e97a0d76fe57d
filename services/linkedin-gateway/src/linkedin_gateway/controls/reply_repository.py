"""SQL on replies that came by other ways. No decision overlooks one that was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.storage.stops import Stops

# It came to no account.
RECORD = """
INSERT INTO replies (organization_id, campaign_id, lead_id, account_id, replied_at)
SELECT $4, campaign_id, lead_id, '', $3
  FROM unnest($1::text[], $2::text[]) AS left_in_peace (campaign_id, lead_id)
ON CONFLICT (organization_id, campaign_id, lead_id) DO NOTHING
"""
# Of those who answered themselves: the organization remembers their people. Whose actions are in
# the archive is enrolled.
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


@dataclass(frozen=True, kw_only=True)
class RepliedLead:
    """A lead that is to be left in peace."""

    lead: Lead
    by_another: bool = False
    """Somebody else has replied: of the lead's person nothing is known by that."""


class ReplyRepository:
    def __init__(self, pool: Pool, decisions: Pool) -> None:
        self._stops = Stops(pool, decisions)

    async def record(
        self, organization_id: str, leads: Sequence[RepliedLead], *, at: datetime
    ) -> None:
        """Leave these leads in peace; no decision made after this returns overlooks it."""
        async with self._stops.writing() as connection:
            await connection.execute(
                RECORD, *_names(each.lead for each in leads), at, organization_id
            )
            answered = _names(each.lead for each in leads if not each.by_another)
            await connection.execute(REMEMBER, *answered, at, organization_id)


def _names(leads: Iterable[Lead]) -> tuple[list[str], list[str]]:
    """The campaigns and the ids of leads, beside each other."""
    listed = list(leads)
    return [each.campaign_id for each in listed], [each.lead_id for each in listed]
