"""What an endpoint has not been sent: any number of deliveries, looked through some at a time."""

from datetime import datetime

from servicekit.postgres.pool import Pool

SOME = 1000
"""Deliveries that one statement looks at, at most."""

# By their ids, so that each is looked at once, whatever becomes of it meanwhile.
_PIECE = """
    SELECT delivery_id, organization_id, event_id, ended_at FROM deliveries
     WHERE organization_id = $1 AND endpoint_id = $2 AND delivery_id > $3 AND {state}
     ORDER BY delivery_id LIMIT {most}
"""
_WAITS = _PIECE.format(state="state = 'pending'", most="$4")
_IN_STATE = _PIECE.format(state="state = $5 AND state IN ('pending', 'lapsed')", most="$6")
HASTEN = f"""
    WITH piece AS ({_WAITS}
    ), hastened AS (
        UPDATE deliveries SET turn_at = clock_timestamp()
          FROM piece
         WHERE deliveries.delivery_id = piece.delivery_id
           AND state = 'pending' AND turn_at IS NOT NULL
    )
    SELECT max(delivery_id) FROM piece
"""
MISSED = f"""
    WITH piece AS ({_IN_STATE})
    SELECT max(delivery_id) AS last,
           min(published_at) FILTER (WHERE ended_at IS NULL OR ended_at >= $4) AS since
      FROM piece JOIN events USING (organization_id, event_id)
"""


class BacklogRepository:
    """Pending deliveries of an endpoint, and those that were given up."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def hasten(self, organization_id: str, endpoint_id: str) -> None:
        """Have whoever has a turn ask now, for another one if there is no room."""
        last: str | None = ""
        while last is not None:
            last = await self._pool.fetchval(HASTEN, organization_id, endpoint_id, last, SOME)

    async def oldest(
        self, organization_id: str, endpoint_id: str, *, given_up_since: datetime
    ) -> datetime | None:
        """When the oldest event was published that waits, or was given up since then; None if none.

        Those that wait first: what is given up meanwhile has been looked at.
        """
        found = [
            await self._oldest(organization_id, endpoint_id, given_up_since, state)
            for state in ("pending", "lapsed")
        ]
        return min(filter(None, found), default=None)

    async def _oldest(
        self, organization_id: str, endpoint_id: str, given_up_since: datetime, state: str
    ) -> datetime | None:
        oldest: datetime | None = None
        last = ""
        while True:
            piece = organization_id, endpoint_id, last, given_up_since, state, SOME
            row = await self._pool.fetchrow(MISSED, *piece)
            if row is None or row["last"] is None:
                return oldest
            last = row["last"]
            oldest = min(filter(None, (oldest, row["since"])), default=None)
