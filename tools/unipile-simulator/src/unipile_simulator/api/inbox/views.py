"""What an account is shown of its chats: those asked for, as far as they are synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.errors import not_found
from unipile_simulator.network.chats import Chat, Message, chat_json, message_json
from unipile_simulator.network.relationships import distance
from unipile_simulator.people.ids import Product

_DEGREES = {"FIRST_DEGREE": 1, "SECOND_DEGREE": 2, "THIRD_DEGREE": 3, "OUT_OF_NETWORK": -1}


def reading(path: str, perform: Any, summary: str) -> Operation:
    return Operation(method="GET", path=path, perform=perform, summary=summary, live=False)


def list_reply(name: str, items: Sequence[Any], cursor: str | None) -> Reply:
    return Reply(200, {"object": name, "items": items, "cursor": cursor})


def asked_accounts(call: Call) -> list[Account]:
    wanted = call.query.get("account_id")
    if not wanted:
        return list(call.world.accounts)
    return [call.world.accounts.get(account_id.strip()) for account_id in wanted.split(",")]


def find_chat(call: Call) -> tuple[Chat, Account]:
    chat = call.world.chats.find(call.path["chat_id"])
    if chat is None:
        raise not_found("Chat")
    account = call.act_as(chat.account_id, live=False)
    call.entry.object_id = chat.id
    if not seen_messages(call, chat, account):
        raise not_found("Chat")
    return chat, account


def seen_messages(call: Call, chat: Chat, account: Account) -> list[Message]:
    """What Unipile has synchronised, oldest first."""
    return [it for it in chat.seen(account) if call.shows(it.arrived_at, it.real_at)]


def chat_shown(call: Call, chat: Chat, account: Account) -> dict[str, Any]:
    people = [call.world.people.known(public_id) for public_id in chat.public_ids]
    names = ", ".join(person.name for person in people if person)
    only = people[0] if len(people) == 1 else None
    product = Product(chat.feature)
    provider_id = call.world.people.provider_id(only, account.id, product) if only else None
    seen = seen_messages(call, chat, account)
    return chat_json(chat, seen, attendee_provider_id=provider_id, name=names)


def message_shown(call: Call, chat: Chat, account: Account, message: Message) -> dict[str, Any]:
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
