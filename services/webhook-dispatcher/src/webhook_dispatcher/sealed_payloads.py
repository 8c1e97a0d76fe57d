"""What events say, as it lies in the schema: sealed by the key of the lead whom they are about.

What is about no lead is sealed by the organization's key.
"""

from collections.abc import Sequence

from servicekit.postgres.columns import Row, affected
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
_AT_ONCE = 300
_IN_CLEAR = """
    SELECT organization_id, event_id, lead_id, payload, digest FROM events
     WHERE (organization_id, event_id) > ($1, $2) AND payload <> '' AND sealed_payload IS NULL
     ORDER BY organization_id, event_id LIMIT $3
"""
# What was forgotten meanwhile stays so.
_SEAL = """
    UPDATE events SET payload = '', sealed_payload = $3, digest = $4
     WHERE organization_id = $1 AND event_id = $2 AND payload <> '' AND sealed_payload IS NULL
"""


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


def keyed_digest(seal: Seal, organization_id: str, digest: bytes) -> bytes:
    """The digest of an event, of which nobody can tell by trying what that says."""
    return bytes.fromhex(seal.hashed(organization_id, "event", digest.hex()))


async def seal_what_is_in_clear(pool: Pool, seal: Seal) -> int:
    """Seal what events of any organization say that a release before has kept; how many."""
    sealed_now, after = 0, ("", "")
    while rows := await pool.fetch(_IN_CLEAR, *after, _AT_ONCE):
        for row in rows:
            sealed_now += await _seal(pool, seal, row)
        after = (rows[-1]["organization_id"], rows[-1]["event_id"])
    return sealed_now


async def _seal(pool: Pool, seal: Seal, row: Row) -> int:
    organization_id, event_id, digest = row["organization_id"], row["event_id"], row["digest"]
    body = await sealed_values.sealed(
        pool,
        seal,
        PAYLOAD,
        organization_id,
        event_id,
        row["payload"].encode(),
        subject=seal.hashed(organization_id, "lead", row["lead_id"]),
    )
    keyed = None if digest is None else keyed_digest(seal, organization_id, digest)
    return affected(await pool.execute(_SEAL, organization_id, event_id, body, keyed))
