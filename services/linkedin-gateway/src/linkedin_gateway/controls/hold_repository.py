"""SQL on holds. No decision overlooks one that was put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.tables import total

from linkedin_gateway.models import Hold, HoldChange, HoldScope
from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.stops import stopping

PUT = """
INSERT INTO holds AS h (scope, subject_id, organization_id, reason, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (scope, subject_id) DO UPDATE SET organization_id = excluded.organization_id
RETURNING scope, subject_id, reason, created_at
"""
LIFT = "DELETE FROM holds WHERE scope = $1 AND subject_id = $2 RETURNING organization_id"
AUDIT = """
INSERT INTO hold_audit (scope, subject_id, organization_id, deed, reason, caller, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_NOBODYS = "SELECT nullif($1, $1)"
# The organization whose each is, as far as the gateway can know by itself.
OWNER: Mapping[HoldScope, str] = total(
    HoldScope,
    {
        HoldScope.CAMPAIGN: """
SELECT organization_id FROM actions WHERE campaign_id = $1 AND organization_id <> '' LIMIT 1
""",
        HoldScope.ACCOUNT: "SELECT organization_id FROM accounts WHERE account_id = $1",
        HoldScope.ORGANIZATION: """
SELECT organization_id FROM accounts WHERE organization_id = $1 LIMIT 1
""",
        HoldScope.KIND: _NOBODYS,
        HoldScope.EVERYTHING: _NOBODYS,
    },
)
# What is of one organization ($4); of all of them when it is empty.
_OF_ORGANIZATION = "($4 = '' OR organization_id = $4)"
LIST = f"""
SELECT scope, subject_id, reason, created_at
  FROM holds
 WHERE ($1::timestamptz IS NULL OR (created_at, scope || '/' || subject_id) > ($1, $2))
   AND {_OF_ORGANIZATION}
 ORDER BY created_at, scope || '/' || subject_id
 LIMIT $3
"""
CHANGES = f"""
SELECT id, scope, subject_id, deed, reason, caller, at
  FROM hold_audit
 WHERE ($1::timestamptz IS NULL OR (at, id) < ($1, $2)) AND {_OF_ORGANIZATION}
 ORDER BY at DESC, id DESC
 LIMIT $3
"""
COUNT = "SELECT count(*) FROM holds"
# Those who wait for its end, of each account the best-ranked ($3).
HELD = """
WITH held AS (
SELECT organization_id, account_id, campaign_id, lead_id,
       row_number() OVER (
           PARTITION BY account_id ORDER BY min(priority), min(virtual_finish)
       ) AS place
  FROM actions
 WHERE state = 'queued' AND reason = 'HELD'
   AND CASE $1::text WHEN 'campaign' THEN campaign_id = $2
                     WHEN 'account' THEN account_id = $2
                     WHEN 'organization' THEN organization_id = $2
                     WHEN 'kind' THEN kind = $2
                     WHEN 'everything' THEN true END
 GROUP BY organization_id, account_id, campaign_id, lead_id
)
SELECT organization_id, account_id, campaign_id, lead_id
  FROM held
 WHERE place <= $3
 ORDER BY organization_id, account_id, place
"""
# A campaign that was held takes its place again at the end of those it left, not before
# everybody who went on meanwhile. Rows are locked in the order in which batches write theirs.
REJOIN = """
WITH served AS (
    SELECT account_id, priority, max(virtual_finish) AS virtual_finish
      FROM actions
     WHERE sent_at IS NOT NULL AND account_id IN (
           SELECT DISTINCT account_id FROM actions WHERE campaign_id = $1 AND state = 'queued')
     GROUP BY account_id, priority
), locked AS (
    SELECT action_id, account_id, priority, virtual_finish
      FROM actions
     WHERE campaign_id = $1 AND state = 'queued'
     ORDER BY action_id
       FOR UPDATE
), held AS (
    SELECT account_id, priority, min(virtual_finish) AS virtual_finish
      FROM locked
     GROUP BY account_id, priority
)
UPDATE actions a
   SET virtual_finish = a.virtual_finish + (served.virtual_finish - held.virtual_finish)
  FROM locked JOIN held USING (account_id, priority) JOIN served USING (account_id, priority)
 WHERE a.action_id = locked.action_id AND a.state = 'queued'
   AND held.virtual_finish < served.virtual_finish
"""


class HoldRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(
        self,
        scope: HoldScope,
        subject_id: str,
        *,
        owner: str,
        reason: str,
        caller: str,
        now: datetime,
    ) -> Hold:
        """Put a hold; no decision made after this returns overlooks it.

        Raises `StopNotInForce` if that is not so within two seconds.
        """
        async with stopping(self._pool) as connection:
            row = await connection.fetchrow(PUT, scope.value, subject_id, owner, reason, now)
            await connection.execute(
                AUDIT, scope.value, subject_id, owner, "put", reason, caller, now
            )
        if row is None:
            raise AssertionError("an upsert returns its row")
        return _hold(row)

    async def owner(self, scope: HoldScope, subject_id: str) -> str | None:
        """The organization whose subject it is; None if nothing is known of it here."""
        owner: str | None = await self._pool.fetchval(OWNER[scope], subject_id)
        return owner

    async def lift(self, scope: HoldScope, subject_id: str, *, caller: str, now: datetime) -> bool:
        """Lift a hold and publish whose actions need to wait no longer."""
        async with self._pool.acquire() as connection, connection.transaction():
            owner = await connection.fetchval(LIFT, scope.value, subject_id)
            if owner is None:
                return False
            await connection.execute(
                AUDIT, scope.value, subject_id, owner, "lifted", "", caller, now
            )
            if scope is HoldScope.CAMPAIGN:
                await connection.execute(REJOIN, subject_id)
            await self._wake(connection, scope, subject_id, now=now)
            return True

    async def _wake(
        self, connection: Connection, scope: HoldScope, subject_id: str, *, now: datetime
    ) -> None:
        held: dict[tuple[str, str], list[Lead]] = {}
        for row in await connection.fetch(HELD, scope.value, subject_id, WOKEN_AT_ONCE):
            lead = Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"])
            held.setdefault((row["organization_id"], row["account_id"]), []).append(lead)
        for (organization_id, account_id), leads in held.items():
            about = About(organization_id=organization_id, account_id=account_id, at=now)
            cause = f"{scope.value} hold lifted"
            freed = linkedin_events.actions_freed(about, cause=cause, leads=leads)
            await outbox_repository.append(connection, freed, now=now)

    async def list(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Hold]:
        at, key = after or (None, "")
        rows = await self._pool.fetch(LIST, at, key, limit, organization_id)
        return [_hold(row) for row in rows]

    async def changes(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[HoldChange]:
        """Who put and lifted what, newest first."""
        at, number = after or (None, "0")
        last = int(number) if number.isdecimal() else 0
        rows = await self._pool.fetch(CHANGES, at, last, limit, organization_id)
        return [_change(row) for row in rows]

    async def count(self) -> int:
        count: int = await self._pool.fetchval(COUNT)
        return count


def _hold(row: Row) -> Hold:
    return Hold(
        scope=HoldScope(row["scope"]),
        subject_id=row["subject_id"],
        reason=row["reason"],
        created_at=row["created_at"],
    )


def _change(row: Row) -> HoldChange:
    return HoldChange(
        number=row["id"],
        scope=HoldScope(row["scope"]),
        subject_id=row["subject_id"],
        lifted=row["deed"] == "lifted",
        reason=row["reason"],
        caller=row["caller"],
        at=row["at"],
    )
