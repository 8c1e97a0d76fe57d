"""Events about people as they lie in the outbox: what was written, and by whom, is sealed.

Events about accounts and turns hold ids of ours alone, and lie as they are.
"""

from __future__ import annotations

from dataclasses import replace

from servicekit.postgres.columns import Row
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal

from linkedin_gateway.outbox.linkedin_events import OutboxEvent
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.sealed_columns import EVENT, kept_as

EVENT_COLUMNS = f"organization_id, event_id, event, {wrapped_key('outbox', 'event')} AS wrapped"


async def sealed(
    connection: Connection, seal: Seal, event: OutboxEvent, *, person_id: str
) -> OutboxEvent:
    """The event as it is kept: by a hash, sealed by the key of the person whom it is about."""
    event_id = kept_as(seal, event.organization_id, event.event_id)
    subject = seal.hashed(event.organization_id, "person", person_id)
    body = await sealed_values.sealed(
        connection,
        seal,
        EVENT,
        event.organization_id,
        event_id,
        event.body,
        subject=subject,
    )
    return replace(event, event_id=event_id, told_id=event.event_id, body=body)


def opened(seal: Seal, row: Row) -> bytes:
    """The event of a row with `EVENT_COLUMNS`; raises `ValueUnreadable`."""
    return sealed_values.opened(
        seal, EVENT, row["organization_id"], row["event_id"], row["event"], row["wrapped"]
    )
