"""Every column of the schema in which values are sealed, for whoever seals them anew."""

from servicekit.request_ids.table import sealed_rows
from servicekit.sealing.rotation import SealedRows

from campaigns.outbox.outbox_repository import BODY
from campaigns.sealing.people import LEAD, LIST_ENTRY
from campaigns.sealing.words import (
    HEARD_MESSAGE,
    HELD_DETAIL,
    IMPORT_PIECE,
    REPLY,
    STEP_DETAIL,
    STEP_POST,
    STEP_TEXT,
)

SEALED = (
    # People first: what is said to a lead is sealed by the key of its person.
    SealedRows(place=LEAD, key={"id": "text"}, named="leads.id"),
    SealedRows(place=REPLY, key={"id": "text"}, named="leads.id"),
    SealedRows(place=HELD_DETAIL, key={"id": "text"}, named="leads.id"),
    SealedRows(
        place=LIST_ENTRY,
        key={"lead_list_id": "text", "public_identifier": "text"},
        named="lead_list_entries.lead_list_id || '/' || lead_list_entries.public_identifier",
    ),
    SealedRows(
        place=IMPORT_PIECE,
        key={"organization_id": "text", "import_id": "text", "first_byte": "bigint"},
        named="import_pieces.import_id || '/' || import_pieces.first_byte",
    ),
    SealedRows(
        place=STEP_TEXT,
        key={"lead_id": "text", "text_key": "text"},
        named="step_texts.lead_id || '/' || step_texts.text_key",
    ),
    SealedRows(
        place=STEP_POST,
        key={"lead_id": "text", "text_key": "text"},
        named="step_texts.lead_id || '/' || step_texts.text_key",
    ),
    SealedRows(
        place=STEP_DETAIL,
        key={"lead_id": "text", "step_id": "text"},
        named="step_executions.lead_id || '/' || step_executions.step_id",
    ),
    SealedRows(
        place=HEARD_MESSAGE,
        key={"organization_id": "text", "lead_id": "text", "event_id": "text"},
        named="heard_messages.lead_id || '/' || heard_messages.event_id",
    ),
    SealedRows(
        place=BODY,
        key={"organization_id": "text", "subject": "text", "number": "bigint"},
        named="outbox.event_id",
    ),
    sealed_rows("campaign"),
)
