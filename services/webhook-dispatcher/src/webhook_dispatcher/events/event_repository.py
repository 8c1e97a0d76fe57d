"""SQL that makes an event and its deliveries, in one statement."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import (
    SEQUENCE_WEBHOOK,
    DeliveryState,
    Dispatch,
    Event,
    Publication,
)

_COLUMNS = Columns(
    column("organization_id"),
    column("event_id"),
    column("type"),
    column("payload"),
    column("published_at", "timestamptz"),
    column("occurred_at", "timestamptz"),
    column("campaign_id"),
    column("lead_id"),
    column("account_id"),
)

# Made from the ids of its event and its endpoint, so that there is one of them.
DELIVERY_ID = """
    'dlv_' || left(encode(sha256(convert_to(event_id || '/' || endpoint_id, 'UTF8')), 'hex'), 26)
"""
# `only_to` is the endpoint that the event is for, or empty for all that listen.
# One statement is one transaction and one round trip. `one` makes it answer also when
# there is nobody to deliver to. A delivery's id is made from the ids of its event and
# its endpoint. A named endpoint that is gone leaves a dropped delivery to be seen.
PUBLISH = Statement(f"""
    WITH published ({_COLUMNS}) AS (
        SELECT {_COLUMNS.parameters()}
    ), listener AS (
        SELECT endpoint_id, deleted_at IS NULL AND disabled_at IS NULL AS listens
          FROM published JOIN endpoints USING (organization_id)
         WHERE CASE
                 WHEN :only_to <> '' THEN endpoint_id = :only_to
                 ELSE deleted_at IS NULL AND disabled_at IS NULL
                  AND type <> '{SEQUENCE_WEBHOOK}'
                  AND (event_types = '{{}}' OR type = ANY (event_types)
                       OR split_part(type, '.', 1) || '.*' = ANY (event_types))
                  AND (campaign_ids = '{{}}' OR campaign_id = ANY (campaign_ids))
                  AND (account_ids = '{{}}' OR account_id = ANY (account_ids))
               END
    ), event AS (
        INSERT INTO events ({_COLUMNS})
        SELECT {_COLUMNS}
          FROM published
         WHERE :only_to = '' OR EXISTS (SELECT FROM listener)
            ON CONFLICT DO NOTHING
     RETURNING organization_id, event_id, type, published_at, campaign_id, lead_id
    ), delivery AS (
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                campaign_id, lead_id, state, created_at, ended_at)
        SELECT {DELIVERY_ID}, organization_id, event_id, type, endpoint_id, campaign_id, lead_id,
               CASE WHEN listens THEN 'pending' ELSE 'dropped' END,
               published_at, CASE WHEN listens THEN NULL ELSE published_at END
          FROM event, listener
     RETURNING delivery_id, endpoint_id, created_at, state
    )
    SELECT EXISTS (SELECT FROM event) AS fresh, delivery_id, endpoint_id, created_at, state
      FROM (SELECT) AS one LEFT JOIN delivery ON true
""")
# What an event published before is being delivered to.
PUBLISHED = """
    SELECT delivery_id, endpoint_id, created_at, state
      FROM events LEFT JOIN deliveries USING (organization_id, event_id)
     WHERE organization_id = $1 AND event_id = $2
"""


class EventRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def publish(self, event: Event, *, endpoint_id: str, now: datetime) -> Publication:
        """Keep an event and its deliveries; one kept before stays as it is.

        Raises `EndpointNotFound` when the one endpoint it is for never was.
        """
        rows = await self._pool.fetch(
            PUBLISH.sql, *PUBLISH.given(only_to=endpoint_id, **_row(event, now))
        )
        if rows[0]["fresh"]:
            return Publication(_dispatches(rows, event.id), fresh=True)
        rows = await self._pool.fetch(PUBLISHED, event.organization_id, event.id)
        if not rows:
            raise EndpointNotFound
        return Publication(_dispatches(rows, event.id), fresh=False)


def _row(event: Event, published_at: datetime) -> dict[str, object]:
    """The event by the names of its columns."""
    return {
        "organization_id": event.organization_id,
        "event_id": event.id,
        "type": event.type,
        "payload": event.payload,
        "published_at": published_at,
        "occurred_at": event.occurred_at,
        "campaign_id": event.campaign_id,
        "lead_id": event.lead_id,
        "account_id": event.account_id,
    }


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
