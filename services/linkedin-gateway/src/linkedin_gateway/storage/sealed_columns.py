"""Every column of the schema in which values are sealed."""

from servicekit.request_ids.table import sealed_rows
from servicekit.sealing.rotation import SealedRows
from servicekit.sealing.seal import SealedColumn

RAW = SealedColumn("gateway", "inbound", "raw")
EVENT = SealedColumn("gateway", "outbox", "event")

SEALED = (
    # A webhook's key is no organization's, also when it is known whose account it is of.
    SealedRows(place=RAW, key={"dedupe_key": "text"}, named="inbound.dedupe_key", of="''"),
    SealedRows(place=EVENT, key={"position": "bigint"}, named="outbox.event_id"),
    sealed_rows("gateway"),
)
