"""Values of a column, sealed as they are written and opened as they are read.

What was written in clear, by a release before or while sealing is off, is read as it is: no text,
JSON or message of ours begins as a sealed value does.
"""

from collections.abc import Iterable

from servicekit.sealing.data_keys import Database, keys_of
from servicekit.sealing.seal import (
    KEY_ID,
    VERSION,
    DataKey,
    Seal,
    SealedColumn,
    ValueUnreadable,
)
from servicekit.telemetry import logs

# Whose key is lost is given another one: what it sealed is lost or comes back with it, but what
# happens from now on is not to be lost as well.
_RETIRE = """
    UPDATE data_keys SET retired_at = now()
     WHERE organization_id = $1 AND subject = $2 AND retired_at IS NULL
"""

log = logs.get_logger(__name__)


async def sealed(
    database: Database,
    seal: Seal,
    place: SealedColumn,
    organization_id: str,
    row: str,
    value: bytes,
    *,
    subject: str = "",
) -> bytes:
    """The value as it is to be written in this row, by the key of whom it is of.

    `subject` is a keyed hash of them; empty for the organization. Where sealing is off it is the
    value itself.
    """
    if not seal.on:
        return value
    key = await key_of(database, seal, organization_id, subject)
    return seal.seal(key, place, organization_id, row, value)


def opened(
    seal: Seal,
    place: SealedColumn,
    organization_id: str,
    row: str,
    kept: bytes,
    wrapped: bytes | None,
) -> bytes:
    """What a row keeps, by the wrapped key that came with it; raises `ValueUnreadable`."""
    if not kept.startswith(VERSION):
        return kept
    return seal.open(place, organization_id, row, kept, wrapped)


async def key_of(database: Database, seal: Seal, organization_id: str, subject: str) -> DataKey:
    """The key in use of somebody; a new one where theirs cannot be used any more."""
    try:
        return (await keys_of(database, seal, organization_id, [subject]))[subject]
    except ValueUnreadable as lost:
        log.warning("data_key_replaced", organization_id=organization_id, why=str(lost))
        await database.execute(_RETIRE, organization_id, subject)
        return (await keys_of(database, seal, organization_id, [subject]))[subject]


async def keys_for(
    database: Database, seal: Seal, organization_id: str, subjects: Iterable[str]
) -> dict[str, DataKey]:
    """The keys in use of several, as `key_of`; asked for at once, in one order."""
    wanted = sorted(set(subjects))
    try:
        return await keys_of(database, seal, organization_id, wanted)
    except ValueUnreadable:
        return {each: await key_of(database, seal, organization_id, each) for each in wanted}


def key_beside(seal: Seal, organization_id: str, kept: bytes, wrapped: bytes) -> DataKey:
    """The key by which a value is sealed, to seal by it what belongs to it.

    Raises `ValueUnreadable`.
    """
    key_id = kept[len(VERSION) : len(VERSION) + KEY_ID]
    return DataKey(key_id, seal.cipher(organization_id, key_id, wrapped))
