"""Every column of the schema in which values are sealed; webhooks and ids of events, as they lie.

Those are sealed before anybody knows whose they are: so the key is no organization's and no
person's. A webhook is kept for as long as it may have to be followed again, and goes with its row.
Ids of events about people are hashed, for they name messages. What is told has its id as it is: by
that whoever hears it twice, from two releases, knows it again.
"""

from __future__ import annotations

from servicekit.postgres.columns import Row, affected
from servicekit.postgres.pool import Pool
from servicekit.request_ids.table import sealed_rows
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.rotation import SealedRows
from servicekit.sealing.seal import VERSION, Seal, SealedColumn, ValueUnreadable
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.storage.connection import Connection

RAW = SealedColumn("gateway", "inbound", "raw")
EVENT = SealedColumn("gateway", "outbox", "event")
WORDS = SealedColumn("gateway", "profiles", "words")

SEALED = (
    # A webhook's key is no organization's, also when it is known whose account it is of.
    SealedRows(place=RAW, key={"dedupe_key": "text"}, named="inbound.dedupe_key", of="''"),
    SealedRows(place=EVENT, key={"position": "bigint"}, named="outbox.event_id"),
    # By the id that the account knows them by: people become one, and what is known stays theirs.
    SealedRows(
        place=WORDS,
        key={"account_id": "text", "person_id": "text"},
        named="profiles.account_id || '/' || profiles.provider_id",
    ),
    sealed_rows("gateway"),
)
NOBODYS = ""
# What a release long before has stored has a body instead of its bytes.
RAW_COLUMNS = """
       coalesce(raw, convert_to(body::text, 'UTF8')) AS raw,
       (SELECT wrapped FROM data_keys
         WHERE organization_id = '' AND key_id = substring(raw FROM 2 FOR 16)) AS wrapped"""
_AT_ONCE = 500
# Of the release before.
_IN_CLEAR = f"""
SELECT position, organization_id, event_id, event, {wrapped_key("outbox", "event")} AS wrapped
  FROM outbox
 WHERE position > $1 AND split_part(event_id, '/', 1) IN ('accepted', 'owner', 'reply')
   AND event_id !~ '^[^/]*/[^/]*/~[0-9a-f]{{32}}$'
 ORDER BY position LIMIT $2
   FOR UPDATE
"""
_RENAME = """
UPDATE outbox SET event_id = $2, event = $3
 WHERE position = $1 AND NOT EXISTS (SELECT FROM outbox AS other WHERE other.event_id = $2)
"""
# It is there once more, by a process of this release.
_DROP = "DELETE FROM outbox WHERE position = $1"

log = get_logger(__name__)


async def webhook_sealed(pool: Pool, seal: Seal, dedupe_key: str, raw: bytes) -> bytes:
    """A webhook as it is to be stored."""
    return await sealed_values.sealed(pool, seal, RAW, NOBODYS, dedupe_key, raw)


def webhook_opened(seal: Seal, row: Row) -> bytes:
    """The webhook of a row with `RAW_COLUMNS`; raises `ValueUnreadable`."""
    return sealed_values.opened(seal, RAW, NOBODYS, row["dedupe_key"], row["raw"], row["wrapped"])


def kept_as(seal: Seal, organization_id: str, event_id: str) -> str:
    """The id of an event about a person as it is kept: by kind and account, the rest hashed."""
    kind, account_id, rest = event_id.split("/", 2)
    return f"{kind}/{account_id}/~{seal.hashed(organization_id, 'event', rest)}"


async def hash_event_ids(pool: Pool, seal: Seal) -> int:
    """Hash what a release before has kept in clear; returns how many rows were changed.

    What does not open stays as it is.
    """
    changed, after = 0, -1
    while True:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_IN_CLEAR, after, _AT_ONCE)
            if not rows:
                log.info("event_ids_hashed", number=changed)
                return changed
            for row in rows:
                changed += await _hash(connection, seal, row)
            after = rows[-1]["position"]


async def _hash(connection: Connection, seal: Seal, row: Row) -> int:
    name = kept_as(seal, row["organization_id"], row["event_id"])
    try:
        event = _named(seal, row, name)
    except ValueUnreadable:
        return 0
    if not affected(await connection.execute(_RENAME, row["position"], name, event)):
        await connection.execute(_DROP, row["position"])
    return 1


def _named(seal: Seal, row: Row, name: str) -> bytes:
    """The event, which is sealed for its id, for another one; as it is where it lies in clear."""
    kept: bytes = row["event"]
    if not kept.startswith(VERSION):
        return kept
    organization_id = row["organization_id"]
    body = seal.open(EVENT, organization_id, row["event_id"], kept, row["wrapped"])
    key = seal.key_by(organization_id, kept, row["wrapped"])
    return seal.seal(key, EVENT, organization_id, name, body)
