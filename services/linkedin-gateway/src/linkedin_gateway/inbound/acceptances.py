"""A person accepted an invitation: known by webhook, by a chat that opened, or by polling."""

from __future__ import annotations

from datetime import datetime

from linkedin_gateway.inbound.inbound_transaction import InboundTransaction, Invitation
from linkedin_gateway.models import Account
from linkedin_gateway.outbox import linkedin_events
from linkedin_gateway.outbox.linkedin_events import About


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
    )
    return True


def is_note(invitations: list[Invitation], *, text_hash: str, message_type: str) -> bool:
    """Whether an own message is an invitation's note, which opens the chat on acceptance."""
    if not invitations:
        return False
    if message_type == "INVITATION":
        return True
    return any(text_hash and invitation.text_hash == text_hash for invitation in invitations)
