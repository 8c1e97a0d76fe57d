"""An invitation to connect, with or without a note."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from servicekit.tables import total

from linkedin_gateway.errors import action_failed
from linkedin_gateway.kinds.action_kind import (
    Finding,
    Found,
    Known,
    Missing,
    NotFoundMeans,
    OtherCall,
    Ports,
    Sending,
    Sent,
    Verification,
    Write,
)
from linkedin_gateway.kinds.limits import PerWindow, by_tier
from linkedin_gateway.kinds.reads import read_profile
from linkedin_gateway.kinds.targets import (
    AlreadyDone,
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    already_connected,
    target_of,
)
from linkedin_gateway.models import (
    MONTH,
    WEEK,
    Account,
    Action,
    Kind,
    Outcome,
    Profile,
    SentInvitation,
    Tier,
    person_key,
    text_hash,
)
from linkedin_gateway.models.kind import length
from linkedin_gateway.models.suppression_keys import email_spelling

if TYPE_CHECKING:
    from linkedin_gateway.unipile import InvitationReceived, InvitationSeen, Unipile, UnipileError

NOTE_LIMITS = total(
    Tier, {Tier.FREE: 200, Tier.PREMIUM: 300, Tier.SALES_NAVIGATOR: 300, Tier.RECRUITER: 300}
)
"""How long a note may be."""

_DAY_PRECISION = timedelta(days=2)
"""How much earlier it may seem to have been sent: its time is told as the day at best."""

# By advice 15 a week, by what integrators saw 5 in 30 days: both are kept, the lower binds.
_NOTE_CAPS = total(
    Tier,
    {
        Tier.FREE: ((WEEK, 15), (MONTH, 5)),
        Tier.PREMIUM: (),
        Tier.SALES_NAVIGATOR: (),
        Tier.RECRUITER: (),
    },
)


def _resolve(known: Known) -> Resolution:
    profile = known.profile
    if length(known.request.text) > NOTE_LIMITS[known.account.tier]:
        return Impossible(reason="MESSAGE_TOO_LONG")
    if profile is None or not profile.provider_id:
        return NeedsLookup()
    if profile.connected:
        return AlreadyDone(outcome=already_connected(profile))
    return Resolved(target=target_of(profile))


async def _send(sending: Sending, unipile: Unipile, *, email: str = "") -> Sent:
    provider_id = sending.action.target.provider_id
    sent = await unipile.invitations.send(
        sending.account.unipile_account_id, provider_id, sending.request.text, email=email
    )
    return Sent(
        outcome=Outcome(provider_id=provider_id, invitation_id=sent.invitation_id),
        profile=_invited(sending.action, sent.invitation_id, at=sending.now),
        usage=sent.usage,
    )


async def _otherwise(sending: Sending, error: UnipileError, unipile: Unipile) -> OtherCall | None:
    """Invite with the e-mail address of the list, or accept what the person has sent."""
    if error.meaning.perhaps_email:
        email = email_spelling(sending.request.email)
        if not email:
            raise action_failed("EMAIL_MISSING")
        return partial(_send, sending, unipile, email=email)
    if not error.meaning.perhaps_received:
        return None
    async for received in unipile.invitations.received(sending.account.unipile_account_id):
        if _is_from(received, sending.action):
            if sending.request.leave_received:
                raise action_failed("INVITED_BY_PERSON")
            return partial(_accept, sending, received, unipile)
    return None


def _is_from(received: InvitationReceived, action: Action) -> bool:
    if received.provider_id:
        return received.provider_id == action.target.provider_id
    return person_key(received.public_identifier) == action.identifier


async def _accept(sending: Sending, received: InvitationReceived, unipile: Unipile) -> Sent:
    """Which is as good as an invitation that was accepted."""
    await unipile.invitations.accept(sending.account.unipile_account_id, received)
    provider_id = sending.action.target.provider_id
    return Sent(
        outcome=Outcome(already_so=True, connected=True, provider_id=provider_id),
        profile=Profile(
            person_id=sending.action.person_id, provider_id=provider_id, connected=True
        ),
    )


async def _find(action: Action, account: Account, ports: Ports) -> Finding:
    provider_id = action.target.provider_id
    another = False
    async for pending in ports.unipile.invitations.pending(account.unipile_account_id):
        if pending.provider_id == provider_id:
            if await _made_by(action, pending, ports):
                return _pending(action, pending.invitation_id)
            another = True
    seen = await ports.reads.look_up(account, action.person)
    if seen.connected:
        return Found(outcome=Outcome(connected=True, provider_id=provider_id))
    if seen.invitation is SentInvitation.PENDING and not another:
        return _pending(action)
    return Missing()


async def _made_by(action: Action, pending: InvitationSeen, ports: Ports) -> bool:
    """Whether a pending invitation can be this attempt's: not an earlier one, nor by hand."""
    if pending.note and text_hash(pending.note) != action.text_hash:
        return False
    begun_at, sent_at = action.sent_at, pending.sent_at
    if begun_at is not None and sent_at is not None and sent_at < begun_at - _DAY_PRECISION:
        return False
    twins = await ports.twins(action, [pending.invitation_id])
    return pending.invitation_id not in twins.owned


def _pending(action: Action, invitation_id: str = "") -> Found:
    return Found(
        outcome=Outcome(provider_id=action.target.provider_id, invitation_id=invitation_id),
        profile=_invited(action, invitation_id, at=action.sent_at),
        claims=invitation_id,
    )


def _invited(action: Action, invitation_id: str, *, at: datetime | None) -> Profile:
    return Profile(
        person_id=action.person_id,
        provider_id=action.target.provider_id,
        invited_at=at,
        invitation_id=invitation_id,
    )


INVITATION = Write(
    kind=Kind.INVITATION,
    public=True,
    request_field="send_invitation",
    ceiling=20,
    caps=by_tier(PerWindow(hour=5, day=20, week=100), free=PerWindow(hour=3, day=10, week=60)),
    note_caps=_NOTE_CAPS,
    budget=None,
    priority=3,
    reply_priority=3,
    cool_down=timedelta(hours=12),
    contacts=True,
    looks_for_reply=False,
    makes_message=True,
    longest_text=max(NOTE_LIMITS.values()),
    longest_subject=0,
    prepared_by=Kind.LOOKUP,
    resolve=_resolve,
    prepare=read_profile,
    send=_send,
    otherwise=_otherwise,
    verification=Verification(look=_find, gone_is_inconclusive=False),
    absent=NotFoundMeans.PERSON,
    throttle_may_be_personal=True,
)
