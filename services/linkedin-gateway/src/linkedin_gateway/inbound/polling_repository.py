"""SQL on which accounts are to be polled for acceptances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, account_of

# Only where an invitation is open is there anything to find.
DUE = f"""
SELECT {ACCOUNT_COLUMNS}
  FROM accounts
 WHERE poll_at <= $1 AND state = 'connected'
   AND EXISTS (SELECT 1 FROM actions i JOIN profiles p USING (account_id, person_id)
                WHERE i.account_id = accounts.account_id AND i.kind = 'invitation'
                  AND i.state = 'done' AND p.invited_at IS NOT NULL
                  AND NOT coalesce(p.accepted_at >= p.invited_at, false))
 ORDER BY poll_at
 LIMIT $2
"""
# Whoever takes a poll sets when the next one is due, so that one process makes it.
TAKE = "UPDATE accounts SET poll_at = $3 WHERE account_id = $1 AND poll_at <= $2 RETURNING true"


class PollingRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(self, *, now: datetime, limit: int) -> Sequence[Account]:
        """Connected accounts with open invitations that were not polled for long."""
        return [account_of(row) for row in await self._pool.fetch(DUE, now, limit)]

    async def take(self, account_id: str, *, now: datetime, next_at: datetime) -> bool:
        """Whether this process is the one to poll."""
        return bool(await self._pool.fetchval(TAKE, account_id, now, next_at))
