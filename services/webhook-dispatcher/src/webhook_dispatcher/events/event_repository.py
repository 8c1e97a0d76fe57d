"""SQL that makes an event and its deliveries, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from servicekit.postgres.pool import Pool

from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import SEQUENCE_WEBHOOK, DeliveryState, Event

# One statement is one transaction and one round trip. `one` makes it answer also when
# there is nobody to deliver to. A delivery's id is made from the ids of its event and
# its endpoint. A named endpoint that is gone leaves a dropped delivery to be seen.
PUBLISH = f"""
    WITH listener AS (
        SELECT endpoint_id, deleted_at IS NULL AND disabled_at IS NULL AS listens
          FROM endpoints
         WHERE organization_id = $1
           AND CASE
                 WHEN $6 <> '' THEN endpoint_id = $6
                 ELSE deleted_at IS NULL AND disabled_at IS NULL
                  AND $3 <> '{SEQUENCE_WEBHOOK}'
                  AND (event_types = '{{}}' OR $3 = ANY (event_types))
               END
    ), event AS (
        INSERT INTO events (organization_id, event_id, type, payload, published_at)
        SELECT $1, $2, $3, $4, $5
         WHERE $6 = '' OR EXISTS (SELECT FROM listener)
            ON CONFLICT DO NOTHING
     RETURNING event_id
    ), delivery AS (
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                state, created_at, ended_at)
        SELECT 'dlv_' || left(encode(sha256(convert_to($2 || '/' || endpoint_id, 'UTF8')), 'hex'), 26),
               $1, $2, $3, endpoint_id,
               CASE WHEN listens THEN 'pending' ELSE 'dropped' END,
               $5, CASE WHEN listens THEN NULL ELSE $5 END
          FROM event, listener
     RETURNING delivery_id, endpoint_id, created_at, state
    )
    SELECT EXISTS (SELECT FROM event) AS fresh, delivery_id, endpoint_id, created_at, state
      FROM (SELECT) AS one LEFT JOIN delivery ON true
"""  # noqa: E501 - made of constants
# What an event published before is being delivered to.
PUBLISHED = """
    SELECT delivery_id, endpoint_id, created_at, state
      FROM events LEFT JOIN deliveries USING (organization_id, event_id)
     WHERE organization_id = $1 AND event_id = $2
"""


@dataclass(frozen=True)
class Dispatch:
    """A delivery that publishing an event led to."""

    delivery_id: str
    event_id: str
    endpoint_id: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING


@dataclass(frozen=True)
class Publication:
    """An event's deliveries, and whether it was published just now."""

    dispatches: Sequence[Dispatch]
    fresh: bool


class EventRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def publish(self, event: Event, *, endpoint_id: str, now: datetime) -> Publication:
        """Keep an event and its deliveries; one kept before stays as it is."""
        rows = await self._pool.fetch(
            PUBLISH, event.organization_id, event.id, event.type, event.payload, now, endpoint_id
        )
        if rows[0]["fresh"]:
            return Publication(_dispatches(rows, event.id), fresh=True)
        rows = await self._pool.fetch(PUBLISHED, event.organization_id, event.id)
        if not rows:
            raise EndpointNotFound
        return Publication(_dispatches(rows, event.id), fresh=False)


def _dispatches(rows: Sequence[asyncpg.Record], event_id: str) -> Sequence[Dispatch]:
    return [
        Dispatch(
            row["delivery_id"],
            event_id,
            row["endpoint_id"],
            row["created_at"],
            DeliveryState(row["state"]),
        )
        for row in rows
        if row["delivery_id"] is not None
    ]
