"""The payloads of Unipile's webhooks, read leniently. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from linkedin_gateway.unipile import instant

JSON = Mapping[str, Any]

_LONGEST_KEY = 500


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
    owner_provider_id: str
    sender_provider_id: str
    marked_own: bool
    attendee_provider_ids: tuple[str, ...]
    chat_id: str
    message_id: str
    message_type: str
    text: str
    at: datetime | None


Payload = StatusPayload | RelationPayload | MessagePayload


def source_of(body: JSON) -> str:
    """Which webhook a body came by, for the metrics."""
    if "AccountStatus" in body:
        return "account_status"
    return {"new_relation": "users", "message_received": "messaging"}.get(
        str(body.get("event")), "other"
    )


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
                public_identifier=_text(body, "user_public_identifier"),
            )
        case "message_received" if not body.get("is_event") and not body.get("is_group"):
            return _message(body)
    return None


def _message(body: JSON) -> MessagePayload:
    sender, owner = _part(body, "sender"), _part(body, "account_info")
    listed = body.get("attendees")
    attendees = listed if isinstance(listed, list) else []
    attendees = [each for each in attendees if isinstance(each, Mapping)]
    return MessagePayload(
        unipile_account_id=_text(body, "account_id"),
        owner_provider_id=_text(owner, "user_id"),
        sender_provider_id=_text(sender, "attendee_provider_id"),
        marked_own=body.get("is_sender") == 1,
        attendee_provider_ids=tuple(_text(each, "attendee_provider_id") for each in attendees),
        chat_id=_text(body, "chat_id"),
        message_id=_text(body, "message_id"),
        message_type=_text(body, "message_type").upper(),
        text=_text(body, "message"),
        at=instant(body.get("timestamp")),
    )


def dedupe_key(body: JSON, *, received_at: datetime) -> str:
    """The same for every delivery of one event, as far as Unipile lets one tell.

    Account statuses carry nothing that tells two of them apart; following one twice does no
    harm, so each is followed.
    """
    payload = read(body)
    match payload:
        case MessagePayload(message_id=message_id) if message_id:
            return _key("message", payload.unipile_account_id, message_id)
        case StatusPayload():
            at = received_at.isoformat()
            return _key("status", payload.unipile_account_id, payload.status, at)
        case RelationPayload():
            day = received_at.date().isoformat()
            return _key("relation", payload.unipile_account_id, payload.provider_id, day)
        case MessagePayload() | None:
            return f"other/{_digest(body)}"
        case _:
            assert_never(payload)


def _key(kind: str, *parts: str) -> str:
    """A key of these parts; what is longer than any id goes by its hash, as no index takes it."""
    key = "/".join(parts)
    if len(key) > _LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"{kind}/{key}"


def _digest(body: JSON) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()


def _part(document: JSON, name: str) -> JSON:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(document: JSON, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
