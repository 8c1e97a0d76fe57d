"""SQL on holds. No decision overlooks one that was put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.tables import total

from linkedin_gateway.controls import rejoining_repository
from linkedin_gateway.models import Hold, HoldChange, HoldScope
from linkedin_gateway.storage.stops import Stops

# One that is being ended is a new one.
PUT = """
INSERT INTO holds AS h (scope, subject_id, organization_id, reason, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id, scope, subject_id)
DO UPDATE SET lifted_at = NULL, rejoins = false,
              reason = CASE WHEN h.lifted_at IS NULL THEN h.reason ELSE excluded.reason END,
              created_at = CASE WHEN h.lifted_at IS NULL THEN h.created_at
                                ELSE excluded.created_at END
RETURNING scope, subject_id, reason, created_at
"""
# What is an organization's ($3), or everybody's; whoever sees all lifts all that are called so.
LIFT = """
DELETE FROM holds
 WHERE scope = $1 AND subject_id = $2 AND ($3::text = '' OR organization_id IN ('', $3))
RETURNING organization_id
"""
# A campaign's ends when all that waits has its place again.
LIFT_CAMPAIGN = """
UPDATE holds SET lifted_at = $3, rejoins = false
 WHERE scope = 'campaign' AND subject_id = $1 AND ($2::text = '' OR organization_id IN ('', $2))
   AND lifted_at IS NULL
RETURNING organization_id
"""
LIFTED = """
SELECT subject_id, organization_id FROM holds
 WHERE scope = 'campaign' AND lifted_at IS NOT NULL
 ORDER BY lifted_at
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
HOLD_COLUMNS = "scope, subject_id, reason, created_at"
HOLD_CHANGE_COLUMNS = "id, scope, subject_id, deed, reason, caller, at"
COUNT = "SELECT count(*) FROM holds WHERE lifted_at IS NULL"


class HoldRepository:
    def __init__(self, pool: Pool, decisions: Pool) -> None:
        self._pool = pool
        self._stops = Stops(pool, decisions)

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
        async with self._stops.writing() as connection:
            row = await connection.fetchrow(PUT, scope.value, subject_id, owner, reason, now)
            await connection.execute(
                AUDIT, scope.value, subject_id, owner, "put", reason, caller, now
            )
        if row is None:
            raise AssertionError("an upsert returns its row")
        return hold_of(row)

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
    ) -> Sequence[str]:
        """Lift a hold and publish whose actions need to wait no longer; returns whose it was.

        With an organization, only if it is that one's. A campaign's ends by `go_on`, and is in
        force until then.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(rejoining_repository.PLANNED)
            if scope is HoldScope.CAMPAIGN:
                rows = await connection.fetch(LIFT_CAMPAIGN, subject_id, organization_id, now)
            else:
                rows = await connection.fetch(LIFT, scope.value, subject_id, organization_id)
            for owner in sorted(row["organization_id"] for row in rows):
                await connection.execute(
                    AUDIT, scope.value, subject_id, owner, "lifted", "", caller, now
                )
                if scope is not HoldScope.CAMPAIGN:
                    await rejoining_repository.wake_held(
                        connection, scope, subject_id, owner=owner, now=now
                    )
        return [row["organization_id"] for row in rows]

    async def lifted(self) -> Sequence[tuple[str, str]]:
        """Campaigns whose hold was lifted and is not over yet, each with the hold's owner."""
        rows = await self._pool.fetch(LIFTED)
        return [(row["subject_id"], row["organization_id"]) for row in rows]

    async def go_on(self, campaign_id: str, *, owner: str, now: datetime) -> bool:
        """A piece of the end of a campaign's hold; true if it was the last one."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(rejoining_repository.PLANNED)
            return await rejoining_repository.go_on(connection, campaign_id, owner=owner, now=now)

    async def count(self) -> int:
        count: int = await self._pool.fetchval(COUNT)
        return count


def hold_of(row: Row) -> Hold:
    """A hold from its row."""
    return Hold(
        scope=HoldScope(row["scope"]),
        subject_id=row["subject_id"],
        reason=row["reason"],
        created_at=row["created_at"],
    )


def change_of(row: Row) -> HoldChange:
    """A change from its row."""
    return HoldChange(
        number=row["id"],
        scope=HoldScope(row["scope"]),
        subject_id=row["subject_id"],
        lifted=row["deed"] == "lifted",
        reason=row["reason"],
        caller=row["caller"],
        at=row["at"],
    )
