"""SQL on deliveries and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.endpoints.endpoint_repository import DISABLE
from webhook_dispatcher.endpoints.rows import SIGNING_COLUMNS, Signing, signing_of
from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.models import Attempt, Delivery, DeliveryState, DisableReason, Dispatch

DETAILS = f"""
    SELECT organization_id, event_id, event_type, endpoint_id, state, payload, url, attempts,
           earlier_attempts, deliveries.created_at, {SIGNING_COLUMNS},
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
    column("request_headers", "jsonb"),
    column("response_headers", "jsonb"),
    column("response_excerpt"),
)
"""Of an attempt; its number is what the delivery has counted."""

# Every attempt is kept; only a pending delivery moves. Whether it was pending is read under its
# lock, so that of all who end a delivery one alone is told that it did.
RECORD = Statement(f"""
    WITH before AS (
        SELECT delivery_id, state FROM deliveries WHERE delivery_id = :delivery_id FOR UPDATE
    ), delivery AS (
        UPDATE deliveries
           SET attempts = attempts + 1,
               state = CASE WHEN deliveries.state = 'pending' THEN :state
                            ELSE deliveries.state END,
               ended_at = CASE WHEN deliveries.state = 'pending' AND :state <> 'pending' THEN :now
                               ELSE ended_at END
          FROM before
         WHERE deliveries.delivery_id = before.delivery_id
     RETURNING organization_id, deliveries.delivery_id, attempts, deliveries.state,
               before.state <> deliveries.state AS ended
    ), attempt AS (
        INSERT INTO attempts (organization_id, delivery_id, number, {_ATTEMPT})
        SELECT organization_id, delivery_id, attempts, {_ATTEMPT.parameters()} FROM delivery
    )
    SELECT state, ended FROM delivery
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
# Their workflow was seen long ago. Most of them wait; one that was ended at Temporal does not.
UNSEEN = """
    SELECT delivery_id, event_id, endpoint_id, created_at
      FROM deliveries
     WHERE state = 'pending' AND workflow_started_at < $1
     ORDER BY workflow_started_at
     LIMIT $2
"""
DELIVERY_COLUMNS = (
    "delivery_id, event_id, event_type, endpoint_id, campaign_id, lead_id, state, attempts,"
    " created_at, ended_at"
)
ATTEMPT_COLUMNS = f"number, {_ATTEMPT}"


@dataclass(frozen=True, kw_only=True)
class DeliveryDetails:
    """What one attempt needs."""

    event_id: str
    event_type: str
    endpoint_id: str
    state: DeliveryState
    payload: str
    url: str
    signing: Signing | None
    """None if the endpoint was deleted."""
    listens: bool
    attempts: int
    """How many have been made."""
    earlier_attempts: int
    """How many of them before it was sent again."""
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What came of recording an attempt."""

    state: DeliveryState
    ended: bool
    """Whether the record ended the delivery; false of one that had ended by then."""
    dropped: int = 0
    """How many deliveries were dropped with their endpoint, this one among them."""


class DeliveryRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def details(self, delivery_id: str) -> DeliveryDetails:
        """What the next attempt needs; raises `DeliveryNotFound`."""
        row = await self._pool.fetchrow(DETAILS, delivery_id)
        if row is None:
            raise DeliveryNotFound
        return DeliveryDetails(
            event_id=row["event_id"],
            event_type=row["event_type"],
            endpoint_id=row["endpoint_id"],
            state=DeliveryState(row["state"]),
            payload=row["payload"],
            url=row["url"],
            signing=None if row["secret"] is None else signing_of(row),
            listens=row["listens"],
            attempts=row["attempts"],
            earlier_attempts=row["earlier_attempts"],
            created_at=row["created_at"],
        )

    async def record(
        self, delivery_id: str, attempt: Attempt, *, state: DeliveryState, now: datetime
    ) -> Recorded:
        """Keep an attempt and where it leaves the delivery; raises `DeliveryNotFound`."""
        return await _record(self._pool, delivery_id, attempt, state=state, now=now)

    async def record_gone(
        self, delivery_id: str, attempt: Attempt, *, endpoint_id: str, now: datetime
    ) -> Recorded:
        """Keep an attempt, and deliver nothing more to the endpoint, which said so.

        One transaction: whoever sees the delivery dropped for it sees the endpoint disabled. The
        endpoint's row comes first, as wherever deliveries are dropped with it: two that hear 410
        at once would wait for each other's delivery otherwise. Raises `DeliveryNotFound`.
        """
        dropped = DeliveryState.DROPPED
        async with self._pool.acquire() as connection, connection.transaction():
            with_it = await connection.fetch(DISABLE, endpoint_id, now, DisableReason.GONE)
            recorded = await _record(connection, delivery_id, attempt, state=dropped, now=now)
        return replace(recorded, dropped=len(with_it))

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
        return _dispatches(await self._pool.fetch(ORPHANED, before, after, limit))

    async def unseen(self, *, before: datetime, limit: int) -> Sequence[Dispatch]:
        """Pending deliveries whose workflow was started or seen last `before`, those first."""
        return _dispatches(await self._pool.fetch(UNSEEN, before, limit))


def _dispatches(rows: Sequence[asyncpg.Record]) -> Sequence[Dispatch]:
    return [
        Dispatch(row["delivery_id"], row["event_id"], row["endpoint_id"], row["created_at"])
        for row in rows
    ]


async def _record(
    connection: Pool | PoolConnectionProxy[asyncpg.Record],
    delivery_id: str,
    attempt: Attempt,
    *,
    state: DeliveryState,
    now: datetime,
) -> Recorded:
    row = await connection.fetchrow(
        RECORD.sql,
        *RECORD.given(delivery_id=delivery_id, state=state, now=now, **_ATTEMPT.values(attempt)),
    )
    if row is None:
        raise DeliveryNotFound
    return Recorded(state=DeliveryState(row["state"]), ended=row["ended"])


def delivery_of(row: asyncpg.Record) -> Delivery:
    """A delivery from its row."""
    return Delivery(
        id=row["delivery_id"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        endpoint_id=row["endpoint_id"],
        campaign_id=row["campaign_id"],
        lead_id=row["lead_id"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def attempt_of(row: asyncpg.Record) -> Attempt:
    """An attempt from its row."""
    return Attempt(
        number=row["number"],
        attempted_at=row["attempted_at"],
        latency=row["latency"],
        status_code=row["status_code"],
        error=row["error"],
        request_headers=row["request_headers"],
        response_headers=row["response_headers"],
        response_excerpt=row["response_excerpt"],
    )
