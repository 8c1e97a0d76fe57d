"""What was answered to an attempt, as it lies in the schema: by the key of the event sent."""

import json
from collections.abc import Mapping
from dataclasses import replace

from servicekit.postgres.columns import Row
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import DataKey, Seal, SealedColumn, ValueUnreadable

from webhook_dispatcher.models import Attempt

ANSWER = SealedColumn("webhook", "attempts", "sealed_answer")
ANSWER_COLUMNS = (
    "organization_id, delivery_id, response_headers, response_excerpt, sealed_answer,"
    f" {wrapped_key('attempts', 'sealed_answer')} AS wrapped_for_answer"
)
UNREADABLE = "What was answered cannot be opened: its key is lost, or it was changed."


def without_answer(attempt: Attempt) -> Attempt:
    """The attempt with nothing of what was answered."""
    return replace(attempt, response_headers={}, response_excerpt="")


def sealed(
    seal: Seal, key: DataKey, organization_id: str, delivery_id: str, attempt: Attempt
) -> bytes:
    """What was answered to this attempt, sealed."""
    said = {"headers": dict(attempt.response_headers), "excerpt": attempt.response_excerpt}
    row = _row(delivery_id, attempt.attempted_at.timestamp())
    return seal.seal(key, ANSWER, organization_id, row, json.dumps(said).encode())


def opened(seal: Seal, row: Row) -> tuple[Mapping[str, str], str]:
    """The headers and the excerpt of a row with `ANSWER_COLUMNS`, which says if it cannot be."""
    kept = row["sealed_answer"]
    if kept is None:
        return row["response_headers"], row["response_excerpt"]
    of = _row(row["delivery_id"], row["attempted_at"].timestamp())
    try:
        said = json.loads(
            seal.open(ANSWER, row["organization_id"], of, kept, row["wrapped_for_answer"])
        )
    except ValueUnreadable:
        return {}, UNREADABLE
    return said["headers"], said["excerpt"]


def _row(delivery_id: str, attempted_at: float) -> str:
    """Which attempt it is: its number is counted only as it is recorded."""
    return f"{delivery_id}/{attempted_at:.6f}"
