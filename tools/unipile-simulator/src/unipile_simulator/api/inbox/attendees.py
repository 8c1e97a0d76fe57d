"""Who is in a chat, and the chats with somebody."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.api.calls import Call, Reply
from unipile_simulator.api.inbox.views import (
    asked_accounts,
    chat_shown,
    find_chat,
    list_reply,
    message_shown,
    reading,
    seen_messages,
)
from unipile_simulator.errors import not_found
from unipile_simulator.network.chats import Chat
from unipile_simulator.network.relationships import DISTANCES, distance
from unipile_simulator.people.ids import Product, product_of
from unipile_simulator.people.people import Person


def list_chat_attendees(call: Call) -> Reply:
    """`GET /chats/{chat_id}/attendees`."""
    window = call.window()
    chat, account = find_chat(call)
    owner = _self(call, account, Product(chat.feature))
    page = window.of([owner, *_attendees(call, chat, account)])
    return list_reply("ChatAttendeeList", page.items, page.cursor)


def list_attendees(call: Call) -> Reply:
    """`GET /chat_attendees`."""
    window = call.window()
    found: dict[str, dict[str, Any]] = {}
    for account in asked_accounts(call):
        for chat in call.world.chats.of(account.id):
            if seen_messages(call, chat, account):
                found |= {item["id"]: item for item in _attendees(call, chat, account)}
    page = window.of(list(found.values()))
    return list_reply("ChatAttendeeList", page.items, page.cursor)


def get_attendee(call: Call) -> Reply:
    """`GET /chat_attendees/{attendee_id}`."""
    account, person, product = _find_attendee(call)
    return Reply(200, _attendee(call, account, person, product))


def list_attendee_chats(call: Call) -> Reply:
    """`GET /chat_attendees/{attendee_id}/chats`: 404 for somebody never synchronised."""
    window = call.window()
    account, person, product = _find_attendee(call)
    chats = _chats_with(call, account, person.public_id, product)
    page = window.of(chats)
    items = [chat_shown(call, chat, account) for chat in page.items]
    return list_reply("ChatList", items, page.cursor)


def list_attendee_messages(call: Call) -> Reply:
    """`GET /chat_attendees/{attendee_id}/messages`, newest first."""
    window = call.window()
    account, person, product = _find_attendee(call)
    chat = call.world.chats.between(account.id, person.public_id, feature=product)
    messages = seen_messages(call, chat, account)[::-1] if chat else []
    page = window.of(messages)
    items = [message_shown(call, chat, account, message) for message in page.items] if chat else []
    return list_reply("MessageList", items, page.cursor)


def _find_attendee(call: Call) -> tuple[Account, Person, Product]:
    attendee_id = call.path["attendee_id"]
    for account in asked_accounts(call):
        person = call.world.people.by_provider_id(attendee_id, account.id)
        product = product_of(attendee_id)
        if person is None or product is None:
            meant = call.world.chats.attendee(account.id, attendee_id)
            if meant is None:
                continue
            person, product = call.world.people.must(meant[0]), meant[1]
        if _chats_with(call, account, person.public_id, product):
            call.act_as(account.id, live=False)
            call.concerns(person)
            return account, person, product
    raise not_found("Attendee")


def _chats_with(call: Call, account: Account, public_id: str, product: Product) -> list[Chat]:
    return [
        chat
        for chat in call.world.chats.of(account.id)
        if public_id in chat.public_ids
        and chat.feature == product
        and seen_messages(call, chat, account)
    ]


def _attendees(call: Call, chat: Chat, account: Account) -> list[dict[str, Any]]:
    people = (call.world.people.known(public_id) for public_id in chat.public_ids)
    product = Product(chat.feature)
    return [_attendee(call, account, person, product) for person in people if person]


def _attendee(call: Call, account: Account, person: Person, product: Product) -> dict[str, Any]:
    world = call.world
    tie = world.relationships.between(account, person, call.now)
    provider_id = world.people.provider_id(person, account.id, product)
    return _pictured(call, person) | {
        "object": "ChatAttendee",
        "id": world.chats.attendee_id(account.id, person.public_id, product),
        "account_id": account.id,
        "provider_id": provider_id,
        "name": person.name,
        "is_self": 0,
        "hidden": 0,
        "profile_url": f"https://www.linkedin.com/in/{provider_id}",
        "specifics": {
            "provider": "LINKEDIN",
            "member_urn": f"urn:li:member:{person.member_id}",
            "occupation": person.title,
            "network_distance": DISTANCES[distance(world.dice, person, tie)],
            "pending_invitation": tie.pending,
            "location": person.location,
            "headline": person.title,
        },
    }


def _pictured(call: Call, person: Person) -> dict[str, Any]:
    picture = call.world.people.picture(person)
    return {} if picture is None else {"picture_url": picture}


def _self(call: Call, account: Account, product: Product) -> dict[str, Any]:
    owner = call.world.accounts.owner(account)
    provider_id = call.world.people.provider_id(owner, account.id, product)
    return _pictured(call, owner) | {
        "object": "ChatAttendee",
        "id": call.world.chats.attendee_id(account.id, None, product),
        "account_id": account.id,
        "provider_id": provider_id,
        "name": owner.name,
        "is_self": 1,
        "hidden": 0,
        "profile_url": f"https://www.linkedin.com/in/{provider_id}",
        "specifics": {
            "provider": "LINKEDIN",
            "member_urn": f"urn:li:member:{owner.member_id}",
            "network_distance": "SELF",
        },
    }


OPERATIONS = (
    reading("/chats/{chat_id}/attendees", list_chat_attendees, "Who is in a chat"),
    reading("/chat_attendees", list_attendees, "Everybody who is in a chat"),
    reading("/chat_attendees/{attendee_id}", get_attendee, "One attendee"),
    reading("/chat_attendees/{attendee_id}/chats", list_attendee_chats, "Chats with somebody"),
    reading("/chat_attendees/{attendee_id}/messages", list_attendee_messages, "Their messages"),
)
