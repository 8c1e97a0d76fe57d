"""Every column of the schema in which values are sealed; and webhooks, as they lie there.

Those are sealed before anybody knows whose they are: so the key is no organization's and no
person's. A webhook is kept for as long as it may have to be followed again, and goes with its row.
"""

from __future__ import annotations

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.request_ids.table import sealed_rows
from servicekit.sealing import sealed_values
from servicekit.sealing.rotation import SealedRows
from servicekit.sealing.seal import Seal, SealedColumn

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


async def webhook_sealed(pool: Pool, seal: Seal, dedupe_key: str, raw: bytes) -> bytes:
    """A webhook as it is to be stored."""
    return await sealed_values.sealed(pool, seal, RAW, NOBODYS, dedupe_key, raw)


def webhook_opened(seal: Seal, row: Row) -> bytes:
    """The webhook of a row with `RAW_COLUMNS`; raises `ValueUnreadable`."""
    return sealed_values.opened(seal, RAW, NOBODYS, row["dedupe_key"], row["raw"], row["wrapped"])
