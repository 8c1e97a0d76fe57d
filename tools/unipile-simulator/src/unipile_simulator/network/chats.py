"""Conversations."""

from __future__ import annotations

import time
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.clock import iso
from unipile_simulator.dice import Dice
from unipile_simulator.people.ids import Product
from unipile_simulator.store import Store

FOLDERS = {product: ["INBOX", f"INBOX_LINKEDIN_{product.upper()}"] for product in Product}


@dataclass(kw_only=True)
class Message:
    """One message; `sender` is a public identifier, `None` for the account's owner."""

    id: str
    chat_id: str
    number: int
    sender: str | None
    text: str
    at: float
    type: str = "MESSAGE"
    subject: str | None = None
    arrived_at: float = 0.0
    """When LinkedIn and Unipile had it: later than `at` when history was synchronised."""
    real_at: float = field(default_factory=time.time)
    """The same by the real clock."""
    edited_at: float | None = None
    event_type: int | None = None
    """Set on what LinkedIn calls an event, such as a call or a change of the group."""
    told: dict[str, Any] = field(default_factory=dict)
    """What webhooks say otherwise of it, such as a flag that lies."""

    @property
    def provider_id(self) -> str:
        """LinkedIn's own id of the message."""
        return f"2-{self.id}=="


@dataclass(kw_only=True)
class Chat:
    """A conversation of one account with one person, or with several."""

    id: str
    account_id: str
    public_ids: list[str]
    feature: str = Product.CLASSIC.value
    """The product in whose inbox it is."""
    inmail: bool = False
    subject: str | None = None
    read_at: float = 0.0
    messages: list[Message] = field(default_factory=list)

    @property
    def provider_id(self) -> str:
        """LinkedIn's own id of the thread."""
        return f"2-{self.id}=="

    @property
    def is_group(self) -> bool:
        """More than one other person."""
        return len(self.public_ids) > 1

    @property
    def answered(self) -> bool:
        """Whether anybody but the owner ever wrote."""
        return any(message.sender for message in self.messages)

    def sent(self) -> int:
        """How many messages the owner wrote, invitation notes and InMails aside."""
        return sum(1 for item in self.messages if item.sender is None and item.type == "MESSAGE")

    def seen(self, account: Account) -> list[Message]:
        """Messages that Unipile has synchronised, oldest first."""
        since = account.offline_since
        if since is None:
            return self.messages
        return [message for message in self.messages if message.arrived_at <= since]


class Chats:
    """All conversations, by id and by whom they are with."""

    def __init__(self, dice: Dice, store: Store) -> None:
        self._dice = dice
        self._store = store
        self._by_id: dict[str, Chat] = {}
        self._by_pair: dict[tuple[str, str, tuple[str, ...]], Chat] = {}
        self._by_account: dict[str, list[Chat]] = {}
        self._messages: dict[str, Message] = {}
        for kept in store.documents("chat"):
            self._index(Chat(**kept))
        messages = [Message(**kept) for kept in store.documents("message")]
        for message in sorted(messages, key=_order):
            self._by_id[message.chat_id].messages.append(message)
            self._messages[message.id] = message

    def find(self, chat_id: str) -> Chat | None:
        """By Unipile's id or by LinkedIn's."""
        return self._by_id.get(chat_id) or self._by_id.get(
            chat_id.removeprefix("2-").removesuffix("==")
        )

    def message(self, message_id: str) -> Message | None:
        """By id."""
        return self._messages.get(message_id)

    def of(self, account_id: str) -> list[Chat]:
        """An account's conversations."""
        return self._by_account.get(account_id, [])

    def between(
        self, account_id: str, *public_ids: str, feature: Product = Product.CLASSIC
    ) -> Chat | None:
        """The conversation with exactly these people, in the inbox of a product."""
        return self._by_pair.get((account_id, feature, tuple(sorted(public_ids))))

    def open(
        self,
        account_id: str,
        public_ids: list[str],
        *,
        feature: Product = Product.CLASSIC,
        inmail: bool = False,
        subject: str | None = None,
    ) -> Chat:
        """The conversation with these people, begun if there is none."""
        chat = self.between(account_id, *public_ids, feature=feature)
        if chat is None:
            inbox = () if feature is Product.CLASSIC else (feature,)
            chat = Chat(
                id=self._dice.token("chat", account_id, *sorted(public_ids), *inbox),
                account_id=account_id,
                public_ids=public_ids,
                feature=feature.value,
                inmail=inmail,
                subject=subject,
            )
            self._index(chat)
            self.save(chat)
        return chat

    def write(
        self,
        chat: Chat,
        *,
        sender: str | None,
        text: str,
        at: float,
        kind: str = "MESSAGE",
        subject: str | None = None,
        arrived_at: float | None = None,
        event_type: int | None = None,
        told: dict[str, Any] | None = None,
    ) -> Message:
        """Add a message; one that was written long ago stands where it belongs."""
        number = len(chat.messages) + 1
        message = Message(
            id=self._dice.token("message", chat.id, number),
            chat_id=chat.id,
            number=number,
            sender=sender,
            text=text,
            at=at,
            type=kind,
            subject=subject,
            arrived_at=at if arrived_at is None else arrived_at,
            event_type=event_type,
            told=told or {},
        )
        insort(chat.messages, message, key=_order)
        self._messages[message.id] = message
        self._store.put("message", message.id, message)
        return message

    def edit(self, message: Message, *, text: str, at: float) -> None:
        """Its author changes the text."""
        message.text, message.edited_at = text, at
        self._store.put("message", message.id, message)

    def save(self, chat: Chat) -> None:
        """Keep a changed conversation; its messages are kept one by one."""
        self._store.put(
            "chat",
            chat.id,
            {name: value for name, value in vars(chat).items() if name != "messages"},
        )

    def attendee_id(
        self, account_id: str, public_id: str | None, feature: Product = Product.CLASSIC
    ) -> str:
        """Unipile's id of a participant in a product's inbox; `None` is the owner."""
        inbox = () if feature is Product.CLASSIC else (feature,)
        return self._dice.token("attendee", account_id, public_id or "", *inbox)

    def attendee(self, account_id: str, attendee_id: str) -> tuple[str, Product] | None:
        """Whom an attendee id means and where, once a conversation is synchronised."""
        for chat in self.of(account_id):
            product = Product(chat.feature)
            for public_id in chat.public_ids:
                if self.attendee_id(account_id, public_id, product) == attendee_id:
                    return public_id, product
        return None

    def _index(self, chat: Chat) -> None:
        self._by_id[chat.id] = chat
        self._by_pair[chat.account_id, chat.feature, tuple(sorted(chat.public_ids))] = chat
        self._by_account.setdefault(chat.account_id, []).append(chat)


def _order(message: Message) -> tuple[float, int]:
    return message.at, message.number


def chat_json(
    chat: Chat, seen: Sequence[Message], *, attendee_provider_id: str | None, name: str | None
) -> dict[str, Any]:
    """A `Chat` object, as far as its messages have been seen."""
    unread = sum(1 for message in seen if message.sender and message.at > chat.read_at)
    shown: dict[str, Any] = {
        "object": "Chat",
        "id": chat.id,
        "account_id": chat.account_id,
        "account_type": "LINKEDIN",
        "provider_id": chat.provider_id,
        "name": name if chat.is_group else None,
        "type": 1 if chat.is_group else 0,
        "timestamp": iso(seen[-1].at) if seen else None,
        "unread_count": unread,
        "unread": int(unread > 0),
        "archived": 0,
        "muted_until": None,
        "read_only": 0,
        "pinned": 0,
        "disabledFeatures": [],
        "folder": FOLDERS[Product(chat.feature)],
    }
    if chat.subject:
        shown["subject"] = chat.subject
    if chat.inmail:
        shown["content_type"] = "inmail"
    if attendee_provider_id is not None:
        shown["attendee_provider_id"] = attendee_provider_id
    return shown


def message_json(
    message: Message, chat: Chat, *, sender_id: str, sender_attendee_id: str, distance: int
) -> dict[str, Any]:
    """A `Message` object; its flags are numbers."""
    mine = message.sender is None
    shown: dict[str, Any] = {
        "object": "Message",
        "id": message.id,
        "account_id": chat.account_id,
        "chat_id": chat.id,
        "chat_provider_id": chat.provider_id,
        "provider_id": message.provider_id,
        "sender_id": sender_id,
        "sender_attendee_id": sender_attendee_id,
        "text": message.text,
        "timestamp": iso(message.at),
        "is_sender": int(mine),
        "seen": int(mine or message.at <= chat.read_at),
        "seen_by": {},
        "hidden": 0,
        "deleted": 0,
        "edited": int(message.edited_at is not None),
        "is_event": int(message.event_type is not None),
        "delivered": 1,
        "behavior": 0,
        "original": "",
        "reactions": [],
        "attachments": [],
        "message_type": message.type,
        "attendee_type": "MEMBER",
        "attendee_distance": -1 if mine else distance,
    }
    if message.subject:
        shown["subject"] = message.subject
    if message.event_type is not None:
        shown["event_type"] = message.event_type
    return shown
