"""What the account's owner writes to a person by hand: it concerns the leads that go on."""

from __future__ import annotations

from datetime import datetime

from servicekit.telemetry.logs import get_logger

from linkedin_gateway.models import Account
from linkedin_gateway.outbox import linkedin_events
from linkedin_gateway.outbox.linkedin_events import About
from linkedin_gateway.replies.hearing import told_as
from linkedin_gateway.replies.message import Message
from linkedin_gateway.replies.reply_transaction import ReplyTransaction

log = get_logger(__name__)


async def hear_owner(
    transaction: ReplyTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    at: datetime,
    now: datetime,
    for_action: str = "",
) -> bool:
    """Record and publish a message of the owner's, if it was written by hand to a lead.

    What an action of ours has written, or may have written, is none. What it means for a lead,
    its campaign says. `for_action` looks, and has not gone yet. True if it was by hand and to
    somebody for whom no lead goes on, as far as is known.
    """
    if not message.may_be_by_hand:
        return False
    written_at = message.at or at
    leads = await transaction.in_sequence(account, person_id, by=written_at)
    if await transaction.is_ours(account, person_id, message, without=for_action):
        return False
    if not leads:
        return True
    await transaction.owner_wrote(account, leads, at=written_at)
    await transaction.publish(
        linkedin_events.owner_wrote(
            About.of(account, written_at),
            provider_id=message.author.provider_id,
            chat_id=message.chat_id,
            message_id=message.message_id,
            told_as=told_as(message),
            leads=leads,
        ),
        now=now,
        about=person_id,
    )
    log.info("owner_wrote", account_id=account.account_id, leads=len(leads))
    return False
