"""What was answered to an attempt, as it lies in the schema: by the key of the event sent."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from servicekit.postgres.columns import Row, affected
from servicekit.postgres.pool import Pool
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import DataKey, Seal, SealedColumn, ValueUnreadable

from webhook_dispatcher.models import Attempt

ANSWER = SealedColumn("webhook", "attempts", "sealed_answer")
ANSWER_COLUMNS = (
    "organization_id, delivery_id, response_headers, response_excerpt, sealed_answer,"
    f" {wrapped_key('attempts', 'sealed_answer')} AS wrapped_for_answer"
)
_AT_ONCE = 300
_IN_CLEAR = """
    SELECT attempts.delivery_id, attempts.number, attempted_at, attempts.organization_id, lead_id,
           response_headers, response_excerpt
      FROM attempts JOIN deliveries ON deliveries.delivery_id = attempts.delivery_id
     WHERE (attempts.delivery_id, attempts.number) > ($1, $2) AND sealed_answer IS NULL
       AND (response_headers <> '{}' OR response_excerpt <> '')
     ORDER BY attempts.delivery_id, attempts.number LIMIT $3
"""
_SEAL = """
    UPDATE attempts SET response_headers = '{}', response_excerpt = '', sealed_answer = $3
     WHERE delivery_id = $1 AND number = $2 AND sealed_answer IS NULL
"""
UNREADABLE = "What was answered cannot be opened: its key is lost, or it was changed."


def without_answer(attempt: Attempt) -> Attempt:
    """The attempt with nothing of what was answered."""
    return replace(attempt, response_headers={}, response_excerpt="")


def sealed(
    seal: Seal, key: DataKey, organization_id: str, delivery_id: str, attempt: Attempt
) -> bytes:
    """What was answered to this attempt, sealed."""
    said = _said(attempt.response_headers, attempt.response_excerpt)
    return seal.seal(key, ANSWER, organization_id, _row(delivery_id, attempt.attempted_at), said)


def opened(seal: Seal, row: Row) -> tuple[Mapping[str, str], str]:
    """The headers and the excerpt of a row with `ANSWER_COLUMNS`, which says if it cannot be."""
    kept = row["sealed_answer"]
    if kept is None:
        return row["response_headers"], row["response_excerpt"]
    of = _row(row["delivery_id"], row["attempted_at"])
    try:
        said = json.loads(
            seal.open(ANSWER, row["organization_id"], of, kept, row["wrapped_for_answer"])
        )
    except ValueUnreadable:
        return {}, UNREADABLE
    return said["headers"], said["excerpt"]


async def seal_what_is_in_clear(pool: Pool, seal: Seal) -> int:
    """Seal what was answered to anybody's attempts and a release before has kept; how many."""
    sealed_now, after = 0, ("", 0)
    while rows := await pool.fetch(_IN_CLEAR, *after, _AT_ONCE):
        for row in rows:
            sealed_now += await _seal(pool, seal, row)
        after = (rows[-1]["delivery_id"], rows[-1]["number"])
    return sealed_now


async def _seal(pool: Pool, seal: Seal, row: Row) -> int:
    organization_id, delivery_id = row["organization_id"], row["delivery_id"]
    answer = await sealed_values.sealed(
        pool,
        seal,
        ANSWER,
        organization_id,
        _row(delivery_id, row["attempted_at"]),
        _said(row["response_headers"], row["response_excerpt"]),
        subject=seal.hashed(organization_id, "lead", row["lead_id"]),
    )
    return affected(await pool.execute(_SEAL, delivery_id, row["number"], answer))


def _said(headers: Mapping[str, str], excerpt: str) -> bytes:
    return json.dumps({"headers": dict(headers), "excerpt": excerpt}).encode()


def _row(delivery_id: str, attempted_at: datetime) -> str:
    """Which attempt it is: its number is counted only as it is recorded."""
    return f"{delivery_id}/{attempted_at.timestamp():.6f}"
