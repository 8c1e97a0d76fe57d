"""SQL on single leads that somebody takes out of a campaign."""

from __future__ import annotations

from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.request_ids.table import GONE

from campaigns.errors import LeadContacted, LeadInSequence
from campaigns.models import LeadState
from campaigns.repositories.sender_repository import CONTACT
from campaigns.senders.replacement import Contact
from campaigns.sequences.kinds.registry import CONTACTS

# Nothing was done for it; a workflow that was started for it finds the row so, and ends.
_STOP_UNBEGUN = """
    UPDATE leads SET state = 'stopped', reason = $3, ended_at = $4
     WHERE campaign_id = $1 AND id = $2
       AND (state = 'ready' OR state = 'running' AND started_at IS NULL)
 RETURNING true
"""
_LOCK = f"""
    SELECT state, {CONTACT.format(kinds="$3")} AS contact
      FROM leads WHERE campaign_id = $1 AND id = $2 FOR UPDATE
"""
_FORGET = (
    "DELETE FROM heard_messages WHERE lead_id = $1",
    f"UPDATE request_answers SET {GONE} WHERE subject = $1 AND answer IS NOT NULL",
    "DELETE FROM step_texts WHERE lead_id = $1",
    "DELETE FROM step_executions WHERE lead_id = $1",
    "DELETE FROM leads WHERE id = $1",
)


class LeadEditRepository:
    """Admission takes the same rows: who was admitted meanwhile is in the sequence."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def stop_unbegun(
        self, campaign_id: str, lead_id: str, *, reason: str, now: datetime
    ) -> bool:
        """End a lead that has not begun; False if it has begun or ended."""
        given = (campaign_id, lead_id, reason, now)
        return bool(await self._pool.fetchval(_STOP_UNBEGUN, *given))

    async def remove(self, campaign_id: str, lead_id: str) -> bool:
        """Forget a lead that nobody has contacted; False if it is not there.

        Raises `LeadInSequence` if it walks, and `LeadContacted` if something was done for it.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK, campaign_id, lead_id, CONTACTS)
            if row is None:
                return False
            if LeadState(row["state"]).walks:
                raise LeadInSequence
            contact = Contact(row["contact"])
            if contact is not Contact.NONE:
                raise LeadContacted(metadata={"contact": contact})
            for statement in _FORGET:
                await connection.execute(statement, lead_id)
            return True
