"""Chats, messages and attendees."""

from __future__ import annotations

from unipile_simulator.schemas.parts import (
    ANYTHING,
    BIT,
    COUNT,
    FLAG,
    ID,
    INSTANT,
    TEXT,
    URL,
    WHOLE,
    many,
    nullable,
    one_of,
    record,
)
from unipile_simulator.schemas.people import DISTANCE, MEMBER_URN, PROVIDER_ID, page

FOLDER = many(
    one_of(
        "INBOX",
        "INBOX_LINKEDIN_CLASSIC",
        "INBOX_LINKEDIN_RECRUITER",
        "INBOX_LINKEDIN_SALES_NAVIGATOR",
        "INBOX_LINKEDIN_ORGANIZATION",
    )
)
MESSAGE_TYPE = one_of(
    "MESSAGE", "INVITATION", "INMAIL", "INMAIL_DECLINE", "INMAIL_REPLY", "INMAIL_ACCEPT"
)
_FLAGS = ("is_sender", "seen", "hidden", "deleted", "edited", "is_event", "delivered")
MESSAGE = record(
    {
        "object": one_of("Message"),
        "id": ID,
        "account_id": ID,
        "chat_id": ID,
        "chat_provider_id": ID,
        "provider_id": ID,
        "sender_id": PROVIDER_ID,
        "sender_attendee_id": ID,
        "text": nullable(TEXT),
        "timestamp": INSTANT,
        **dict.fromkeys(_FLAGS, BIT),
        "seen_by": record({}),
        "behavior": one_of(0, None),
        "original": TEXT,
        "reactions": many(ANYTHING),
        "attachments": many(ANYTHING),
    },
    {
        "event_type": WHOLE,
        "subject": TEXT,
        "message_type": MESSAGE_TYPE,
        "attendee_type": one_of("MEMBER", "ORGANIZATION", "OTHER"),
        "attendee_distance": one_of(1, 2, 3, 4, -1),
        "quoted": ANYTHING,
        "reply_to": ANYTHING,
        "sender_urn": TEXT,
    },
)
CHAT = record(
    {
        "object": one_of("Chat"),
        "id": ID,
        "account_id": ID,
        "account_type": one_of("LINKEDIN"),
        "provider_id": ID,
        "name": nullable(TEXT),
        "type": one_of(0, 1, 2),
        "timestamp": nullable(INSTANT),
        "unread_count": COUNT,
        "archived": BIT,
        "muted_until": nullable(TEXT),
        "read_only": one_of(0, 1, 2),
    },
    {
        "attendee_provider_id": PROVIDER_ID,
        "unread": BIT,
        "pinned": BIT,
        "disabledFeatures": many(one_of("reactions", "reply")),
        "subject": TEXT,
        "content_type": one_of("inmail", "sponsored", "linkedin_offer", "invitation"),
        "folder": FOLDER,
        "organization_id": TEXT,
        "mailbox_id": TEXT,
        "lastMessage": nullable(MESSAGE),
    },
)
ATTENDEE = record(
    {
        "object": one_of("ChatAttendee"),
        "id": ID,
        "account_id": ID,
        "provider_id": PROVIDER_ID,
        "name": TEXT,
        "is_self": BIT,
    },
    {
        "hidden": BIT,
        "picture_url": URL,
        "profile_url": URL,
        "specifics": record(
            {"provider": one_of("LINKEDIN"), "member_urn": MEMBER_URN},
            {
                "occupation": TEXT,
                "network_distance": DISTANCE,
                "pending_invitation": FLAG,
                "location": TEXT,
                "headline": TEXT,
                "contact_info": ANYTHING,
            },
        ),
    },
)
CHATS = page("ChatList", CHAT)
MESSAGES = page("MessageList", MESSAGE)
ATTENDEES = page("ChatAttendeeList", ATTENDEE)
CHAT_STARTED = record(
    {"object": one_of("ChatStarted"), "chat_id": nullable(ID), "message_id": nullable(ID)}
)
MESSAGE_SENT = record({"object": one_of("MessageSent"), "message_id": nullable(ID)})
CHAT_PATCHED = record({"object": one_of("ChatPatched")})
