"""What webhooks carry, as live ones do."""

from __future__ import annotations

from typing import Final

from unipile_simulator.schemas.messaging import FOLDER, MESSAGE_TYPE
from unipile_simulator.schemas.parts import (
    ANYTHING,
    BIT,
    FLAG,
    ID,
    INSTANT,
    TEXT,
    URL,
    WHOLE,
    Schema,
    many,
    nullable,
    one_of,
    record,
)
from unipile_simulator.schemas.people import CLASSIC_ID, DISTANCE, MEMBER_URN, PROVIDER_ID
from unipile_simulator.webhooks.webhooks import EVENTS

_ATTENDEE = record(
    {
        "attendee_id": ID,
        "attendee_name": TEXT,
        "attendee_provider_id": PROVIDER_ID,
        "attendee_profile_url": {
            "type": "string",
            "pattern": r"^https://www\.linkedin\.com/in/(ACo|ADo|ACw|AE)[\w-]{16,}$",
        },
    },
    {
        "attendee_public_identifier": nullable(TEXT),
        "attendee_specifics": record(
            {"provider": one_of("LINKEDIN"), "member_urn": MEMBER_URN},
            {"occupation": TEXT, "is_company": FLAG, "network_distance": DISTANCE},
        ),
    },
)


def _message(event: str) -> Schema:
    return record(
        {
            "event": one_of(event),
            "account_id": ID,
            "account_type": one_of("LINKEDIN"),
            "account_info": record(
                {
                    "type": one_of("LINKEDIN"),
                    "feature": one_of("classic", "sales_navigator", "recruiter"),
                    "user_id": PROVIDER_ID,
                }
            ),
            "chat_id": ID,
            "timestamp": INSTANT,
            "message_id": ID,
            "message": nullable(TEXT),
            "sender": _ATTENDEE,
            "attendees": many(_ATTENDEE),
            "attachments": many(ANYTHING),
        },
        {
            "webhook_name": TEXT,
            "provider_chat_id": ID,
            "provider_message_id": ID,
            "subject": nullable(TEXT),
            "message_type": MESSAGE_TYPE,
            "chat_content_type": nullable(TEXT),
            "is_sender": FLAG,
            "is_event": BIT,
            "event_type": nullable(WHOLE),
            "is_group": FLAG,
            "is_forwarded": nullable(FLAG),
            "chat_pinned": BIT,
            "quoted": nullable(ANYTHING),
            "reply_to": nullable(ANYTHING),
            "folder": FOLDER,
        },
    )


EVENT_SCHEMAS: Final[dict[str, Schema]] = {
    "message_received": _message("message_received"),
    "message_edited": _message("message_edited"),
    "new_relation": record(
        {
            "event": one_of("new_relation"),
            "account_id": ID,
            "account_type": one_of("LINKEDIN"),
            "user_full_name": TEXT,
            "user_provider_id": CLASSIC_ID,
            "user_public_identifier": TEXT,
            "user_profile_url": URL,
        },
        {"webhook_name": TEXT, "timestamp": INSTANT, "user_picture_url": URL},
    ),
    "account_status": record(
        {
            "AccountStatus": record(
                {
                    "account_id": ID,
                    "account_type": one_of("LINKEDIN"),
                    "message": one_of(*(name.upper() for name in EVENTS["account_status"])),
                }
            )
        }
    ),
    "hosted_notify": record(
        {
            "status": one_of("CREATION_SUCCESS", "RECONNECTED"),
            "account_id": ID,
            "name": nullable(TEXT),
        }
    ),
}
"""By event; `account_status` is the envelope of all of that source."""
