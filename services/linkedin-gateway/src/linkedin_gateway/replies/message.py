"""A message in a chat of an account, however it became known. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from linkedin_gateway.models import Product, is_provider_id
from linkedin_gateway.people.aliases import is_acting_id, product_of

if TYPE_CHECKING:
    from linkedin_gateway.unipile import MessageSeen


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote, by everything that the provider tells of them; all of it may be empty."""

    provider_id: str = ""
    """As the account sees them, in the product in which they wrote."""
    name_or_id: str = ""
    """The last part of their address: a name, or an id."""
    member_urn: str = ""

    @property
    def provider_ids(self) -> tuple[str, ...]:
        """Every id that the provider calls them by."""
        given = (self.provider_id, self.name_or_id if is_provider_id(self.name_or_id) else "")
        return tuple(dict.fromkeys(each for each in given if each))


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message, and what its flags claim of it."""

    message_id: str
    chat_id: str
    author: Author
    owner_ids: tuple[str, ...] = ()
    """Ids by which the provider calls the account's owner in this chat."""
    attendees: tuple[Author, ...] = ()
    """Who is in the chat, as far as it is told; with or without the owner."""
    marked_own: bool = False
    marked_event: bool = False
    marked_group: bool = False
    message_type: str = ""
    text: str = ""
    at: datetime | None = None
    """When it was written; None if that is not told."""
    edited: bool = False
    """It is told of because its author changed it."""

    @property
    def attendee_ids(self) -> tuple[str, ...]:
        """By the ids of the product in whose inbox the chat is."""
        return tuple(each.provider_id for each in self.attendees)

    @property
    def is_inmail(self) -> bool:
        return self.message_type.startswith("INMAIL")

    @property
    def in_plain_chat(self) -> bool:
        """Whether the chat is the one in which the two write as connected people.

        The ids of author and owner are those of the product in whose inbox it is; a chat of
        which nothing tells that may be any.
        """
        alone = bool(self.chat_id) and not self.marked_group and not self.is_inmail
        ids = self.author.provider_ids
        return alone and bool(ids) and all(map(is_acting_id, (*ids, *self.owner_ids)))

    @property
    def lacks_number(self) -> bool:
        """Whether somebody in a chat of two is told of by an id of a product alone.

        Or by nothing: the owner's message in a store that does not tell yet to whom it is.
        """
        people = (self.author, *self.attendees)
        nameless = any(of_product(each.provider_id) and not each.member_urn for each in people)
        to_nobody = self.marked_own and not self.attendees
        return (nameless or to_nobody) and bool(self.chat_id) and not self.marked_group

    def with_number(self, urn: str, account_provider_id: str) -> Message:
        """The same, with the number of the member whom the chat is with."""
        owners = {*self.owner_ids, account_provider_id}
        if not written_by_owner(self, account_provider_id):
            return replace(self, author=replace(self.author, member_urn=urn))
        if not self.attendees:
            return replace(self, attendees=(Author(member_urn=urn),) if urn else ())
        return replace(
            self,
            attendees=tuple(
                each
                if each.provider_id in owners | {self.author.provider_id}
                else replace(each, member_urn=urn)
                for each in self.attendees
            ),
        )

    @property
    def says_something(self) -> bool:
        """Whether a person wrote it; of an event without words the chat itself tells."""
        return not self.marked_event or bool(self.text) or self.is_inmail

    @property
    def may_be_by_hand(self) -> bool:
        """Whether the owner can have written it by hand, to one person and just now.

        The note of an invitation opens the chat when that is accepted, whoever wrote it when.
        """
        told_of = self.marked_group or self.edited or self.is_note
        return self.says_something and not told_of

    @property
    def is_note(self) -> bool:
        return self.message_type == "INVITATION"


def written_by_owner(message: Message, account_provider_id: str) -> bool:
    """Whether the account's owner wrote it. Ids outweigh flags.

    Ids of one product tell two people apart; of another product's id only the flag can tell
    whether it is the owner's.
    """
    owners = {*message.owner_ids, account_provider_id} - {""}
    author = message.author.provider_id
    if author in owners:
        return True
    if author and (_products(owners) & _products([author]) or author in message.attendee_ids):
        return False
    return message.marked_own


def to_whom(message: Message, account_provider_id: str) -> Sequence[Author]:
    """Whom the account's owner has written to, as far as it is told."""
    owners = {*message.owner_ids, account_provider_id, message.author.provider_id} - {""}
    return [each for each in message.attendees if each.provider_id not in owners]


def message_of_chat(seen: MessageSeen) -> Message:
    """A message as Unipile's store has it."""
    return Message(
        message_id=seen.message_id,
        chat_id=seen.chat_id,
        author=Author(provider_id=seen.sender_id),
        marked_own=seen.own,
        marked_event=seen.is_event,
        message_type=seen.message_type,
        text=seen.text,
        at=seen.sent_at,
    )


def of_product(provider_id: str) -> bool:
    """Whether it is an id of a product beside the classic one."""
    return product_of(provider_id) not in {Product.CLASSIC, None}


def _products(ids: Collection[str]) -> set[str]:
    """The products whose ids these are: `ACo…`, `ACw…`, `AE…`; of anything else its own kind."""
    return {"AE" if each.startswith("AE") else each[:3] for each in ids}
