"""SQL on deliveries and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import asyncpg
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.seal import DataKey, Seal, ValueUnreadable
from servicekit.sealing.sealed_values import key_beside, key_of

from webhook_dispatcher.deliveries import sealed_answers
from webhook_dispatcher.deliveries.attempt_records import Record, Recorded, record_all
from webhook_dispatcher.deliveries.pending_repository import BLOCKED, gap_values
from webhook_dispatcher.endpoints.rows import SIGNING_COLUMNS, Signing, signing_of
from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.limits.batches import Batches
from webhook_dispatcher.models import Attempt, Channel, Delivery, DeliveryState, PayloadForm
from webhook_dispatcher.sealed_payloads import PAYLOAD_COLUMNS, opened

DETAILS = Statement(f"""
    SELECT delivery_id, organization_id, event_id, event_type, endpoint_id, state, url, attempts,
           {PAYLOAD_COLUMNS},
           earlier_attempts, deliveries.created_at, deliveries.subject, deliveries.number, trace,
           {SIGNING_COLUMNS},
           deleted_at IS NOT NULL AS deleted, disabled_at IS NOT NULL AS disabled,
           failing_since IS NOT NULL AS failing, probe_at IS NOT NULL AS circuit_open,
           {BLOCKED} AS blocked, max_per_minute, max_concurrency, channel, payload_form,
           (SELECT attempted_at FROM attempts
             WHERE attempts.delivery_id = deliveries.delivery_id
               AND attempts.number = earlier_attempts + 1
           ) AS first_attempted_at
      FROM deliveries
      JOIN events USING (organization_id, event_id)
      JOIN endpoints USING (organization_id, endpoint_id)
      LEFT JOIN endpoint_health USING (organization_id, endpoint_id)
     WHERE delivery_id = ANY (:delivery_ids::text[])
""")
END = """
    UPDATE deliveries
       SET state = $2, ended_at = $3
     WHERE delivery_id = $1 AND state = 'pending'
 RETURNING state
"""
_AT_ONCE = 50
DELIVERY_COLUMNS = (
    "delivery_id, event_id, event_type, endpoint_id, campaign_id, lead_id, state, attempts,"
    " created_at, ended_at"
)
ATTEMPT_COLUMNS = (
    "number, attempted_at, latency, status_code, error, request_headers,"
    f" {sealed_answers.ANSWER_COLUMNS}"
)


_FURTHER = (
    "deleted",
    "disabled",
    "failing",
    "circuit_open",
    "first_attempted_at",
    "subject",
    "trace",
    "number",
    "blocked",
    "max_per_minute",
    "max_concurrency",
)


@dataclass(frozen=True, kw_only=True)
class DeliveryDetails:
    """What one attempt needs."""

    organization_id: str
    event_id: str
    event_type: str
    endpoint_id: str
    state: DeliveryState
    payload: str | None
    """None if it cannot be opened; empty if it is kept no longer."""
    sealed_by: DataKey | None
    """The key that what is answered is sealed by; None where that is kept in clear."""
    url: str
    signing: Signing | None
    """None if the endpoint was purged."""
    deleted: bool
    disabled: bool
    failing: bool
    """Whether the last attempt to reach the endpoint failed, of whatever delivery."""
    circuit_open: bool
    """Whether the endpoint gets one event at a time, to see whether it is back."""
    attempts: int
    """How many have been made."""
    earlier_attempts: int
    """How many of them before it was sent again."""
    created_at: datetime
    first_attempted_at: datetime | None
    """When the first attempt since it was sent, or sent again, was made; None before that."""
    subject: str
    trace: str
    """The `traceparent` of what made it happen; empty if nothing was traced."""
    number: int
    """Which one it is of its subject's events; 0 if it keeps no order with others."""
    blocked: bool
    """Whether an earlier one of its subject is still to come to this endpoint."""
    max_per_minute: int
    """How many requests a minute the endpoint is sent at the most; 0 for as many as there are."""
    max_concurrency: int
    """How many of this process are under way to it at the most; 0 for its share."""
    channel: Channel = Channel.WEBHOOK
    payload_form: PayloadForm = PayloadForm.WITH_LEAD

    @property
    def forgotten(self) -> bool:
        """Whether what the event says is gone: it is never sent, and nobody is to wait for it."""
        return self.payload == ""


class DeliveryRepository:
    """Of what many ask for at once, or record, some tens are read and written together."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal
        self._rows = Batches(self._read, most=_AT_ONCE)
        self._records = Batches(partial(record_all, pool, wait=False), most=_AT_ONCE)

    async def details(self, delivery_id: str, *, now: datetime) -> DeliveryDetails:
        """What the next attempt needs; raises `DeliveryNotFound`."""
        row = await self._rows.ask((delivery_id, now))
        if row is None:
            raise DeliveryNotFound
        payload, key = await self._opened(row)
        return DeliveryDetails(
            organization_id=row["organization_id"],
            event_id=row["event_id"],
            event_type=row["event_type"],
            endpoint_id=row["endpoint_id"],
            state=DeliveryState(row["state"]),
            payload=payload,
            sealed_by=key,
            url=row["url"],
            signing=None if row["secret"] is None else signing_of(row),
            attempts=row["attempts"],
            earlier_attempts=row["earlier_attempts"],
            created_at=row["created_at"],
            channel=Channel(row["channel"]),
            payload_form=PayloadForm(row["payload_form"]),
            **{name: row[name] for name in _FURTHER},
        )

    async def _read(self, asked: Sequence[tuple[str, datetime]]) -> Sequence[Row | None]:
        """The row of each, in their order; None where there is none."""
        now = max(now for _, now in asked)
        given = DETAILS.given(delivery_ids=[each for each, _ in asked], **gap_values(now))
        rows = await self._pool.fetch(DETAILS.sql, *given)
        found = {row["delivery_id"]: row for row in rows}
        return [found.get(delivery_id) for delivery_id, _ in asked]

    async def _opened(self, row: Row) -> tuple[str | None, DataKey | None]:
        """What a row's event says, and the key by which its answers are sealed."""
        organization_id, kept = row["organization_id"], row["sealed_payload"]
        if kept is None and not self._seal.on:
            return row["payload"], None
        try:
            if kept is not None:
                payload = opened(self._seal, row)
                wrapped = row["wrapped_for_payload"]
                return payload, key_beside(self._seal, organization_id, kept, wrapped)
        except ValueUnreadable:
            return None, await key_of(self._pool, self._seal, organization_id, "")
        # It was published while nothing was sealed.
        return row["payload"], await key_of(self._pool, self._seal, organization_id, "")

    async def record(
        self,
        delivery_id: str,
        attempt: Attempt,
        *,
        details: DeliveryDetails,
        state: DeliveryState,
        now: datetime,
    ) -> Recorded:
        """Keep an attempt and where it leaves the delivery; raises `DeliveryNotFound`."""
        answer = None
        if details.sealed_by is not None:
            of = (details.organization_id, delivery_id)
            answer = sealed_answers.sealed(self._seal, details.sealed_by, *of, attempt)
            attempt = sealed_answers.without_answer(attempt)
        record = Record(
            delivery_id=delivery_id, state=state, now=now, attempt=attempt, sealed_answer=answer
        )
        recorded = await self._records.ask(record)
        if recorded is None:
            (recorded,) = await record_all(self._pool, [record], wait=True)
        if recorded is None:
            raise DeliveryNotFound
        return recorded

    async def end(self, delivery_id: str, state: DeliveryState, *, now: datetime) -> bool:
        """End a pending delivery; returns whether it was pending."""
        return await self._pool.fetchval(END, delivery_id, state, now) is not None


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


def attempt_of(row: asyncpg.Record, *, seal: Seal) -> Attempt:
    """An attempt from its row; of an answer that cannot be opened it says so."""
    headers, excerpt = sealed_answers.opened(seal, row)
    return Attempt(
        number=row["number"],
        attempted_at=row["attempted_at"],
        latency=row["latency"],
        status_code=row["status_code"],
        error=row["error"],
        request_headers=row["request_headers"],
        response_headers=headers,
        response_excerpt=excerpt,
    )
