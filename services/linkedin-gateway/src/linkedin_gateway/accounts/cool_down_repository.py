"""SQL on cool-downs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.models import Account, Kind
from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead

# One that is open is not prolonged by what was on its way when it opened; one that follows
# another within a week is twice as long.
OPEN = Statement("""
WITH before AS (SELECT until FROM cool_downs WHERE account_id = :account_id AND kind = :kind)
INSERT INTO cool_downs AS c (organization_id, account_id, kind, level, cause, opened_at, until)
VALUES (:organization_id, :account_id, :kind, 0, :cause, :now,
        :now::timestamptz + least(:base::interval, :longest::interval) * :stretch::float8)
ON CONFLICT (account_id, kind) DO UPDATE
   SET level = CASE WHEN c.until > :now THEN c.level
                    WHEN c.until > :now::timestamptz - interval '7 days' THEN c.level + 1
                    ELSE 0 END,
       cause = :cause,
       opened_at = CASE WHEN c.until > :now THEN c.opened_at ELSE :now END,
       until = CASE WHEN c.until > :now THEN greatest(c.until, :at_least_until::timestamptz)
                    WHEN c.until > :now::timestamptz - interval '7 days'
                    THEN :now::timestamptz
                         + least(:base::interval * power(2, least(c.level + 1, 20)),
                                 :longest::interval)
                           * :stretch::float8
                    ELSE :now::timestamptz
                         + least(:base::interval, :longest::interval) * :stretch::float8 END
RETURNING until, level, until IS DISTINCT FROM (SELECT until FROM before) AS changed
""")
OPEN_PUBLISHED = "UPDATE cool_downs SET open_published = true WHERE account_id = $1 AND kind = $2"
# Whoever marks one that is over publishes it.
OVER = """
UPDATE cool_downs c SET open_published = false
  FROM accounts a
 WHERE c.open_published AND c.until <= $1 AND a.account_id = c.account_id
RETURNING a.organization_id, c.account_id, c.kind, c.until
"""
END = """
UPDATE cool_downs SET until = $3, open_published = false
 WHERE account_id = $1 AND kind = $2 AND until > $3
RETURNING true
"""
COOL_DOWN_COLUMNS = "account_id, kind, level, cause, opened_at, until"
IN_FORCE = "SELECT kind, count(*) AS cool_downs FROM cool_downs WHERE until > $1 GROUP BY kind"
FREED = """
SELECT campaign_id, lead_id
  FROM actions
 WHERE account_id = $1 AND kind = $2 AND state = 'queued' AND reason = 'COOLING_DOWN'
 GROUP BY campaign_id, lead_id
 ORDER BY min(priority), min(virtual_finish)
 LIMIT $3
"""


@dataclass(frozen=True, kw_only=True)
class CoolDown:
    """LinkedIn's request to slow down, as we keep it."""

    account_id: str
    kind: Kind
    level: int
    cause: str
    opened_at: datetime
    until: datetime


class CoolDownRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(
        self,
        account: Account,
        kind: Kind,
        *,
        cause: str,
        base: timedelta,
        longest: timedelta,
        stretch: float,
        at_least_until: datetime,
        now: datetime,
    ) -> tuple[datetime, int, bool]:
        """Open a cool-down; returns until when, its level, and whether that is new or later."""
        account_id = account.account_id
        async with self._pool.acquire() as connection, connection.transaction():
            values = OPEN.given(
                organization_id=account.organization_id,
                account_id=account_id,
                kind=kind.value,
                cause=cause,
                now=now,
                base=base,
                longest=longest,
                stretch=stretch,
                at_least_until=at_least_until,
            )
            row = await connection.fetchrow(OPEN.sql, *values)
            if row is None:
                raise AssertionError("an upsert returns its row")
            if row["changed"]:
                about = About(
                    organization_id=account.organization_id, account_id=account_id, at=now
                )
                opened = linkedin_events.account_cooling_down(
                    about, kind=kind.value, cause=cause, until=row["until"]
                )
                await outbox_repository.append(connection, [opened], now=now)
                await connection.execute(OPEN_PUBLISHED, account_id, kind.value)
        return row["until"], row["level"], row["changed"]

    async def end(self, account: Account, kind: Kind, *, now: datetime) -> bool:
        """End one before its time; whether it was in force. Those who waited are woken."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(END, account.account_id, kind.value, now):
                return False
            about = About(
                organization_id=account.organization_id, account_id=account.account_id, at=now
            )
            rows = await connection.fetch(FREED, account.account_id, kind.value, WOKEN_AT_ONCE)
            leads = [Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows]
            ended = [
                linkedin_events.account_cooled_down(about, kind=kind.value),
                *linkedin_events.actions_freed(
                    about, cause=f"{kind.value} cool-down ended", leads=leads
                ),
            ]
            await outbox_repository.append(connection, ended, now=now)
            return True

    async def publish_over(self, *, now: datetime) -> int:
        """Publish those that are over; how many there were."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(OVER, now)
            ended = [
                linkedin_events.account_cooled_down(
                    About(
                        organization_id=row["organization_id"],
                        account_id=row["account_id"],
                        at=row["until"],
                    ),
                    kind=row["kind"],
                )
                for row in rows
            ]
            await outbox_repository.append(connection, ended, now=now)
        return len(rows)

    async def in_force(self, *, now: datetime) -> dict[Kind, int]:
        """How many are in force, by kind."""
        rows = await self._pool.fetch(IN_FORCE, now)
        counts = {row["kind"]: row["cool_downs"] for row in rows}
        return {kind: counts.get(kind.value, 0) for kind in Kind}


def cool_down_of(row: Row) -> CoolDown:
    """A cool-down from its row."""
    return CoolDown(
        account_id=row["account_id"],
        kind=Kind(row["kind"]),
        level=row["level"],
        cause=row["cause"],
        opened_at=row["opened_at"],
        until=row["until"],
    )
