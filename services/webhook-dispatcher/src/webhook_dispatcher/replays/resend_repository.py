"""SQL that has deliveries made again, or for the first time long after their event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.deliveries.delivery_repository import DELIVERY_COLUMNS, delivery_of
from webhook_dispatcher.errors import DeliveryNotFound, EndpointNotServed, EventBodyGone
from webhook_dispatcher.events.event_repository import DELIVERY_ID
from webhook_dispatcher.models import (
    SEQUENCE_WEBHOOK,
    Delivery,
    DeliveryState,
    Dispatch,
    PayloadForm,
)
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.replay_repository import Connection
from webhook_dispatcher.sealed_payloads import HAS_BODY

_AGAIN = """
    state = 'pending', ended_at = NULL, workflow_started_at = NULL, parked_at = NULL,
    earlier_attempts = attempts
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
    UPDATE deliveries SET {_AGAIN}, number = 0 WHERE delivery_id = $1
 RETURNING {DELIVERY_COLUMNS}, number
"""
ENDPOINT = """
    SELECT deleted_at IS NOT NULL AS deleted, disabled_at IS NOT NULL AS disabled
      FROM endpoints WHERE organization_id = $1 AND endpoint_id = $2
       FOR SHARE
"""
_ENDPOINT = """
    WITH endpoint AS (
        SELECT event_types, campaign_ids, account_ids, payload_form FROM endpoints
         WHERE organization_id = :organization_id AND endpoint_id = :endpoint_id
    )
"""
_FROM = """
      FROM endpoint CROSS JOIN events
      LEFT JOIN deliveries ON deliveries.organization_id = events.organization_id
                          AND deliveries.event_id = events.event_id
                          AND deliveries.endpoint_id = :endpoint_id
     WHERE events.organization_id = :organization_id
"""
# What was never sent to the endpoint is what it would hear today.
_WANTED = f"""
           (:event_types::text[] = '{{}}' OR type = ANY (:event_types)
            OR split_part(type, '.', 1) || '.*' = ANY (:event_types))
           AND (:campaign_ids::text[] = '{{}}' OR events.campaign_id = ANY (:campaign_ids))
           AND {HAS_BODY}
           AND CASE
                 WHEN delivery_id IS NOT NULL
                 THEN NOT :failed_only::boolean OR state IN ('lapsed', 'dropped')
                 ELSE NOT :failed_only AND type <> '{SEQUENCE_WEBHOOK}'
                  AND (endpoint.event_types = '{{}}' OR type = ANY (endpoint.event_types)
                       OR split_part(type, '.', 1) || '.*' = ANY (endpoint.event_types))
                  AND (endpoint.campaign_ids = '{{}}'
                       OR events.campaign_id = ANY (endpoint.campaign_ids))
                  AND (endpoint.account_ids = '{{}}' OR account_id = ANY (endpoint.account_ids))
                  AND (payload_form <> '{PayloadForm.LEAD_RECORD}' OR events.lead_id <> '')
               END
"""
# Where the database's clock was set back, what came later in a subject has an earlier time. Whoever
# comes by it first takes those before it along, and they are passed over where they stand. Each
# `OFFSET 0` has a subject's events found by their numbers: there are few, and many of a time.
_OF_SUBJECT = """
    (SELECT event_id, subject, number, published_at FROM events AS one
      WHERE one.organization_id = events.organization_id AND one.subject = events.subject
        AND one.number > 0 AND {which} OFFSET 0)
"""
_PUBLISHED_AFTER_A_LATER_ONE = f"""
           EXISTS (SELECT FROM {_OF_SUBJECT.format(which="one.number > events.number")} AS later
                    WHERE events.number > 0 AND later.published_at < events.published_at
                      AND later.published_at >= :start_at::timestamptz)
"""
_COMES_WITH_IT = f"""
           ARRAY(SELECT earlier.event_id
                   FROM {_OF_SUBJECT.format(which="one.number < events.number")} AS earlier
                  WHERE earlier.published_at > events.published_at
                    AND earlier.published_at < :end_at::timestamptz
                    AND NOT EXISTS (
                        SELECT
                          FROM {_OF_SUBJECT.format(which="one.number > earlier.number")} AS first
                         WHERE first.published_at >= :start_at::timestamptz
                           AND (first.published_at, first.number)
                             < (events.published_at, events.number)))
"""
# The next events of a replay, whether it wants them or not. What was published in one call has one
# time: a lead goes by its numbers.
LOOK = Statement(f"""
    {_ENDPOINT}
    SELECT events.event_id, published_at, events.subject, events.number,
           {_WANTED} AND NOT {_PUBLISHED_AFTER_A_LATER_ONE} AS wanted,
           {_COMES_WITH_IT} AS with_it
    {_FROM}
       AND (published_at, events.subject, events.number, events.event_id)
         > (:after_time::timestamptz, :after_subject, :after_number::bigint, :after_event_id)
       AND published_at >= :start_at::timestamptz AND published_at < :end_at::timestamptz
     ORDER BY published_at, events.subject, events.number, events.event_id
     LIMIT :limit
""")
WANTED = Statement(f"""
    {_ENDPOINT}
    SELECT events.event_id {_FROM} AND events.event_id = ANY (:event_ids) AND {_WANTED}
""")
# Many are in order once more: each has its event's number, also one that was sent again by itself.
# What an event says was still there when it was looked at, and may be forgotten by now: whoever
# forgets it has locked it, and is waited for.
RESEND = Statement(f"""
    WITH kept AS MATERIALIZED (
        SELECT organization_id, event_id, type, campaign_id, lead_id, subject, number FROM events
         WHERE organization_id = :organization_id AND event_id = ANY (:event_ids) AND {HAS_BODY}
         ORDER BY event_id
           FOR SHARE
    ), again AS (
        UPDATE deliveries SET {_AGAIN}, number = kept.number
          FROM kept
         WHERE deliveries.organization_id = :organization_id AND endpoint_id = :endpoint_id
           AND state <> 'pending'
           AND (NOT :failed_only::boolean OR state IN ('lapsed', 'dropped'))
           AND kept.organization_id = deliveries.organization_id
           AND kept.event_id = deliveries.event_id
     RETURNING delivery_id, deliveries.event_id, endpoint_id, created_at, deliveries.number
    ), late AS (
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                campaign_id, lead_id, subject, number, state, created_at)
        SELECT {DELIVERY_ID}, organization_id, event_id, type, endpoint_id, campaign_id, lead_id,
               subject, number, 'pending', :now::timestamptz
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


@dataclass(frozen=True)
class LookedAt:
    """An event that a replay came by."""

    event_id: str
    published_at: datetime
    wanted: bool
    subject: str = ""
    number: int = 0
    with_it: Sequence[str] = ()
    """Of its subject, those before it that were published after it."""


class ResendRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def resend(self, organization_id: str, delivery_id: str) -> Resent:
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
            row = await _row(connection, RESEND_ONE, delivery_id)
        return Resent(delivery_of(row), _dispatch(organization_id, row))


async def _row(connection: Connection, statement: str, delivery_id: str) -> asyncpg.Record:
    """The row of a delivery that is locked."""
    row = await connection.fetchrow(statement, delivery_id)
    if row is None:
        raise DeliveryNotFound
    return row


async def look(connection: Connection, replay: Replay, *, limit: int) -> Sequence[LookedAt]:
    """The next events after those that a replay has looked at, in its order."""
    known = not replay.after_id
    values = LOOK.given(
        **_asked(replay),
        after_time=replay.after_time,
        after_subject=replay.after_subject if known else "",
        after_number=replay.after_number if known else 0,
        after_event_id=replay.after_event_id if known else "",
        start_at=replay.start_at,
        end_at=replay.end_at,
        limit=limit,
    )
    rows = await connection.fetch(LOOK.sql, *values)
    return [LookedAt(**dict(row)) for row in rows]


async def wanted_of(
    connection: Connection, replay: Replay, event_ids: Sequence[str]
) -> Sequence[str]:
    """Those of these events that a replay wants, wherever they stand."""
    if not event_ids:
        return []
    values = WANTED.given(**_asked(replay), event_ids=list(event_ids))
    return [row["event_id"] for row in await connection.fetch(WANTED.sql, *values)]


def _asked(replay: Replay) -> dict[str, Any]:
    return {
        "organization_id": replay.organization_id,
        "endpoint_id": replay.endpoint_id,
        "event_types": list(replay.event_types),
        "campaign_ids": list(replay.campaign_ids),
        "failed_only": replay.failed_only,
    }


async def resend_events(
    connection: Connection, replay: Replay, event_ids: Sequence[str], *, now: datetime
) -> Sequence[Dispatch]:
    """Have a replay's endpoint sent these events; what is being tried stays as it is.

    Raises `DatabaseBusy`, and changes nothing, while somebody keeps one of them locked.
    """
    values = RESEND.given(
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
