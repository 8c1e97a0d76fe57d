"""The payloads of Unipile's webhooks, read leniently. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from urllib.parse import urlsplit

from linkedin_gateway.models import text_hash
from linkedin_gateway.replies.message import Author, Message
from linkedin_gateway.unipile.values import instant

JSON = Mapping[str, Any]

_LONGEST_KEY = 500
_MOST_ATTENDEES = 500
"""More than any chat has; 4 MiB have room for a million, which nobody is to wait for."""
MESSAGE_FOUND = "message_found"
"""Our own name for what a poll finds, which is kept like a webhook."""


@dataclass(frozen=True, kw_only=True)
class StatusPayload:
    """An account has a new status."""

    unipile_account_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class RelationPayload:
    """A person is connected now."""

    unipile_account_id: str
    provider_id: str
    public_identifier: str


@dataclass(frozen=True, kw_only=True)
class MessagePayload:
    """A message was written in a chat of the account, by whomever."""

    unipile_account_id: str
    message: Message


Payload = StatusPayload | RelationPayload | MessagePayload


def found(unipile_account_id: str, stored: JSON) -> JSON:
    """A message of Unipile's store in the form in which it is kept."""
    return {"event": MESSAGE_FOUND, "account_id": unipile_account_id, "found": stored}


def source_of(body: JSON) -> str:
    """How a body came, for the metrics."""
    if "AccountStatus" in body:
        return "account_status"
    event = body.get("event")
    return _SOURCES.get(event, "other") if isinstance(event, str) else "other"


def account_of(body: JSON) -> str:
    """Unipile's id of the account that a body is of; empty if it names none."""
    return _text(_part(body, "AccountStatus") or body, "account_id")


_SOURCES = {
    "new_relation": "users",
    "message_received": "messaging",
    "message_edited": "messaging",
    MESSAGE_FOUND: "poll",
}


def read(body: JSON) -> Payload | None:
    """What a webhook says; None when it is nothing that matters here."""
    status = body.get("AccountStatus")
    if isinstance(status, Mapping):
        return StatusPayload(
            unipile_account_id=_text(status, "account_id"),
            status=_text(status, "message").upper(),
        )
    match body.get("event"):
        case "new_relation":
            return RelationPayload(
                unipile_account_id=_text(body, "account_id"),
                provider_id=_text(body, "user_provider_id"),
                public_identifier=_text(body, "user_public_identifier")
                or _last_part(_text(body, "user_profile_url")),
            )
        case "message_received":
            return _message(body, edited=False)
        case "message_edited":
            return _message(body, edited=True)
        case "message_found":
            return _found(body)
        case _:
            # What is read, liked or deleted changes nothing here. Nor does an event that is new to
            # us: it is kept as it came, by which it can be read again once it has a meaning.
            return None


def _message(body: JSON, *, edited: bool) -> MessagePayload:
    sender, owner = _part(body, "sender"), _part(body, "account_info")
    listed = body.get("attendees")
    attendees = listed[:_MOST_ATTENDEES] if isinstance(listed, list) else []
    return MessagePayload(
        unipile_account_id=_text(body, "account_id"),
        message=Message(
            message_id=_text(body, "message_id"),
            chat_id=_text(body, "chat_id"),
            author=_attendee(sender),
            owner_ids=_some(_text(owner, "user_id")),
            attendees=tuple(_attendee(each) for each in attendees if isinstance(each, Mapping)),
            marked_own=_flag(body, "is_sender"),
            marked_event=_flag(body, "is_event"),
            marked_group=_flag(body, "is_group"),
            message_type=_text(body, "message_type").upper(),
            text=_text(body, "message"),
            at=instant(body.get("timestamp")),
            edited=edited,
        ),
    )


def _attendee(attendee: JSON) -> Author:
    return Author(
        provider_id=_text(attendee, "attendee_provider_id"),
        name_or_id=_text(attendee, "attendee_public_identifier")
        or _last_part(_text(attendee, "attendee_profile_url")),
        member_urn=_text(_part(attendee, "attendee_specifics"), "member_urn"),
    )


def _found(body: JSON) -> MessagePayload:
    stored = _part(body, "found")
    return MessagePayload(
        unipile_account_id=_text(body, "account_id"),
        message=Message(
            message_id=_text(stored, "id"),
            chat_id=_text(stored, "chat_id"),
            author=Author(
                provider_id=_text(stored, "sender_id"),
                member_urn=_text(stored, "sender_urn"),
            ),
            attendees=tuple(Author(member_urn=urn) for urn in _some(_text(stored, "attendee_urn"))),
            marked_own=_flag(stored, "is_sender"),
            marked_event=_flag(stored, "is_event"),
            message_type=_text(stored, "message_type").upper(),
            text=_text(stored, "text"),
            at=instant(stored.get("timestamp")),
        ),
    )


def dedupe_key(body: JSON, raw: bytes, *, received_at: datetime) -> str:
    """The same for every delivery of one event, as far as Unipile lets one tell.

    A message that a poll finds has the key of its webhook. Account statuses carry nothing that
    tells two of them apart; following one twice does no harm, so each is followed.
    """
    payload = read(body)
    match payload:
        case MessagePayload(message=message) if message.message_id:
            edit = (text_hash(message.text),) if message.edited else ()
            return _key("message", payload.unipile_account_id, message.message_id, *edit)
        case StatusPayload():
            at = received_at.isoformat()
            return _key("status", payload.unipile_account_id, payload.status, at)
        case RelationPayload():
            day = received_at.date().isoformat()
            return _key("relation", payload.unipile_account_id, payload.provider_id, day)
        case MessagePayload() | None:
            return raw_key(raw)
        case _:
            assert_never(payload)


def _key(kind: str, *parts: str) -> str:
    """A key of these parts; what is longer than any id goes by its hash, as no index takes it."""
    key = "/".join(parts)
    if len(key) > _LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"{kind}/{key}"


def raw_key(raw: bytes) -> str:
    """The key of what tells of nothing that happens once."""
    return f"other/{hashlib.sha256(raw).hexdigest()}"


def named(key: str) -> str:
    """How a log line names what has this key, which may be made of a person's ids."""
    return raw_key(key.encode())


def _last_part(url: str) -> str:
    """The name or id in the address of a person: `/in/name`."""
    try:
        parts = [each for each in urlsplit(url).path.split("/") if each]
    except ValueError:
        return ""
    return parts[1] if len(parts) > 1 and parts[0] == "in" else ""


def _flag(document: JSON, name: str) -> bool:
    """Flags are booleans in webhooks and numbers elsewhere."""
    return document.get(name) in (True, 1)


def _some(*texts: str) -> tuple[str, ...]:
    return tuple(each for each in texts if each)


def _part(document: JSON, name: str) -> JSON:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(document: JSON, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
