"""SQL that makes events and their deliveries, many in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

import asyncpg
from servicekit.clock import Clock
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.seal import Seal

from webhook_dispatcher import sealed_payloads
from webhook_dispatcher.database_clock import NOW, clock_values
from webhook_dispatcher.errors import EndpointNotFound, EventIdReused
from webhook_dispatcher.models import (
    SEQUENCE_WEBHOOK,
    DeliveryState,
    Dispatch,
    Event,
    PayloadForm,
    Publication,
)

_COLUMNS: Columns[Event] = Columns(
    column("organization_id"),
    column("event_id", write=attrgetter("id")),
    column("type"),
    column("payload"),
    column("sealed_payload", "bytea"),
    column("occurred_at", "timestamptz"),
    column("campaign_id"),
    column("lead_id"),
    column("account_id"),
    column("subject"),
    column("number", "bigint"),
    column("digest", "bytea"),
    column("trace"),
)
_GIVEN = _COLUMNS | Columns(column("only_to"))

# Made from the ids of its event and its endpoint, so that there is one of them.
DELIVERY_ID = """
    'dlv_' || left(encode(sha256(convert_to(event_id || '/' || endpoint_id, 'UTF8')), 'hex'), 26)
"""
# `only_to` is the endpoint that an event is for, or empty for all that listen. One statement is
# one transaction and one round trip: all of the events are kept, or none. A named endpoint that
# is gone leaves a dropped delivery to be seen; of one that never was nothing is kept.
PUBLISH = Statement(f"""
    WITH published AS (
        SELECT * FROM {_GIVEN.unnested("given")}
    ), listener AS (
        SELECT event_id, endpoint_id, deleted_at IS NULL AND disabled_at IS NULL AS listens
          FROM published JOIN endpoints USING (organization_id)
         WHERE CASE
                 WHEN only_to <> '' THEN endpoint_id = only_to
                 ELSE deleted_at IS NULL AND disabled_at IS NULL
                  AND type <> '{SEQUENCE_WEBHOOK}'
                  AND (event_types = '{{}}' OR type = ANY (event_types)
                       OR split_part(type, '.', 1) || '.*' = ANY (event_types))
                  AND (campaign_ids = '{{}}' OR campaign_id = ANY (campaign_ids))
                  AND (account_ids = '{{}}' OR account_id = ANY (account_ids))
                  AND (payload_form <> '{PayloadForm.LEAD_RECORD}' OR lead_id <> '')
               END
    ), event AS (
        INSERT INTO events ({_COLUMNS}, published_at)
        SELECT {_COLUMNS}, {NOW}
          FROM published
         WHERE only_to = '' OR event_id IN (SELECT event_id FROM listener)
            ON CONFLICT DO NOTHING
     RETURNING organization_id, event_id, type, published_at, campaign_id, lead_id, subject, number
    ), delivery AS (
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                campaign_id, lead_id, subject, number, state, created_at, ended_at)
        SELECT {DELIVERY_ID}, organization_id, event_id, type, endpoint_id, campaign_id, lead_id,
               subject, number,
               CASE WHEN listens THEN 'pending' ELSE 'dropped' END,
               published_at, CASE WHEN listens THEN NULL ELSE published_at END
          FROM event JOIN listener USING (event_id)
     RETURNING delivery_id, event_id, endpoint_id, created_at, state, number
    )
    SELECT event_id, delivery_id, endpoint_id, created_at, state, delivery.number
      FROM event LEFT JOIN delivery USING (event_id)
""")
# What events published before are being delivered to, and whether they were the same.
PUBLISHED = """
    SELECT event_id, digest, delivery_id, endpoint_id, created_at, state, deliveries.number
      FROM events LEFT JOIN deliveries USING (organization_id, event_id)
     WHERE organization_id = $1 AND event_id = ANY ($2)
"""


class EventRepository:
    def __init__(self, pool: Pool, seal: Seal, clock: Clock) -> None:
        self._pool = pool
        self._seal = seal
        self._clock = clock

    async def publish(self, events: Sequence[Event]) -> Sequence[Publication]:
        """Keep events of one organization and their deliveries; those kept before stay.

        All of them, or none. Raises `EndpointNotFound` when the one endpoint that one is for
        never was, and `EventIdReused` when an id was published with other content.
        """
        # Among events with one id the first stands for all; their contents are compared below.
        first = {event.id: event for event in reversed(events)}
        kept = await self._sealed(sorted(first.values(), key=_ID))
        async with self._pool.acquire() as connection, connection.transaction():
            # Two that publish the same events at once wait for each other in one order.
            made = await connection.fetch(
                PUBLISH.sql,
                *PUBLISH.given(**clock_values(self._clock), **_GIVEN.arrays(kept)),
            )
            fresh = _by_event(made)
            again = [event_id for event_id in first if event_id not in fresh]
            known: Mapping[str, Sequence[asyncpg.Record]] = {}
            if again:
                known = _by_event(
                    await connection.fetch(PUBLISHED, events[0].organization_id, again)
                )
            digests = {event_id: rows[0]["digest"] for event_id, rows in known.items()}
            digests |= {event_id: first[event_id].digest for event_id in fresh}
            for event in events:
                if event.id not in digests:
                    raise EndpointNotFound(metadata={"event_id": event.id})
                if digests[event.id] not in (None, event.digest, self._keyed(event)):
                    raise EventIdReused(metadata={"event_id": event.id})
        return [
            Publication(
                _dispatches(event, fresh.get(event.id) or known[event.id]),
                fresh=event.id in fresh,
            )
            for event in events
        ]

    async def _sealed(self, events: Sequence[Event]) -> Sequence[Event]:
        """The events as they are kept; where sealing is off, as they are."""
        sealed = await sealed_payloads.sealed(self._pool, self._seal, events)
        return [
            event
            if body is None
            else replace(event, payload="", sealed_payload=body, digest=self._keyed(event))
            for event, body in zip(events, sealed, strict=True)
        ]

    def _keyed(self, event: Event) -> bytes:
        return sealed_payloads.keyed_digest(self._seal, event.organization_id, event.digest)


_ID = attrgetter("id")


def _by_event(rows: Sequence[asyncpg.Record]) -> dict[str, list[asyncpg.Record]]:
    found: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(row["event_id"], []).append(row)
    return found


def _dispatches(event: Event, rows: Sequence[asyncpg.Record]) -> Sequence[Dispatch]:
    return [
        Dispatch(
            row["delivery_id"],
            row["event_id"],
            row["endpoint_id"],
            row["created_at"],
            DeliveryState(row["state"]),
            numbered=row["number"] > 0,
            organization_id=event.organization_id,
        )
        for row in rows
        if row["delivery_id"] is not None
    ]
