"""Every column of the schema in which values are sealed."""

from servicekit.request_ids.table import sealed_rows
from servicekit.sealing.rotation import SealedRows
from servicekit.sealing.seal import SealedColumn

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
