"""SQL that keeps attempts, of many deliveries in one statement, and where they leave them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from servicekit.postgres.columns import Column, Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.models import Attempt, DeliveryState


@dataclass(frozen=True, kw_only=True)
class Record:
    """An attempt that was made."""

    delivery_id: str
    attempt: Attempt
    """As it is kept in clear; its number is what the delivery has counted."""
    sealed_answer: bytes | None = field(repr=False)
    state: DeliveryState
    """Where it leaves its delivery."""
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What came of recording an attempt."""

    state: DeliveryState
    ended: bool
    """Whether the record ended the delivery; false of one that had ended by then."""


def _of_attempt(kept: Column[Attempt]) -> Callable[[Record], Any]:
    return lambda record: kept.write(record.attempt)


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

_RECORD: Columns[Record] = Columns(
    column("delivery_id"),
    column("left_as", write=attrgetter("state")),
    column("now", "timestamptz"),
    *(column(each.name, each.type, write=_of_attempt(each)) for each in _ATTEMPT.columns),
    column("sealed_answer", "bytea"),
)

# Every attempt is kept; only a pending delivery moves. Whether it was pending is read under its
# lock, so that of all who end a delivery one alone is told that it did. In the order of their ids:
# whoever else locks several takes them in the same order.
_RECORD_SQL = f"""
    WITH made AS (
        SELECT * FROM {_RECORD.unnested("made")}
    ), before AS (
        SELECT delivery_id, state FROM deliveries
         WHERE delivery_id = ANY (:delivery_id::text[])
         ORDER BY delivery_id
           FOR UPDATE {{locked}}
    ), delivery AS (
        UPDATE deliveries
           SET attempts = attempts + 1, turn_at = NULL,
               state = CASE WHEN deliveries.state = 'pending' THEN left_as
                            ELSE deliveries.state END,
               ended_at = CASE WHEN deliveries.state = 'pending' AND left_as <> 'pending' THEN now
                               ELSE ended_at END
          FROM before JOIN made USING (delivery_id)
         WHERE deliveries.delivery_id = before.delivery_id
     RETURNING organization_id, deliveries.delivery_id, attempts, deliveries.state,
               before.state <> deliveries.state AS ended
    ), attempt AS (
        INSERT INTO attempts (organization_id, delivery_id, number, {_ATTEMPT}, sealed_answer)
        SELECT organization_id, delivery_id, attempts, {_ATTEMPT}, sealed_answer
          FROM delivery JOIN made USING (delivery_id)
    )
    SELECT delivery_id, state, ended FROM delivery
"""  # noqa: S608 - columns of ours
RECORD = Statement(_RECORD_SQL.format(locked=""))
# A row that somebody else has locked keeps nobody waiting beside it.
RECORD_FREE = Statement(_RECORD_SQL.format(locked="SKIP LOCKED"))


async def record_all(
    pool: Pool, records: Sequence[Record], *, wait: bool
) -> Sequence[Recorded | None]:
    """Keep each attempt; what came of it, in their order, or None of an unknown delivery.

    And of one that somebody has locked, if that is not to be waited for. A statement changes a row
    once: several of one delivery are kept one after the other.
    """
    statement = RECORD if wait else RECORD_FREE
    kept: list[Recorded | None] = [None] * len(records)
    left = list(enumerate(records))
    while left:
        first = {record.delivery_id: at for at, record in reversed(left)}
        some = [(at, record) for at, record in left if first[record.delivery_id] == at]
        left = [each for each in left if first[each[1].delivery_id] != each[0]]
        values = statement.given(**_RECORD.arrays([record for _, record in some]))
        for row in await pool.fetch(statement.sql, *values):
            kept[first[row["delivery_id"]]] = Recorded(
                state=DeliveryState(row["state"]), ended=row["ended"]
            )
    return kept
