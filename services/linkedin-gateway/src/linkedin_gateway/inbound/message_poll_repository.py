"""SQL on which accounts are to be polled for messages, and from when on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account
from linkedin_gateway.storage.rows import ACCOUNTS, account_of

DUE = f"""
SELECT {ACCOUNTS.selected("a")}
  FROM accounts a LEFT JOIN message_polls p USING (account_id)
 WHERE a.state = 'connected' AND coalesce(p.next_at <= $1, true)
   AND coalesce(p.leased_until <= $1, true)
 ORDER BY p.next_at NULLS FIRST
 LIMIT $2
"""
# Whoever takes a poll has the account alone until it is released, or the lease is over.
TAKE = """
INSERT INTO message_polls AS p (organization_id, account_id, next_at, leased_until)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id) DO UPDATE SET leased_until = excluded.leased_until
 WHERE p.next_at <= $3 AND coalesce(p.leased_until <= $3, true)
RETURNING read_to
"""
RELEASE = """
UPDATE message_polls
   SET read_to = coalesce($2, read_to), next_at = $3, leased_until = NULL
 WHERE account_id = $1
"""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A poll that is ours to make."""

    read_to: datetime | None
    """Up to when was read before; None if never."""


class MessagePollRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(self, *, now: datetime, limit: int) -> Sequence[Account]:
        """Connected accounts that were not polled for long, and that nobody polls now."""
        return [account_of(row) for row in await self._pool.fetch(DUE, now, limit)]

    async def take(self, account: Account, *, now: datetime, until: datetime) -> Taken | None:
        """The poll, if this process is the one to make it."""
        row = await self._pool.fetchrow(
            TAKE, account.organization_id, account.account_id, now, until
        )
        return Taken(read_to=row["read_to"]) if row else None

    async def release(
        self, account: Account, *, read_to: datetime | None, next_at: datetime
    ) -> None:
        """The poll is over; without `read_to` it has to be made again."""
        await self._pool.execute(RELEASE, account.account_id, read_to, next_at)
