"""Every column of the schema in which values are sealed, for whoever seals them anew."""

from servicekit.sealing.rotation import SealedRows

from campaigns.sealing.people import LEAD
from campaigns.sealing.words import HEARD_MESSAGE, REPLY, STEP_TEXT

SEALED = (
    # People first: what is said to a lead is sealed by the key of its person.
    SealedRows(place=LEAD, key={"id": "text"}, named="leads.id"),
    SealedRows(place=REPLY, key={"id": "text"}, named="leads.id"),
    SealedRows(
        place=STEP_TEXT,
        key={"lead_id": "text", "text_key": "text"},
        named="step_texts.lead_id || '/' || step_texts.text_key",
    ),
    SealedRows(
        place=HEARD_MESSAGE,
        key={"organization_id": "text", "lead_id": "text", "event_id": "text"},
        named="heard_messages.lead_id || '/' || heard_messages.event_id",
    ),
)
