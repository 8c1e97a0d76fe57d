"""SQL on how accounts fare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account
from linkedin_gateway.pace.health_score import IDLE, LOOKS_BACK, Past
from linkedin_gateway.storage.kind_conditions import IS_WRITE
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, account_of

# Whoever takes an account sets when it is due again, so that one process assesses it.
TAKE_DUE = """
UPDATE accounts
   SET health_at = $2
 WHERE account_id IN (SELECT account_id FROM accounts
                       WHERE health_at <= $1 AND state <> 'removed'
                       ORDER BY health_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING account_id
"""
# An invitation counts a week after it was sent, by what is known of the person since.
PAST = """
SELECT (SELECT coalesce(sum(level + 1), 0) FROM cool_downs
         WHERE account_id = $1 AND opened_at > $2) AS refusals,
       (SELECT count(*) FROM account_downs
         WHERE account_id = $1 AND at > $2 AND state <> 'restricted') AS disconnects,
       (SELECT count(*) FROM account_downs
         WHERE account_id = $1 AND at > $2 AND state = 'restricted') AS restrictions,
       count(*) FILTER (WHERE i.sent_at < $3::timestamptz - interval '7 days') AS invitations,
       count(*) FILTER (WHERE i.sent_at < $3::timestamptz - interval '7 days' AND p.connected)
       AS accepted,
       (SELECT count(*) FROM profiles
         WHERE account_id = $1 AND invited_at IS NOT NULL AND NOT connected) AS pending
  FROM every_action i
  LEFT JOIN profiles p USING (account_id, person_id)
 WHERE i.account_id = $1 AND i.kind = 'invitation' AND i.state = 'done'
   AND i.sent_at > $2 AND i.finished_at > $2
"""
# The first write after the last long silence, if there was one.
RESUMED = f"""
SELECT max(sent_at) FROM (
    SELECT sent_at, lag(finished_at) OVER (ORDER BY finished_at) AS before
      FROM every_action
     WHERE account_id = $1 AND sent_at IS NOT NULL AND finished_at IS NOT NULL
       AND {IS_WRITE}) writes
 WHERE sent_at - before > $2::interval
"""
# A long silence that lasts still: what comes next is the first write after it.
LAST_WRITE = f"""
SELECT max(finished_at) FROM every_action
 WHERE account_id = $1 AND sent_at IS NOT NULL AND finished_at IS NOT NULL
   AND {IS_WRITE}
"""
TAKE_CONNECTIONS = f"""
UPDATE accounts
   SET connections_at = $2
 WHERE account_id IN (SELECT account_id FROM accounts
                       WHERE connections_at <= $1 AND state = 'connected' AND provider_id <> ''
                       ORDER BY connections_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING {ACCOUNT_COLUMNS}
"""
# A profile that does not say takes nothing back of what is known.
KEEP_CONNECTIONS = """
UPDATE accounts
   SET connections = coalesce($2, connections), connections_at = $3
 WHERE account_id = $1
"""
KEEP = """
UPDATE accounts SET multiplier = $2, resumed_at = coalesce($3, resumed_at) WHERE account_id = $1
"""


class HealthRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def take_due(self, *, now: datetime, next_at: datetime, limit: int) -> Sequence[str]:
        """Accounts that are to be assessed, by this process alone."""
        return [row["account_id"] for row in await self._pool.fetch(TAKE_DUE, now, next_at, limit)]

    async def past(self, account: Account, *, now: datetime) -> Past:
        """What happened to an account lately."""
        row = await self._pool.fetchrow(PAST, account.account_id, now - LOOKS_BACK, now)
        if row is None:
            raise AssertionError("an aggregate returns its row")
        return Past(
            age=now - account.since if account.since is not None else None,
            refusals=int(row["refusals"]),
            invitations=row["invitations"],
            accepted=row["accepted"],
            pending=row["pending"],
            disconnects=row["disconnects"],
            restrictions=row["restrictions"],
        )

    async def resumed_at(self, account_id: str, *, now: datetime) -> datetime | None:
        """When an account that was idle acted again; now, if it is idle still."""
        last: datetime | None = await self._pool.fetchval(LAST_WRITE, account_id)
        if last is not None and now - last > IDLE:
            return now
        resumed: datetime | None = await self._pool.fetchval(RESUMED, account_id, IDLE)
        return resumed

    async def keep(
        self, account_id: str, *, multiplier: float, resumed_at: datetime | None
    ) -> None:
        """What every decision about the account reads."""
        await self._pool.execute(KEEP, account_id, multiplier, resumed_at)

    async def take_connections(
        self, *, now: datetime, next_at: datetime, limit: int
    ) -> Sequence[Account]:
        """Accounts whose connections are to be counted, by this process alone."""
        rows = await self._pool.fetch(TAKE_CONNECTIONS, now, next_at, limit)
        return [account_of(row) for row in rows]

    async def keep_connections(
        self, account_id: str, connections: int | None, *, next_at: datetime
    ) -> None:
        """How many there are, and when to count again."""
        await self._pool.execute(KEEP_CONNECTIONS, account_id, connections, next_at)
