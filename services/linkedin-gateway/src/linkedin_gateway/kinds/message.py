"""A message to a connected person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from linkedin_gateway.kinds.action_kind import (
    Deferred,
    Finding,
    Found,
    Inconclusive,
    Known,
    Missing,
    NotFoundMeans,
    Ports,
    Sending,
    Sent,
    Verification,
    Write,
)
from linkedin_gateway.kinds.limits import Budget, PerWindow, by_tier
from linkedin_gateway.kinds.reads import read_profile
from linkedin_gateway.kinds.targets import (
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    fresh,
    target_of,
)
from linkedin_gateway.models import Account, Action, Kind, Outcome, Profile, text_hash

if TYPE_CHECKING:
    from linkedin_gateway.unipile import MessageSeen, MessageSent, Unipile

_CLOCK_DIFFERENCE = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
_CAPS = by_tier(PerWindow(hour=10, day=40, week=200))

DIRECT_MESSAGES = Budget(
    name="direct_message", caps=_CAPS, bound_by=Kind.MESSAGE, cool_together=False
)
"""An InMail to somebody who has connected meanwhile goes as a message, and must fit as one."""


def _resolve(known: Known) -> Resolution:
    profile = known.profile
    if profile is None or not profile.provider_id:
        return NeedsLookup()
    if profile.connected:
        return Resolved(target=target_of(profile))
    if fresh(profile, known.now):
        return Impossible(reason="NOT_CONNECTED")
    return NeedsLookup()


async def send_text(sending: Sending, unipile: Unipile) -> Sent:
    """Write to a person; an InMail to a connection is written as a message."""
    sent = await _written(sending, unipile)
    action, target = sending.action, sending.action.target
    chat_id = sent.chat_id or target.chat_id
    return Sent(
        outcome=_outcome(action, chat_id, sent.message_id),
        profile=replace(_profile(action, chat_id), connected=target.connected),
    )


async def _written(sending: Sending, unipile: Unipile) -> MessageSent:
    request, action, account = sending.request, sending.action, sending.account
    if action.as_message and action.target.chat_id:
        return await unipile.messages.write(
            account.unipile_account_id, action.target.chat_id, request.text
        )
    target = action.target
    return await unipile.messages.start_chat(
        account.unipile_account_id,
        target.provider_id if action.as_message else target.inmail_recipient,
        request.text,
        subject=request.subject,
        inmail=None if action.as_message else target.product,
    )


async def find_text(action: Action, account: Account, ports: Ports) -> Finding:
    """Look for a text in the chats with the person.

    Of those with its words it is neither one that was there before it went, nor another
    action's.
    """
    unipile_account = account.unipile_account_id
    chats = await _chats(action, unipile_account, ports)
    if action.sent_at is None:
        return Inconclusive()
    since = action.sent_at - _CLOCK_DIFFERENCE
    # Newest first in each chat.
    chat_of = {
        message.message_id: chat_id
        for chat_id in chats
        async for message in ports.unipile.messages.back_to(unipile_account, chat_id, since)
        if has_words(message, action, account) and message.message_id not in action.earlier_ids
    }
    # Asked for after the chats were read: what is there then is known, or on the wire.
    twins = await ports.twins(action, list(chat_of))
    if twins.on_the_wire and chat_of:
        return Deferred()
    left = [message_id for message_id in chat_of if message_id not in twins.owned]
    if len(left) <= twins.unnamed:
        return Missing()
    message_id = left[-1]
    return Found(
        outcome=_outcome(action, chat_of[message_id], message_id),
        profile=_profile(action, chat_of[message_id]),
        claims=message_id,
    )


def has_words(message: MessageSeen, action: Action, account: Account) -> bool:
    """Whether the account's owner has written the very words of an action. Ids outweigh flags."""
    known = {account.provider_id: True, action.target.provider_id: False}
    own = known.get(message.sender_id, message.own) if message.sender_id else message.own
    return own and text_hash(message.text) == action.text_hash


async def _chats(action: Action, unipile_account: str, ports: Ports) -> Sequence[str]:
    """Where a text can be: an InMail in any chat of its product, not only the one known."""
    target = action.target
    if not action.as_message:
        return await ports.unipile.messages.chats_with(unipile_account, target.inmail_recipient)
    if target.chat_id:
        return [target.chat_id]
    return await ports.unipile.messages.chats_with(unipile_account, target.provider_id)


def _outcome(action: Action, chat_id: str, message_id: str) -> Outcome:
    return Outcome(
        provider_id=action.target.provider_id,
        chat_id=chat_id,
        message_id=message_id,
        connected=action.target.connected,
        sent_as_message=action.kind is Kind.INMAIL and action.as_message,
    )


def _profile(action: Action, chat_id: str) -> Profile:
    # An InMail's chat is not the one in which connected people write.
    return Profile(
        person_id=action.person_id,
        provider_id=action.target.provider_id,
        chat_id=chat_id if action.as_message else "",
    )


MESSAGE = Write(
    kind=Kind.MESSAGE,
    public=True,
    request_field="send_message",
    ceiling=50,
    caps=_CAPS,
    budget=DIRECT_MESSAGES,
    priority=1,
    reply_priority=0,
    cool_down=timedelta(hours=2),
    contacts=True,
    looks_for_reply=True,
    makes_message=True,
    longest_text=8000,
    longest_subject=0,
    prepared_by=Kind.LOOKUP,
    resolve=_resolve,
    prepare=read_profile,
    send=send_text,
    verification=Verification(look=find_text, gone_is_inconclusive=True),
    absent=NotFoundMeans.CHAT,
)
