"""A person accepted an invitation: heard by webhook, by a chat that opened, or found by a sweep."""

from __future__ import annotations

from datetime import datetime

from linkedin_gateway.inbound.inbound_repository import Conversation, Invitation, about
from linkedin_gateway.models import Account
from linkedin_gateway.outbox import events


async def accepted(
    conversation: Conversation,
    account: Account,
    person: str,
    *,
    provider_id: str,
    at: datetime,
    now: datetime,
) -> bool:
    """Record that they are connected, and tell the leads they were invited for.

    True if somebody had invited them. Told once per invitation, however often it is heard.
    """
    invitations = await conversation.invitations(account, person)
    await conversation.connect(account, person, provider_id=provider_id, now=now)
    if not invitations:
        return False
    await conversation.tell(
        events.invitation_accepted(
            about(account, at),
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
