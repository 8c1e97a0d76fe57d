"""Webhooks as they lie in the schema: sealed before anybody knows whose they are.

So the key is no organization's and no person's. A webhook is kept for as long as it may have to be
followed again, and goes with its row.
"""

from __future__ import annotations

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing import sealed_values
from servicekit.sealing.seal import Seal

from linkedin_gateway.storage.sealed_columns import RAW

NOBODYS = ""
# What a release long before has stored has a body instead of its bytes.
RAW_COLUMNS = """
       coalesce(raw, convert_to(body::text, 'UTF8')) AS raw,
       (SELECT wrapped FROM data_keys
         WHERE organization_id = '' AND key_id = substring(raw FROM 2 FOR 16)) AS wrapped"""


async def sealed(pool: Pool, seal: Seal, dedupe_key: str, raw: bytes) -> bytes:
    """A webhook as it is to be stored."""
    return await sealed_values.sealed(pool, seal, RAW, NOBODYS, dedupe_key, raw)


def opened(seal: Seal, row: Row) -> bytes:
    """The webhook of a row with `RAW_COLUMNS`; raises `ValueUnreadable`."""
    return sealed_values.opened(seal, RAW, NOBODYS, row["dedupe_key"], row["raw"], row["wrapped"])
