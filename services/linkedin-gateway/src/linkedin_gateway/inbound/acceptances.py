"""A person accepted an invitation: known by webhook, by a chat that opened, or by polling."""

from __future__ import annotations

from datetime import datetime

from servicekit.telemetry.logs import get_logger

from linkedin_gateway.inbound.inbound_transaction import InboundTransaction, Invitation
from linkedin_gateway.models import Account, text_hash
from linkedin_gateway.outbox import linkedin_events
from linkedin_gateway.outbox.linkedin_events import About
from linkedin_gateway.replies.message import Message

log = get_logger(__name__)


async def record_acceptance(
    transaction: InboundTransaction,
    account: Account,
    person_id: str,
    *,
    provider_id: str,
    at: datetime,
    now: datetime,
) -> bool:
    """Record that they are connected, and publish it to the leads they were invited for.

    True if somebody had invited them. It is published once per invitation, however often it
    is noticed.
    """
    invitations = await transaction.invitations(account, person_id)
    await transaction.connect(account, person_id, provider_id=provider_id, now=now)
    if not invitations:
        return False
    await transaction.remember(account, person_id, at=at)
    await transaction.publish(
        linkedin_events.invitation_accepted(
            About.of(account, at),
            action_id=invitations[0].action_id,
            provider_id=provider_id,
            leads=sorted({invitation.lead for invitation in invitations}),
        ),
        now=now,
        about=person_id,
    )
    return True


def is_note(invitations: list[Invitation], *, text_hash: str, message_type: str) -> bool:
    """Whether an own message is an invitation's note, which opens the chat on acceptance."""
    if not invitations:
        return False
    if message_type == "INVITATION":
        return True
    return any(text_hash and invitation.text_hash == text_hash for invitation in invitations)


async def hear_note(
    transaction: InboundTransaction,
    account: Account,
    person_id: str,
    message: Message,
    *,
    provider_id: str,
    at: datetime,
    now: datetime,
) -> None:
    """Our own words that come back as a chat's first are an invitation's, which was accepted."""
    if not transaction.replayed and await transaction.has_accepted(account, person_id):
        return
    invitations = list(await transaction.invitations(account, person_id))
    said = text_hash(message.text)
    if not is_note(invitations, text_hash=said, message_type=message.message_type):
        return
    await record_acceptance(
        transaction, account, person_id, provider_id=provider_id, at=at, now=now
    )
    if message.chat_id:
        await transaction.keep_chat(account, person_id, message.chat_id)
    log.info("invitation_accepted", account_id=account.account_id, known_by="note")
