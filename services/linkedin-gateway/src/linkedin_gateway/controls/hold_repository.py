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
from linkedin_gateway.storage.hold_scopes import holds_on
from linkedin_gateway.storage.stops import stopping

PUT = """
INSERT INTO holds AS h (scope, subject_id, organization_id, reason, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id, scope, subject_id)
DO UPDATE SET organization_id = excluded.organization_id
RETURNING scope, subject_id, reason, created_at
"""
# What is an organization's ($3), or everybody's; whoever sees all lifts all that are called so.
LIFT = """
DELETE FROM holds
 WHERE scope = $1 AND subject_id = $2 AND ($3::text = '' OR organization_id IN ('', $3))
RETURNING organization_id
"""
AUDIT = """
INSERT INTO hold_audit (scope, subject_id, organization_id, deed, reason, caller, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_NOBODYS = "SELECT nullif($1, $1) WHERE $2::text IS NOT NULL"
# The organization whose each is, as far as the gateway can know by itself: that of whoever asks
# ($2) before another one which calls its own so.
OWNER: Mapping[HoldScope, str] = total(
    HoldScope,
    {
        HoldScope.CAMPAIGN: """
SELECT coalesce(
       (SELECT organization_id FROM actions
         WHERE campaign_id = $1 AND organization_id = $2::text AND $2 <> '' LIMIT 1),
       (SELECT organization_id FROM actions
         WHERE campaign_id = $1 AND organization_id <> '' LIMIT 1))
""",
        HoldScope.ACCOUNT: """
SELECT organization_id FROM accounts WHERE account_id = $1 AND $2::text IS NOT NULL
""",
        HoldScope.ORGANIZATION: """
SELECT organization_id FROM accounts WHERE organization_id = $1 AND $2::text IS NOT NULL LIMIT 1
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
# The queues that a hold of an organization ($2) can be of; all of them where it is nobody's own.
# Each is read by its own index, and filtered afterwards: a campaign's index, walked once for each
# account, took seconds for ten thousand that wait.
_QUEUES = """(SELECT account_id FROM accounts WHERE $2 = '' OR organization_id = $2) a
 CROSS JOIN LATERAL (
       SELECT * FROM actions
        WHERE account_id = a.account_id AND state = 'queued'
        ORDER BY priority, virtual_finish, action_id OFFSET 0
       ) queue"""
# Those who wait for its end ($3 its scope, $1 its subject), of each account the best-ranked ($4).
HELD = f"""
SELECT organization_id, account_id, campaign_id, lead_id
  FROM (SELECT queue.*,
               row_number() OVER (
                   PARTITION BY queue.account_id ORDER BY priority, virtual_finish, action_id
               ) AS place
          FROM {_QUEUES}
         WHERE reason = 'HELD' AND ($3::text, $1::text) IN ({holds_on("queue")})) held
 WHERE place <= $4
 ORDER BY organization_id, account_id, place
"""
# A campaign ($1) that was held takes its place again at the end of those it left, not before
# everybody who went on meanwhile. Rows are locked in the order in which batches write theirs,
# where they move at all: each that does is written to every index of those that wait.
# They are found by arrays: what is joined is joined each with each, where the planner does not
# know yet how many wait.
REJOIN = f"""
WITH held AS MATERIALIZED (
    SELECT queue.action_id, queue.account_id, priority, virtual_finish
      FROM {_QUEUES}
     WHERE campaign_id = $1
), moving AS MATERIALIZED (
    SELECT first.account_id, first.priority, served.virtual_finish - first.virtual_finish AS by
      FROM (SELECT account_id, priority, min(virtual_finish) AS virtual_finish
              FROM held GROUP BY account_id, priority) first
     CROSS JOIN LATERAL (
           SELECT virtual_finish FROM actions
            WHERE account_id = first.account_id AND priority = first.priority
              AND sent_at IS NOT NULL
            ORDER BY virtual_finish DESC LIMIT 1
           ) served
     WHERE first.virtual_finish < served.virtual_finish
), locked AS (
    SELECT action_id FROM actions
     WHERE state = 'queued' AND action_id = ANY(ARRAY(
           SELECT action_id FROM held WHERE (account_id, priority) IN (
                  SELECT account_id, priority FROM moving)))
     ORDER BY action_id
       FOR UPDATE
)
UPDATE actions a
   SET virtual_finish = a.virtual_finish + (
       SELECT by FROM moving WHERE account_id = a.account_id AND priority = a.priority)
 WHERE a.state = 'queued' AND a.action_id = ANY(ARRAY(SELECT action_id FROM locked))
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

    async def owner(self, scope: HoldScope, subject_id: str, *, asking: str) -> str | None:
        """The organization whose subject it is; None if nothing is known of it here.

        `asking` is the organization of whoever asks, empty if they are of none.
        """
        owner: str | None = await self._pool.fetchval(OWNER[scope], subject_id, asking)
        return owner

    async def lift(
        self,
        scope: HoldScope,
        subject_id: str,
        *,
        organization_id: str,
        caller: str,
        now: datetime,
    ) -> bool:
        """Lift a hold and publish whose actions need to wait no longer.

        With an organization, only if it is that one's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            lifted = await connection.fetch(LIFT, scope.value, subject_id, organization_id)
            for owner in sorted(row["organization_id"] for row in lifted):
                await connection.execute(
                    AUDIT, scope.value, subject_id, owner, "lifted", "", caller, now
                )
                if scope is HoldScope.CAMPAIGN:
                    await connection.execute(REJOIN, subject_id, owner)
                await self._wake(connection, scope, subject_id, owner=owner, now=now)
            return bool(lifted)

    async def _wake(
        self,
        connection: Connection,
        scope: HoldScope,
        subject_id: str,
        *,
        owner: str,
        now: datetime,
    ) -> None:
        held: dict[tuple[str, str], dict[Lead, None]] = {}
        for row in await connection.fetch(HELD, subject_id, owner, scope.value, WOKEN_AT_ONCE):
            lead = Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"])
            # Once each, the best-ranked first.
            held.setdefault((row["organization_id"], row["account_id"]), {})[lead] = None
        for (organization_id, account_id), leads in held.items():
            about = About(organization_id=organization_id, account_id=account_id, at=now)
            cause = f"{scope.value} hold lifted"
            freed = linkedin_events.actions_freed(about, cause=cause, leads=list(leads))
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
