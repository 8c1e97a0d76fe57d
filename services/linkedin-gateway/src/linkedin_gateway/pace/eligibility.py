"""Why an action will never be performed, before anything is asked of the provider. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.models import (
    ActionRequest,
    InvitationScope,
    Invited,
    OwnerMessages,
)
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot

REINVITE_AFTER = timedelta(days=21)
"""How long LinkedIn wants a person left alone after an invitation was withdrawn."""
LAPSES_AFTER = timedelta(days=180)
"""An invitation that nobody answered is pending no longer than this."""


def refusal(request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime) -> str:
    """Why the action will never be performed, before anything is asked of the provider."""
    if request.kind not in CONTACTS:
        return ""
    automatic = snapshot.automatic_at is not None
    answered = ended_by_reply(request, replied=snapshot.replied, automatic=automatic)
    ends = _ends_lead(request, snapshot, rules, answered=answered and snapshot.replied)
    if ends:
        return ends
    if answered:
        return "ALREADY_REPLIED"
    owner_wrote = after_owner(
        request, wrote_at=snapshot.owner_wrote_at, answered_at=snapshot.answered_at
    )
    if owner_wrote is AfterOwner.ENDS:
        return "OWNER_WROTE"
    if snapshot.profile is not None and snapshot.profile.connected:
        return ""
    return invited_before(request, snapshot.invited, rules.invitation_scope, now=now)


def _ends_lead(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, answered: bool
) -> str:
    """Why nothing more is done for the lead; empty if nothing ends it."""
    if snapshot.suppressed:
        # Who asks for no further contact has answered: their lead ends by that.
        return "ALREADY_REPLIED" if answered else "PERSON_SUPPRESSED"
    if snapshot.duplicate:
        return "DUPLICATE_PERSON"
    if snapshot.elsewhere and rules.enrolment_policy.ends:
        return "PERSON_IN_ANOTHER_CAMPAIGN"
    if snapshot.responded_before and not request.contact_responders:
        return "PERSON_RESPONDED_BEFORE"
    return ""


def ended_by_reply(request: ActionRequest, *, replied: bool, automatic: bool) -> bool:
    """Whether a reply, of the person or of a machine for them, forbids the action."""
    counts = replied or (automatic and request.automatic_reply_wait is None)
    return counts and (request.only_if_no_reply or not request.continue_after_reply)


class AfterOwner(Enum):
    """What an action does once the account's owner has written to the person by hand."""

    GOES = "goes"
    WAITS = "waits"
    ENDS = "ends"


def after_owner(
    request: ActionRequest, *, wrote_at: datetime | None, answered_at: datetime | None
) -> AfterOwner:
    """What the owner's last message by hand means, and whether the person has answered it."""
    if wrote_at is None:
        return AfterOwner.GOES
    match request.owner_messages:
        case OwnerMessages.CONTINUE:
            return AfterOwner.GOES
        case OwnerMessages.END:
            return AfterOwner.ENDS
        case OwnerMessages.PAUSE_UNTIL_ANSWERED:
            answered = answered_at is not None and answered_at > wrote_at
            return AfterOwner.GOES if answered else AfterOwner.WAITS
        case _:
            assert_never(request.owner_messages)


def invited_before(
    request: ActionRequest,
    invited: Sequence[Invited],
    scope: InvitationScope,
    *,
    now: datetime,
) -> str:
    """Why an earlier invitation forbids this one; empty if none does.

    LinkedIn itself makes an account wait after a withdrawal, whatever the scope.
    """
    for earlier in invited:
        same_campaign = earlier.campaign_id == request.campaign_id
        counts = scope.crosses_campaigns or same_campaign
        if earlier.ended_at is None:
            if counts and earlier.at > now - LAPSES_AFTER:
                return "ALREADY_INVITED"
        elif earlier.ended_at > now - REINVITE_AFTER and (
            counts or earlier.account_id == request.account_id
        ):
            return "INVITED_TOO_RECENTLY"
    return ""
