"""Reading: chats, messages and attendees, as Unipile has synchronised them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.errors import invalid, not_found
from unipile_simulator.network.chats import Chat, Message, chat_json, message_json
from unipile_simulator.network.relationships import DISTANCES, distance
from unipile_simulator.people.ids import Product, product_of
from unipile_simulator.people.people import Person

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_DEGREES = {"FIRST_DEGREE": 1, "SECOND_DEGREE": 2, "THIRD_DEGREE": 3, "OUT_OF_NETWORK": -1}


def list_chats(call: Call) -> Reply:
    """`GET /chats`, newest first."""
    window = call.window()
    after, before = _bounds(call)
    accounts = _accounts(call)
    unread = call.flag("unread")
    found = []
    for account in accounts:
        for chat in call.world.chats.of(account.id):
            seen = _seen(call, chat, account)
            if not seen or not after < seen[-1].at < before:
                continue
            shown = _chat(call, chat, account)
            if not unread or shown["unread_count"]:
                found.append((seen[-1].at, shown))
    found.sort(key=lambda item: item[0], reverse=True)
    page = window.of([shown for _, shown in found])
    return _list_reply("ChatList", page.items, page.cursor)


def get_chat(call: Call) -> Reply:
    """`GET /chats/{chat_id}`."""
    chat, account = _find_chat(call)
    seen = _seen(call, chat, account)
    last = _message(call, chat, account, seen[-1]) if seen else None
    return Reply(200, _chat(call, chat, account) | {"lastMessage": last})


def patch_chat(call: Call) -> Reply:
    """`PATCH /chats/{chat_id}`: mark as read or unread."""
    chat, _ = _find_chat(call)
    if call.body.get("action") != "setReadStatus":
        raise invalid("/action: Expected union value")
    if not isinstance(call.body.get("value"), bool):
        raise invalid("/value: Expected boolean")
    chat.read_at = call.now if call.body["value"] else 0.0
    call.world.chats.save(chat)
    call.changes()
    return Reply(200, {"object": "ChatPatched"})


def list_chat_messages(call: Call) -> Reply:
    """`GET /chats/{chat_id}/messages`, newest first."""
    window = call.window()
    after, before = _bounds(call)
    chat, account = _find_chat(call)
    sender = call.query.get("sender_id")
    messages = [item for item in _seen(call, chat, account)[::-1] if after < item.at < before]
    shown = [_message(call, chat, account, message) for message in messages]
    if sender:
        shown = [
            item for item in shown if sender in {item["sender_id"], item["sender_attendee_id"]}
        ]
    page = window.of(shown)
    return _list_reply("MessageList", page.items, page.cursor)


def list_messages(call: Call) -> Reply:
    """`GET /messages`, newest first."""
    window = call.window()
    after, before = _bounds(call)
    found = [
        (message.at, message.number, account, chat, message)
        for account in _accounts(call)
        for chat in call.world.chats.of(account.id)
        for message in _seen(call, chat, account)
        if after < message.at < before
    ]
    found.sort(key=lambda item: item[:2], reverse=True)
    page = window.of(found)
    items = [_message(call, chat, account, message) for _, _, account, chat, message in page.items]
    return _list_reply("MessageList", items, page.cursor)


def get_message(call: Call) -> Reply:
    """`GET /messages/{message_id}`."""
    message = call.world.chats.message(call.path["message_id"])
    chat = call.world.chats.find(message.chat_id) if message else None
    if message is None or chat is None:
        raise not_found("Message")
    account = call.act_as(chat.account_id, live=False)
    if message not in _seen(call, chat, account):
        raise not_found("Message")
    return Reply(200, _message(call, chat, account, message))


def list_chat_attendees(call: Call) -> Reply:
    """`GET /chats/{chat_id}/attendees`."""
    window = call.window()
    chat, account = _find_chat(call)
    owner = _self(call, account, Product(chat.feature))
    page = window.of([owner, *_attendees(call, chat, account)])
    return _list_reply("ChatAttendeeList", page.items, page.cursor)


def list_attendees(call: Call) -> Reply:
    """`GET /chat_attendees`."""
    window = call.window()
    found: dict[str, dict[str, Any]] = {}
    for account in _accounts(call):
        for chat in call.world.chats.of(account.id):
            if _seen(call, chat, account):
                found |= {item["id"]: item for item in _attendees(call, chat, account)}
    page = window.of(list(found.values()))
    return _list_reply("ChatAttendeeList", page.items, page.cursor)


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
    items = [_chat(call, chat, account) for chat in page.items]
    return _list_reply("ChatList", items, page.cursor)


def list_attendee_messages(call: Call) -> Reply:
    """`GET /chat_attendees/{attendee_id}/messages`, newest first."""
    window = call.window()
    account, person, product = _find_attendee(call)
    chat = call.world.chats.between(account.id, person.public_id, feature=product)
    messages = _seen(call, chat, account)[::-1] if chat else []
    page = window.of(messages)
    items = [_message(call, chat, account, message) for message in page.items] if chat else []
    return _list_reply("MessageList", items, page.cursor)


def _list_reply(name: str, items: Sequence[Any], cursor: str | None) -> Reply:
    return Reply(200, {"object": name, "items": items, "cursor": cursor})


def _accounts(call: Call) -> list[Account]:
    wanted = call.query.get("account_id")
    if not wanted:
        return list(call.world.accounts)
    return [call.world.accounts.get(account_id.strip()) for account_id in wanted.split(",")]


def _bounds(call: Call) -> tuple[float, float]:
    bounds = []
    for name, default in (("after", float("-inf")), ("before", float("inf"))):
        text = call.query.get(name)
        if not text:
            bounds.append(default)
        elif _INSTANT.fullmatch(text):
            bounds.append(datetime.fromisoformat(text).timestamp())
        else:
            raise invalid(f"/{name}: Expected string to match YYYY-MM-DDTHH:MM:SS.mmmZ")
    return bounds[0], bounds[1]


def _find_chat(call: Call) -> tuple[Chat, Account]:
    chat = call.world.chats.find(call.path["chat_id"])
    if chat is None:
        raise not_found("Chat")
    account = call.act_as(chat.account_id, live=False)
    call.entry.object_id = chat.id
    if not _seen(call, chat, account):
        raise not_found("Chat")
    return chat, account


def _find_attendee(call: Call) -> tuple[Account, Person, Product]:
    attendee_id = call.path["attendee_id"]
    for account in _accounts(call):
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
        if public_id in chat.public_ids and chat.feature == product and _seen(call, chat, account)
    ]


def _seen(call: Call, chat: Chat, account: Account) -> list[Message]:
    """What Unipile has synchronised, oldest first."""
    return [it for it in chat.seen(account) if call.shows(it.arrived_at, it.real_at)]


def _chat(call: Call, chat: Chat, account: Account) -> dict[str, Any]:
    people = [call.world.people.known(public_id) for public_id in chat.public_ids]
    names = ", ".join(person.name for person in people if person)
    only = people[0] if len(people) == 1 else None
    product = Product(chat.feature)
    provider_id = call.world.people.provider_id(only, account.id, product) if only else None
    seen = _seen(call, chat, account)
    return chat_json(chat, seen, attendee_provider_id=provider_id, name=names)


def _message(call: Call, chat: Chat, account: Account, message: Message) -> dict[str, Any]:
    world = call.world
    owner = world.accounts.owner(account)
    sender = world.people.must(message.sender) if message.sender else owner
    degree = -1
    if message.sender:
        tie = world.relationships.between(account, sender, call.now)
        degree = _DEGREES[distance(world.dice, sender, tie)]
    return message_json(
        message,
        chat,
        sender_id=world.people.provider_id(sender, account.id, Product(chat.feature)),
        sender_attendee_id=world.chats.attendee_id(
            account.id, message.sender, Product(chat.feature)
        ),
        distance=degree,
    )


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


def _read(path: str, perform: Any, summary: str) -> Operation:
    return Operation(method="GET", path=path, perform=perform, summary=summary, live=False)


OPERATIONS = (
    _read("/chats", list_chats, "Chats, newest first"),
    _read("/chats/{chat_id}", get_chat, "One chat"),
    Operation(
        method="PATCH",
        path="/chats/{chat_id}",
        perform=patch_chat,
        summary="Mark a chat as read or unread",
        body="json",
    ),
    _read("/chats/{chat_id}/messages", list_chat_messages, "Messages of a chat, newest first"),
    _read("/chats/{chat_id}/attendees", list_chat_attendees, "Who is in a chat"),
    _read("/messages", list_messages, "Messages, newest first"),
    _read("/messages/{message_id}", get_message, "One message"),
    _read("/chat_attendees", list_attendees, "Everybody who is in a chat"),
    _read("/chat_attendees/{attendee_id}", get_attendee, "One attendee"),
    _read("/chat_attendees/{attendee_id}/chats", list_attendee_chats, "Chats with somebody"),
    _read("/chat_attendees/{attendee_id}/messages", list_attendee_messages, "Their messages"),
)
