"""A message of somebody else: whom it answers is left in peace, and told to campaign-api."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from servicekit.telemetry.logs import get_logger

from linkedin_gateway.models import Account, text_hash
from linkedin_gateway.outbox import linkedin_events
from linkedin_gateway.outbox.linkedin_events import About, Lead
from linkedin_gateway.replies.auto_replies import is_automatic
from linkedin_gateway.replies.message import Message
from linkedin_gateway.replies.opt_outs import is_opt_out
from linkedin_gateway.replies.reply_transaction import ReplyTransaction

log = get_logger(__name__)


async def hear(
    transaction: ReplyTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    at: datetime,
    now: datetime,
    asking: Lead | None = None,
    for_action: str = "",
) -> str:
    """Record and publish what a message answers.

    It answers the leads for which the organization had turned to the person before it was written:
    history that is synchronised late answers nobody. `asking` is a lead that it answers in any
    case, because `for_action` of it looked. A message is published once for them, however often
    it is found. Whoever asks for no further contact is suppressed: returns that suppression's id.
    """
    if message.in_plain_chat:
        await transaction.keep_chat(account, person_id, message.chat_id)
    # Of an edit it is told when the message was written first; it says something anew.
    touched = await transaction.touched(
        account, person_id, by=None if message.edited else message.at, without=for_action
    )
    suppression_id = ""
    if (touched or asking is not None) and not is_automatic(message.text):
        await transaction.remember(account, person_id, at=at)
        if asks_for_no_contact(message):
            suppression_id = await _suppress(
                transaction, account, person_id, message, at=at, now=now
            )
    answer = partial(
        _answer,
        transaction,
        account,
        person_id,
        message,
        at=at,
        now=now,
        suppression_id=suppression_id,
    )
    await answer(leads=touched)
    if asking is not None and asking not in touched:
        await answer(leads=[asking], only=True)
    if not is_automatic(message.text):
        await _wake(transaction, account, person_id, message, at=at, now=now)
    return suppression_id


def asks_for_no_contact(message: Message) -> bool:
    """Whether it says so to the account, and not to others in the same chat."""
    return not message.marked_group and is_opt_out(message.text)


async def _suppress(
    transaction: ReplyTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    at: datetime,
    now: datetime,
) -> str:
    suppression_id = await transaction.suppressing.suppress(
        account,
        person_id,
        called=message.author.provider_id,
        written_at=_written_at(message, at),
        now=now,
    )
    if suppression_id:
        log.info("opted_out", account_id=account.account_id, suppression_id=suppression_id)
    return suppression_id


async def _answer(
    transaction: ReplyTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    leads: Sequence[Lead],
    at: datetime,
    now: datetime,
    suppression_id: str,
    only: bool = False,
) -> None:
    if not leads:
        return
    automatic = is_automatic(message.text)
    written_at = _written_at(message, at)
    if automatic:
        await transaction.answered_automatically(account, leads, at=written_at)
    else:
        await transaction.replied(account, leads, written_at=written_at, at=at)
    await transaction.publish(
        linkedin_events.reply_received(
            About.of(account, written_at),
            provider_id=message.author.provider_id,
            chat_id=message.chat_id,
            message_id=message.message_id,
            told_as=told_as(message, only=leads[0] if only else None),
            text=message.text,
            automatic=automatic,
            suppression_id=suppression_id,
            leads=leads,
        ),
        now=now,
        about=person_id,
    )
    log.info("reply_received", account_id=account.account_id, leads=len(leads), automatic=automatic)


async def _wake(
    transaction: ReplyTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Leads that waited for an answer to the owner ask again now."""
    waiting = await transaction.waiting(account, person_id)
    # It lies in clear, and is of nobody.
    cause = f"{text_hash(told_as(message))} answered the owner"
    for freed in linkedin_events.actions_freed(About.of(account, at), cause=cause, leads=waiting):
        await transaction.publish(freed, now=now)


def _written_at(message: Message, at: datetime) -> datetime:
    """When it was said: of an edit it is told when the message was written first."""
    return at if message.edited else message.at or at


def told_as(message: Message, *, only: Lead | None = None) -> str:
    """The same for one message however it became known; another for what an edit made of it."""
    said = text_hash(message.text)
    key = message.message_id or f"{message.chat_id}/{message.at}/{said}"
    if message.edited:
        key = f"{key}/{said}"
    return key if only is None else f"{key}/{only.campaign_id}/{only.lead_id}"
