"""A withdrawal: an invitation that was not answered is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from linkedin_gateway.errors import action_failed
from linkedin_gateway.kinds.action_kind import (
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
from linkedin_gateway.kinds.limits import PerWindow, by_tier
from linkedin_gateway.kinds.targets import (
    AlreadyDone,
    NeedsLookup,
    Resolution,
    Resolved,
    already_connected,
    target_of,
)
from linkedin_gateway.models import (
    Account,
    Action,
    Kind,
    Outcome,
    Profile,
    SentInvitation,
    Target,
    person_key,
)

if TYPE_CHECKING:
    from linkedin_gateway.unipile import InvitationSeen, Unipile

_NOT_LISTED = "The invitation is pending, and in no list that tells how it is taken back."


def _resolve(known: Known) -> Resolution:
    profile, prepared = known.profile, known.prepared
    if profile is not None and profile.connected:
        return AlreadyDone(outcome=already_connected(profile))
    if profile is not None and profile.invitation_id:
        return Resolved(target=target_of(profile))
    if prepared is None:
        return NeedsLookup()
    if prepared.connected:
        return AlreadyDone(outcome=_accepted(prepared))
    if not prepared.invitation_id:
        return AlreadyDone(outcome=Outcome(already_so=True, provider_id=prepared.provider_id))
    return Resolved(target=prepared)


async def _prepare(known: Known, ports: Ports) -> Target:
    """The invitation to withdraw; without an id there is none, or it was accepted.

    Raises `ActionFailed` when it is pending, and no list tells by which id it is taken back.
    """
    identifier, profile = known.request.identifier, known.profile
    provider_id = profile.provider_id if profile is not None else ""
    async for invitation in ports.unipile.invitations.pending(known.account.unipile_account_id):
        if _is_to(invitation, identifier, provider_id):
            return Target(
                provider_id=provider_id or invitation.provider_id,
                invitation_id=invitation.invitation_id,
            )
    seen = await ports.reads.look_up(known.account, known.request.person)
    if seen.invitation is SentInvitation.PENDING and not seen.connected:
        raise action_failed("REFUSED_BY_LINKEDIN", _NOT_LISTED)
    return Target(provider_id=provider_id or seen.provider_id, connected=seen.connected)


def _is_to(invitation: InvitationSeen, identifier: str, provider_id: str) -> bool:
    if provider_id and invitation.provider_id:
        return invitation.provider_id == provider_id
    return person_key(invitation.public_identifier) == identifier


async def _send(sending: Sending, unipile: Unipile) -> Sent:
    action = sending.action
    await unipile.invitations.withdraw(
        sending.account.unipile_account_id, action.target.invitation_id
    )
    return Sent(
        outcome=_outcome(action.target),
        profile=Profile(person_id=action.person_id, provider_id=action.target.provider_id),
        invitation_ended=True,
    )


async def _find(action: Action, account: Account, ports: Ports) -> Finding:
    """It has landed when the person's profile says so; who is not in the list may have accepted."""
    target = action.target
    async for pending in ports.unipile.invitations.pending(account.unipile_account_id):
        if pending.provider_id == target.provider_id or (
            pending.invitation_id == target.invitation_id
        ):
            return Missing()
    seen = await ports.reads.look_up(account, action.person)
    if seen.connected:
        return Found(outcome=_accepted(target))
    match seen.invitation:
        case SentInvitation.WITHDRAWN:
            return Found(outcome=_outcome(target))
        case SentInvitation.PENDING:
            return Missing()
        case SentInvitation.NONE | SentInvitation.IGNORED | SentInvitation.UNKNOWN:
            # That tells nothing of what became of it.
            return Inconclusive()
        case _:
            assert_never(seen.invitation)


def _accepted(target: Target) -> Outcome:
    """The person has accepted meanwhile: there is nothing to take back."""
    return Outcome(already_so=True, connected=True, provider_id=target.provider_id)


def _outcome(target: Target) -> Outcome:
    return Outcome(provider_id=target.provider_id, invitation_id=target.invitation_id)


WITHDRAWAL = Write(
    kind=Kind.WITHDRAWAL,
    public=True,
    request_field="withdraw_invitation",
    ceiling=None,
    caps=by_tier(PerWindow(hour=10, day=40, week=200)),
    budget=None,
    priority=3,
    reply_priority=3,
    cool_down=timedelta(hours=2),
    # Who must not be contacted is better off without the invitation.
    contacts=False,
    looks_for_reply=False,
    makes_message=False,
    longest_text=0,
    longest_subject=0,
    prepared_by=Kind.LOOKUP,
    resolve=_resolve,
    prepare=_prepare,
    send=_send,
    verification=Verification(look=_find, gone_is_inconclusive=False),
    absent=NotFoundMeans.INVITATION,
    malformed_is_done=True,
)
