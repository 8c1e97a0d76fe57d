"""SQL that has deliveries made again, or for the first time long after their event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.deliveries.delivery_repository import DELIVERY_COLUMNS, delivery_of
from webhook_dispatcher.errors import DeliveryNotFound, EndpointNotServed, EventBodyGone
from webhook_dispatcher.events.event_repository import DELIVERY_ID
from webhook_dispatcher.models import (
    Delivery,
    DeliveryState,
    Dispatch,
)
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.replay_repository import Connection
from webhook_dispatcher.sealed_payloads import HAS_BODY

_AGAIN = """
    state = 'pending', ended_at = NULL, workflow_started_at = NULL, parked_at = NULL,
    turn_at = NULL, earlier_attempts = attempts
"""
_DISPATCH = "delivery_id, event_id, endpoint_id, created_at, number"
# Before its delivery, as whoever forgets what events said locks them; what that has emptied by then
# is read anew.
EVENT_OF_ONE = """
    SELECT true FROM events
     WHERE (organization_id, event_id) = (
        SELECT organization_id, event_id FROM deliveries
         WHERE organization_id = $1 AND delivery_id = $2)
       FOR SHARE
"""
ONE = f"""
    SELECT deliveries.state, {HAS_BODY} AS kept,
           deleted_at IS NULL AND disabled_at IS NULL AS served
      FROM deliveries
      JOIN events USING (organization_id, event_id)
      JOIN endpoints USING (organization_id, endpoint_id)
     WHERE organization_id = $1 AND delivery_id = $2
       FOR UPDATE OF deliveries
"""
READ = f"SELECT {DELIVERY_COLUMNS} FROM deliveries WHERE delivery_id = $1"
# It has had its turn: of its subject it waits for none, and none waits for it.
RESEND_ONE = f"""
    UPDATE deliveries SET {_AGAIN}, number = 0, sent_again_at = $2 WHERE delivery_id = $1
 RETURNING {DELIVERY_COLUMNS}, number
"""
ENDPOINT = """
    SELECT deleted_at IS NOT NULL AS deleted, disabled_at IS NOT NULL AS disabled
      FROM endpoints WHERE organization_id = $1 AND endpoint_id = $2
       FOR SHARE
"""
# Many are in order once more: each has its event's number, also one that was sent again by itself.
# What an event says was still there when it was looked at, and may be forgotten by now: whoever
# forgets it has locked it, and is waited for. What is being tried is this replay's, too.
RESEND = Statement(f"""
    WITH kept AS MATERIALIZED (
        SELECT organization_id, event_id, type, campaign_id, lead_id, subject, number FROM events
         WHERE organization_id = :organization_id AND event_id = ANY (:event_ids) AND {HAS_BODY}
         ORDER BY event_id
           FOR SHARE
    ), again AS (
        UPDATE deliveries SET {_AGAIN}, number = kept.number, sent_again_at = :now::timestamptz,
               replayed_by = :replay_id
          FROM kept
         WHERE deliveries.organization_id = :organization_id AND endpoint_id = :endpoint_id
           AND state <> 'pending'
           AND (NOT :failed_only::boolean OR state IN ('lapsed', 'dropped'))
           AND kept.organization_id = deliveries.organization_id
           AND kept.event_id = deliveries.event_id
     RETURNING delivery_id, deliveries.event_id, endpoint_id, created_at, deliveries.number
    ), under_way AS (
        UPDATE deliveries SET replayed_by = :replay_id
          FROM kept
         WHERE deliveries.organization_id = :organization_id AND endpoint_id = :endpoint_id
           AND state = 'pending'
           AND kept.organization_id = deliveries.organization_id
           AND kept.event_id = deliveries.event_id
    ), late AS (
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                campaign_id, lead_id, subject, number, state, created_at,
                                replayed_by)
        SELECT {DELIVERY_ID}, organization_id, event_id, type, endpoint_id, campaign_id, lead_id,
               subject, number, 'pending', :now::timestamptz, :replay_id
          FROM kept CROSS JOIN (SELECT :endpoint_id::text AS endpoint_id) AS endpoint
         WHERE NOT :failed_only
            ON CONFLICT DO NOTHING
     RETURNING {_DISPATCH}
    )
    SELECT {_DISPATCH} FROM again UNION ALL SELECT {_DISPATCH} FROM late
""")

WAIT_FOR_LOCKS = "SET LOCAL lock_timeout = '500ms'"


@dataclass(frozen=True)
class Resent:
    """A delivery as it is now, and what is to be set going; None if it was being tried."""

    delivery: Delivery
    dispatch: Dispatch | None


class ResendRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def resend(self, organization_id: str, delivery_id: str, *, now: datetime) -> Resent:
        """Have one delivery made again; one that is being tried stays as it is.

        Raises `DeliveryNotFound`, `EndpointNotServed` and `EventBodyGone`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(EVENT_OF_ONE, organization_id, delivery_id)
            found = await connection.fetchrow(ONE, organization_id, delivery_id)
            if found is None:
                raise DeliveryNotFound
            if found["state"] == DeliveryState.PENDING:
                return Resent(delivery_of(await _row(connection, READ, delivery_id)), None)
            if not found["served"]:
                raise EndpointNotServed
            if not found["kept"]:
                raise EventBodyGone
            row = await _row(connection, RESEND_ONE, delivery_id, now)
        return Resent(delivery_of(row), _dispatch(organization_id, row))


async def _row(
    connection: Connection, statement: str, delivery_id: str, *given: datetime
) -> asyncpg.Record:
    """The row of a delivery that is locked."""
    row = await connection.fetchrow(statement, delivery_id, *given)
    if row is None:
        raise DeliveryNotFound
    return row


async def resend_events(
    connection: Connection, replay: Replay, event_ids: Sequence[str], *, now: datetime
) -> Sequence[Dispatch]:
    """Have a replay's endpoint sent these events; what is being tried stays as it is.

    Raises `DatabaseBusy`, and changes nothing, while somebody keeps one of them locked.
    """
    values = RESEND.given(
        replay_id=replay.id,
        organization_id=replay.organization_id,
        endpoint_id=replay.endpoint_id,
        event_ids=list(event_ids),
        failed_only=replay.failed_only,
        now=now,
    )
    try:
        async with connection.transaction():
            await connection.execute(WAIT_FOR_LOCKS)
            rows = await connection.fetch(RESEND.sql, *values)
            return [_dispatch(replay.organization_id, row) for row in rows]
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseBusy from error


def _dispatch(organization_id: str, row: asyncpg.Record) -> Dispatch:
    return Dispatch(
        row["delivery_id"],
        row["event_id"],
        row["endpoint_id"],
        row["created_at"],
        numbered=row["number"] > 0,
        organization_id=organization_id,
    )
