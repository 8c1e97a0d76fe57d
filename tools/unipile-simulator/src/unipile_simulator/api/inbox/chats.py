"""Chats and their messages."""

from __future__ import annotations

import re
from datetime import datetime

from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.inbox.views import (
    asked_accounts,
    chat_shown,
    find_chat,
    list_reply,
    message_shown,
    reading,
    seen_messages,
)
from unipile_simulator.errors import invalid, not_found

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def list_chats(call: Call) -> Reply:
    """`GET /chats`, newest first."""
    window = call.window()
    after, before = _bounds(call)
    accounts = asked_accounts(call)
    unread = call.flag("unread")
    found = []
    for account in accounts:
        for chat in call.world.chats.of(account.id):
            seen = seen_messages(call, chat, account)
            if not seen or not after < seen[-1].at < before:
                continue
            shown = chat_shown(call, chat, account)
            if not unread or shown["unread_count"]:
                found.append((seen[-1].at, shown))
    found.sort(key=lambda item: item[0], reverse=True)
    page = window.of([shown for _, shown in found])
    return list_reply("ChatList", page.items, page.cursor)


def get_chat(call: Call) -> Reply:
    """`GET /chats/{chat_id}`."""
    chat, account = find_chat(call)
    seen = seen_messages(call, chat, account)
    last = message_shown(call, chat, account, seen[-1]) if seen else None
    return Reply(200, chat_shown(call, chat, account) | {"lastMessage": last})


def patch_chat(call: Call) -> Reply:
    """`PATCH /chats/{chat_id}`: mark as read or unread."""
    chat, _ = find_chat(call)
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
    chat, account = find_chat(call)
    sender = call.query.get("sender_id")
    messages = [
        item for item in seen_messages(call, chat, account)[::-1] if after < item.at < before
    ]
    shown = [message_shown(call, chat, account, message) for message in messages]
    if sender:
        shown = [
            item for item in shown if sender in {item["sender_id"], item["sender_attendee_id"]}
        ]
    page = window.of(shown)
    return list_reply("MessageList", page.items, page.cursor)


def list_messages(call: Call) -> Reply:
    """`GET /messages`, newest first."""
    window = call.window()
    after, before = _bounds(call)
    found = [
        (message.at, message.number, account, chat, message)
        for account in asked_accounts(call)
        for chat in call.world.chats.of(account.id)
        for message in seen_messages(call, chat, account)
        if after < message.at < before
    ]
    found.sort(key=lambda item: item[:2], reverse=True)
    page = window.of(found)
    items = [
        message_shown(call, chat, account, message) for _, _, account, chat, message in page.items
    ]
    return list_reply("MessageList", items, page.cursor)


def get_message(call: Call) -> Reply:
    """`GET /messages/{message_id}`."""
    message = call.world.chats.message(call.path["message_id"])
    chat = call.world.chats.find(message.chat_id) if message else None
    if message is None or chat is None:
        raise not_found("Message")
    account = call.act_as(chat.account_id, live=False)
    if message not in seen_messages(call, chat, account):
        raise not_found("Message")
    return Reply(200, message_shown(call, chat, account, message))


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


OPERATIONS = (
    reading("/chats", list_chats, "Chats, newest first"),
    reading("/chats/{chat_id}", get_chat, "One chat"),
    Operation(
        method="PATCH",
        path="/chats/{chat_id}",
        perform=patch_chat,
        summary="Mark a chat as read or unread",
        body="json",
    ),
    reading("/chats/{chat_id}/messages", list_chat_messages, "Messages of a chat, newest first"),
    reading("/messages", list_messages, "Messages, newest first"),
    reading("/messages/{message_id}", get_message, "One message"),
)
