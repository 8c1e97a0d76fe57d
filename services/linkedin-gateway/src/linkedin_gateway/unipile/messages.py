"""Chats and the messages in them. Unipile answers their reads from its own store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Kind, Product
from linkedin_gateway.unipile.error_table import ErrorClass
from linkedin_gateway.unipile.errors import UnipileError
from linkedin_gateway.unipile.transport import PAGE, Answers, Transport, multipart
from linkedin_gateway.unipile.values import (
    JSON,
    instant,
    instant_text,
    items,
    part,
    path_part,
    text,
)


@dataclass(frozen=True, kw_only=True)
class MessageSeen:
    """A message of a chat."""

    message_id: str
    chat_id: str
    sender_id: str
    own: bool
    """What its flag says; ids may say otherwise."""
    is_event: bool
    message_type: str
    text: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ChatSeen:
    """A chat with one person."""

    chat_id: str
    attendee_id: str
    """By which the product in whose inbox it is knows them."""


@dataclass(frozen=True, kw_only=True)
class MessageSent:
    chat_id: str
    message_id: str


class Messages:
    """Calls about messages."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def start_chat(
        self,
        account: str,
        recipient: str,
        words: str,
        *,
        subject: str = "",
        inmail: Product | None = None,
    ) -> MessageSent:
        """Write to a person: into the chat that exists, or a new one.

        An InMail goes by a product, to the id that the person has there; everything else by
        none.
        """
        form = [("account_id", account), ("attendees_ids", recipient), ("text", words)]
        if subject:
            form.append(("subject", subject))
        if inmail is not None:
            form += [("linkedin[api]", inmail.value), ("linkedin[inmail]", "true")]
        kind = Kind.INMAIL if inmail is not None else Kind.MESSAGE
        answer = await self._transport.call(
            "start_chat", "POST", "/chats", kind=kind, files=multipart(form)
        )
        return MessageSent(chat_id=text(answer, "chat_id"), message_id=text(answer, "message_id"))

    async def write(self, account: str, chat_id: str, words: str) -> MessageSent:
        """Write into a chat."""
        form = multipart([("text", words), ("account_id", account)])
        path = f"/chats/{path_part(chat_id)}/messages"
        answer = await self._transport.call("write", "POST", path, kind=Kind.MESSAGE, files=form)
        return MessageSent(chat_id=chat_id, message_id=text(answer, "message_id"))

    async def chats_with(self, account: str, provider_id: str) -> Sequence[str]:
        """The chats with a person alone; none if they were never written with."""
        path = f"/chat_attendees/{path_part(provider_id)}/chats"
        try:
            answer = await self._transport.get(
                "chats_with", path, answers=Answers.STORE, account_id=account
            )
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                return ()
            raise
        return [text(item, "id") for item in items(answer) if not _is_group(item)]

    async def latest_chats(self, account: str, *, after: datetime) -> Sequence[ChatSeen]:
        """The chats with one person each in which something was written since."""
        pages = self._transport.pages(
            "latest_chats",
            "/chats",
            answers=Answers.STORE,
            account_id=account,
            after=instant_text(after),
        )
        return [
            ChatSeen(chat_id=text(item, "id"), attendee_id=text(item, "attendee_provider_id"))
            async for item in pages
            if not _is_group(item)
        ]

    async def member_urn(self, account: str, chat_id: str) -> str:
        """The number of the member whom a chat is with; empty if it is not told."""
        answer = await self._transport.get(
            "chat_attendees",
            f"/chats/{path_part(chat_id)}/attendees",
            answers=Answers.STORE,
            account_id=account,
        )
        urns = [
            text(part(item, "specifics"), "member_urn")
            for item in items(answer)
            if not item.get("is_self") and part(item, "specifics")
        ]
        return urns[0] if len(urns) == 1 else ""

    async def back_to(
        self, account: str, chat_id: str, since: datetime
    ) -> AsyncIterator[MessageSeen]:
        """The messages of a chat, newest first, as far back as one that is older than `since`."""
        path = f"/chats/{path_part(chat_id)}/messages"
        pages = self._transport.pages("messages", path, answers=Answers.STORE, account_id=account)
        async for item in pages:
            message = _message(item)
            if message.sent_at is not None and message.sent_at < since:
                return
            yield message

    async def newest(self, account: str, chat_id: str, *, since: datetime) -> Sequence[MessageSeen]:
        """The newest messages of a chat: a page, and all that were written since a moment."""
        path = f"/chats/{path_part(chat_id)}/messages"
        pages = self._transport.pages(
            "newest_messages", path, answers=Answers.STORE, account_id=account
        )
        found: list[MessageSeen] = []
        async for item in pages:
            message = _message(item)
            found.append(message)
            # The next page is not read before it is asked for.
            old = message.sent_at is not None and message.sent_at < since
            if old and len(found) >= PAGE:
                break
        return found

    async def since(self, account: str, at: datetime) -> AsyncIterator[JSON]:
        """Every message of an account that was written after a moment, as it is stored."""
        pages = self._transport.pages(
            "messages_since",
            "/messages",
            answers=Answers.STORE,
            account_id=account,
            after=instant_text(at),
        )
        async for item in pages:
            yield item


def _message(answer: JSON) -> MessageSeen:
    return MessageSeen(
        message_id=text(answer, "id"),
        chat_id=text(answer, "chat_id"),
        sender_id=text(answer, "sender_id"),
        own=bool(answer.get("is_sender")),
        is_event=bool(answer.get("is_event")),
        message_type=text(answer, "message_type").upper(),
        text=text(answer, "text"),
        sent_at=instant(answer.get("timestamp")),
    )


def _is_group(chat: JSON) -> bool:
    """Several others are in it: only a chat of two names whom it is with."""
    return bool(chat.get("type")) and not text(chat, "attendee_provider_id")
