"""SQL on deliveries and their attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.models import Attempt, Delivery, DeliveryState, Dispatch
from webhook_dispatcher.paging import Page, Paging, Position

DETAILS = """
    SELECT event_id, event_type, endpoint_id, state, payload, url, secret, attempts,
           deliveries.created_at,
           deleted_at IS NULL AND disabled_at IS NULL AS listens
      FROM deliveries
      JOIN events USING (organization_id, event_id)
      JOIN endpoints USING (organization_id, endpoint_id)
     WHERE delivery_id = $1
"""
_ATTEMPT: Columns[Attempt] = Columns(
    column("attempted_at", "timestamptz"),
    column("latency", "interval"),
    column("status_code", "integer"),
    column("error"),
)
"""Of an attempt; its number is what the delivery has counted."""

# Every attempt is kept; only a pending delivery moves.
RECORD = Statement(f"""
    WITH delivery AS (
        UPDATE deliveries
           SET attempts = attempts + 1,
               state = CASE WHEN state = 'pending' THEN :state ELSE state END,
               ended_at = CASE WHEN state = 'pending' AND :state <> 'pending' THEN :now
                               ELSE ended_at END
         WHERE delivery_id = :delivery_id
     RETURNING organization_id, delivery_id, attempts, state
    ), attempt AS (
        INSERT INTO attempts (organization_id, delivery_id, number, {_ATTEMPT})
        SELECT organization_id, delivery_id, attempts, {_ATTEMPT.parameters()} FROM delivery
    )
    SELECT state FROM delivery
""")
END = """
    UPDATE deliveries
       SET state = $2, ended_at = $3
     WHERE delivery_id = $1 AND state = 'pending'
 RETURNING state
"""
WORKFLOWS_STARTED = "UPDATE deliveries SET workflow_started_at = $2 WHERE delivery_id = ANY ($1)"
# They have no workflow, and no process is trying them: they were tried, or are too old.
ORPHANED = """
    SELECT delivery_id, event_id, endpoint_id, created_at
      FROM deliveries
     WHERE state = 'pending' AND workflow_started_at IS NULL
       AND (attempts > 0 OR created_at < $1) AND delivery_id > $2
     ORDER BY delivery_id
     LIMIT $3
"""
LIST = """
    SELECT delivery_id, event_id, event_type, endpoint_id, state, attempts, created_at, ended_at
      FROM deliveries
     WHERE organization_id = $1
       AND ($2 = '' OR endpoint_id = $2)
       AND ($3 = '' OR event_id = $3)
       AND ($4 = '' OR state = $4)
       AND ($5::timestamptz IS NULL OR (created_at, delivery_id) < ($5, $6))
     ORDER BY created_at DESC, delivery_id DESC
     LIMIT $7
"""
ATTEMPTS = f"""
    SELECT number, {_ATTEMPT}
      FROM deliveries LEFT JOIN attempts USING (organization_id, delivery_id)
     WHERE organization_id = $1 AND delivery_id = $2
     ORDER BY number
"""


@dataclass(frozen=True, kw_only=True)
class DeliveryDetails:
    """What one attempt needs."""

    event_id: str
    event_type: str
    endpoint_id: str
    state: DeliveryState
    payload: str
    url: str
    secret: bytes | None
    listens: bool
    attempts: int
    """How many have been made."""
    created_at: datetime


class DeliveryRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def details(self, delivery_id: str) -> DeliveryDetails:
        """What the next attempt needs; raises `DeliveryNotFound`."""
        row = await self._pool.fetchrow(DETAILS, delivery_id)
        if row is None:
            raise DeliveryNotFound
        fields = dict(row)
        return DeliveryDetails(**{**fields, "state": DeliveryState(fields["state"])})

    async def record(
        self, delivery_id: str, attempt: Attempt, *, state: DeliveryState, now: datetime
    ) -> DeliveryState:
        """Keep an attempt and where it leaves the delivery; returns where that is."""
        value = await self._pool.fetchval(
            RECORD.sql,
            *RECORD.given(
                delivery_id=delivery_id, state=state, now=now, **_ATTEMPT.values(attempt)
            ),
        )
        return DeliveryState(value)

    async def end(self, delivery_id: str, state: DeliveryState, *, now: datetime) -> bool:
        """End a pending delivery; returns whether it was pending."""
        return await self._pool.fetchval(END, delivery_id, state, now) is not None

    async def workflows_started(self, delivery_ids: Sequence[str], *, now: datetime) -> None:
        """Workflows have them from here on."""
        await self._pool.execute(WORKFLOWS_STARTED, list(delivery_ids), now)

    async def orphaned(self, *, before: datetime, after: str, limit: int) -> Sequence[Dispatch]:
        """Pending deliveries, by id, that were tried or made `before` and have no workflow.

        `after` is the last one of the page before.
        """
        rows = await self._pool.fetch(ORPHANED, before, after, limit)
        return [
            Dispatch(row["delivery_id"], row["event_id"], row["endpoint_id"], row["created_at"])
            for row in rows
        ]

    async def list(
        self,
        organization_id: str,
        paging: Paging,
        *,
        endpoint_id: str = "",
        event_id: str = "",
        state: DeliveryState | None = None,
    ) -> Page[Delivery]:
        """Newest first; an empty filter lets everything through."""
        after = paging.after
        rows = await self._pool.fetch(
            LIST,
            organization_id,
            endpoint_id,
            event_id,
            state or "",
            after.at if after else None,
            after.id if after else None,
            paging.size + 1,
        )
        deliveries = [_delivery(row) for row in rows[: paging.size]]
        if len(rows) <= paging.size:
            return Page(deliveries)
        return Page(deliveries, Position(deliveries[-1].created_at, deliveries[-1].id))

    async def attempts(self, organization_id: str, delivery_id: str) -> Sequence[Attempt]:
        """Oldest first; raises `DeliveryNotFound`."""
        rows = await self._pool.fetch(ATTEMPTS, organization_id, delivery_id)
        if not rows:
            raise DeliveryNotFound
        return [Attempt(**dict(row)) for row in rows if row["number"] is not None]


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        id=row["delivery_id"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        endpoint_id=row["endpoint_id"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )
