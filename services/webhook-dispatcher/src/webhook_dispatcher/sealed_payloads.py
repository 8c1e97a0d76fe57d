"""What events say, as it lies in the schema: sealed by the key of the lead whom they are about.

What is about no lead is sealed by the organization's key.
"""

from collections.abc import Sequence

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, SealedColumn

from webhook_dispatcher.models import Event

PAYLOAD = SealedColumn("webhook", "events", "sealed_payload")
PAYLOAD_COLUMNS = (
    f"payload, sealed_payload, {wrapped_key('events', 'sealed_payload')} AS wrapped_for_payload"
)
HAS_BODY = "(payload <> '' OR sealed_payload IS NOT NULL)"
"""Whether what an event says is still kept."""


async def sealed(pool: Pool, seal: Seal, events: Sequence[Event]) -> list[bytes | None]:
    """What each of an organization's events says, sealed; None where sealing is off."""
    if not seal.on or not events:
        return [None] * len(events)
    organization_id = events[0].organization_id
    subjects = [seal.hashed(organization_id, "lead", event.lead_id) for event in events]
    keys = await sealed_values.keys_for(pool, seal, organization_id, subjects)
    return [
        seal.seal(keys[subject], PAYLOAD, organization_id, event.id, event.payload.encode())
        for event, subject in zip(events, subjects, strict=True)
    ]


def opened(seal: Seal, row: Row) -> str:
    """What the event of a row with `PAYLOAD_COLUMNS` says; empty if it is kept no more.

    Raises `ValueUnreadable`.
    """
    kept = row["sealed_payload"]
    if kept is None:
        payload: str = row["payload"]
        return payload
    found = seal.open(
        PAYLOAD, row["organization_id"], row["event_id"], kept, row["wrapped_for_payload"]
    )
    return found.decode()
