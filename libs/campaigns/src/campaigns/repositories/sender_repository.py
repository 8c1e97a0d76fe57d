"""SQL on which account sends to which lead."""

from __future__ import annotations

from servicekit.postgres.pool import Pool

from campaigns.models import Lead
from campaigns.repositories.admission_repository import LOADS
from campaigns.repositories.lead_rows import LEAD_COLUMNS, lead_from_row
from campaigns.sequences.kinds.registry import CONTACTS

# Contact is whatever an account did.
_REASSIGN = f"""
    UPDATE leads SET account_id = $3, reassigned_from = $2, reassigned_action_id = $4
     WHERE id = $1 AND account_id = $2 AND state = 'running'
       AND NOT EXISTS (SELECT FROM step_executions
                        WHERE lead_id = $1 AND state IN ('done', 'failed')
                          AND kind = ANY($5))
 RETURNING {LEAD_COLUMNS}
"""
_UNDO = """
    UPDATE leads SET account_id = reassigned_from, reassigned_from = '', reassigned_action_id = ''
     WHERE id = $1 AND reassigned_action_id = $2
"""


class SenderRepository:
    """A lead keeps the account that has contacted it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def loads(self, campaign_id: str) -> dict[str, int]:
        """How many leads each account has in the sequence."""
        rows = await self._pool.fetch(LOADS, campaign_id)
        return {row["account_id"]: row["leads"] for row in rows}

    async def reassign(
        self, lead_id: str, *, from_account: str, to_account: str, action_id: str
    ) -> Lead | None:
        """Give a lead that nobody has contacted to another account, instead of this action.

        None if it has been contacted, has ended, or another account has it by now.
        """
        row = await self._pool.fetchrow(
            _REASSIGN, lead_id, from_account, to_account, action_id, CONTACTS
        )
        return None if row is None else lead_from_row(row)

    async def undo_reassignment(self, lead_id: str, *, action_id: str) -> None:
        """It was too late: the account that it had has contacted the lead."""
        await self._pool.execute(_UNDO, lead_id, action_id)
