"""SQL on cool-downs."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicekit.postgres import Pool

from linkedin_gateway.kinds import Kind

# One that is open is not prolonged by what was on its way when it opened; one that follows
# another within a week is twice as long.
OPEN = """
INSERT INTO cool_downs AS c (account_id, kind, level, cause, opened_at, until)
VALUES ($1, $2, 0, $3, $4, $4::timestamptz + least($5::interval, $6::interval) * $7::float8)
ON CONFLICT (account_id, kind) DO UPDATE
   SET level = CASE WHEN c.until > $4 THEN c.level
                    WHEN c.until > $4::timestamptz - interval '7 days' THEN c.level + 1
                    ELSE 0 END,
       cause = $3,
       opened_at = CASE WHEN c.until > $4 THEN c.opened_at ELSE $4 END,
       until = CASE WHEN c.until > $4 THEN greatest(c.until, $8::timestamptz)
                    WHEN c.until > $4::timestamptz - interval '7 days'
                    THEN $4::timestamptz
                         + least($5::interval * power(2, least(c.level + 1, 20)), $6::interval)
                           * $7::float8
                    ELSE $4::timestamptz + least($5::interval, $6::interval) * $7::float8 END
RETURNING until, level, opened_at = $4 AS opened
"""


class CoolDownRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(
        self,
        account_id: str,
        kind: Kind,
        *,
        cause: str,
        base: timedelta,
        longest: timedelta,
        stretch: float,
        at_least_until: datetime,
        now: datetime,
    ) -> tuple[datetime, int, bool]:
        """Open a cool-down; returns until when, its level, and whether it is new."""
        row = await self._pool.fetchrow(
            OPEN, account_id, kind.value, cause, now, base, longest, stretch, at_least_until
        )
        if row is None:
            raise LookupError("an upsert returns its row")
        return row["until"], row["level"], row["opened"]
