"""What webhooks carry."""

from __future__ import annotations

from typing import Any, Protocol

from unipile_simulator.accounts.accounts import Account, Accounts
from unipile_simulator.clock import iso
from unipile_simulator.dice import Dice
from unipile_simulator.network.chats import FOLDERS, Chat, Chats, Message
from unipile_simulator.network.relationships import DISTANCES, Relationships, distance
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import People, Person


class Known(Protocol):
    """What payloads are made of."""

    dice: Dice
    people: People
    accounts: Accounts
    relationships: Relationships
    chats: Chats


def message_payload(
    world: Known, account: Account, chat: Chat, message: Message, *, event: str
) -> dict[str, Any]:
    """A `messaging` event; unlike those of the API, its flags are booleans, `is_event` aside."""
    owner = world.accounts.owner(account)
    attendees = {
        public_id: _attendee(world, account, person, chat, public_id)
        for public_id in chat.public_ids
        if (person := world.people.known(public_id)) is not None
    }
    sender = attendees.get(message.sender or "") or _attendee(world, account, owner, chat, None)
    return {
        "event": event,
        "account_id": account.id,
        "account_type": "LINKEDIN",
        "account_info": {
            "type": "LINKEDIN",
            "feature": chat.feature,
            "user_id": world.people.provider_id(owner, account.id, Product(chat.feature)),
        },
        "chat_id": chat.id,
        "provider_chat_id": chat.provider_id,
        "message_id": message.id,
        "provider_message_id": message.provider_id,
        "timestamp": iso(message.at),
        "message": message.text,
        "subject": message.subject,
        "message_type": message.type,
        "chat_content_type": "inmail" if chat.inmail else None,
        "is_sender": message.sender is None,
        "is_event": int(message.event_type is not None),
        "event_type": message.event_type,
        "is_group": chat.is_group,
        "is_forwarded": None,
        "chat_pinned": 0,
        "sender": sender,
        "attendees": list(attendees.values()),
        "attachments": [],
        "quoted": None,
        "reply_to": None,
        "folder": FOLDERS[Product(chat.feature)],
    } | message.told


def relation_payload(world: Known, account: Account, person: Person, at: float) -> dict[str, Any]:
    """`new_relation`."""
    shown = {
        "event": "new_relation",
        "account_id": account.id,
        "account_type": "LINKEDIN",
        "timestamp": iso(at),
        "user_full_name": person.name,
        "user_provider_id": world.people.provider_id(person, account.id),
        "user_public_identifier": person.public_identifier,
        "user_profile_url": person.url,
    }
    picture = world.people.picture(person)
    return shown if picture is None else shown | {"user_picture_url": picture}


def status_payload(account_id: str, message: str) -> dict[str, Any]:
    """An account's health, in an envelope of its own."""
    body = {"account_id": account_id, "account_type": "LINKEDIN", "message": message}
    return {"AccountStatus": body}


def _attendee(
    world: Known, account: Account, person: Person, chat: Chat, public_id: str | None
) -> dict[str, Any]:
    at = max(message.arrived_at for message in chat.messages)
    product = Product(chat.feature)
    provider_id = world.people.provider_id(person, account.id, product)
    near = "SELF"
    if public_id is not None:
        tie = world.relationships.between(account, person, at)
        near = DISTANCES[distance(world.dice, person, tie)]
    return {
        "attendee_id": world.chats.attendee_id(account.id, public_id, product),
        "attendee_name": person.name,
        "attendee_provider_id": provider_id,
        "attendee_profile_url": f"https://www.linkedin.com/in/{provider_id}",
        "attendee_public_identifier": None,
        "attendee_specifics": {
            "provider": "LINKEDIN",
            "member_urn": f"urn:li:member:{person.member_id}",
            "occupation": person.title,
            "is_company": False,
            "network_distance": near,
        },
    }
