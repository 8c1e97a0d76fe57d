"""Whom exactly an action is aimed at, as far as it can be told from what is known. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkedin_gateway.models import (
    Account,
    ActionRequest,
    Kind,
    Outcome,
    Profile,
    Target,
    Tier,
    is_provider_id,
    person_key,
)
from linkedin_gateway.pace.eligibility import note_limit

FRESH_FOR = timedelta(days=1)
"""A profile is read at most once per person and day, unless a visit is asked for."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The action can go, at this target."""

    target: Target


@dataclass(frozen=True, kw_only=True)
class AlreadyDone:
    """The world is as wanted; nothing needs to be sent."""

    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Impossible:
    """The action can never be performed, for this reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class NeedsLookup:
    """Something has to be read first."""


Resolution = Resolved | AlreadyDone | Impossible | NeedsLookup
ResolveTarget = Callable[[Account, Profile | None], Resolution]


def resolve_target(
    request: ActionRequest,
    account: Account,
    profile: Profile | None,
    *,
    prepared: Target | None,
    now: datetime,
) -> Resolution:
    """What is known to be true of an action before it goes."""
    match request.kind:
        case Kind.VISIT | Kind.LOOKUP:
            return Resolved(target=Target(provider_id=profile.provider_id if profile else ""))
        case Kind.INVITATION:
            return _invitation(request, account, profile)
        case Kind.MESSAGE:
            return _message(profile, now)
        case Kind.INMAIL:
            return _inmail(account, profile, prepared, now)
        case Kind.WITHDRAWAL:
            return _withdrawal(profile, prepared)
        case _:
            return NeedsLookup() if prepared is None else Resolved(target=prepared)


def _invitation(request: ActionRequest, account: Account, profile: Profile | None) -> Resolution:
    if len(request.text) > note_limit(account.tier):
        return Impossible(reason="MESSAGE_TOO_LONG")
    if profile is None or not profile.provider_id:
        return NeedsLookup()
    if profile.connected:
        return AlreadyDone(outcome=_already_connected(profile))
    return Resolved(target=_target(profile))


def _message(profile: Profile | None, now: datetime) -> Resolution:
    if profile is None or not profile.provider_id:
        return NeedsLookup()
    if profile.connected:
        return Resolved(target=_target(profile))
    return Impossible(reason="NOT_CONNECTED") if fresh(profile, now) else NeedsLookup()


def _inmail(
    account: Account, profile: Profile | None, prepared: Target | None, now: datetime
) -> Resolution:
    if profile is None or not profile.provider_id or not fresh(profile, now):
        return NeedsLookup()
    if profile.connected or profile.open_profile:
        return Resolved(target=_target(profile))
    if account.tier is Tier.FREE:
        return Impossible(reason="FEATURE_NOT_SUBSCRIBED")
    # The credit is looked up right before it is spent.
    return NeedsLookup() if prepared is None else Resolved(target=_target(profile))


def _withdrawal(profile: Profile | None, prepared: Target | None) -> Resolution:
    if profile is not None and profile.connected:
        return AlreadyDone(outcome=_already_connected(profile))
    if profile is not None and profile.invitation_id:
        return Resolved(target=_target(profile))
    if prepared is None:
        return NeedsLookup()
    if not prepared.invitation_id:
        return AlreadyDone(outcome=Outcome(already_so=True, provider_id=prepared.provider_id))
    return Resolved(target=prepared)


def fresh(profile: Profile, now: datetime) -> bool:
    """Whether what was read still says who is connected: read lately, not invited since."""
    if profile.read_at is None or profile.read_at <= now - FRESH_FOR:
        return False
    return profile.invited_at is None or profile.invited_at <= profile.read_at


def is_lead(person: str, *, provider_id: str, public_identifier: str) -> bool:
    """Whether the person that was found is the lead that was asked for."""
    if is_provider_id(person):
        return person == provider_id
    return not public_identifier or person_key(public_identifier) == person


def _target(profile: Profile) -> Target:
    return Target(
        provider_id=profile.provider_id,
        invitation_id=profile.invitation_id,
        chat_id=profile.chat_id,
        connected=profile.connected,
    )


def _already_connected(profile: Profile) -> Outcome:
    return Outcome(already_so=True, connected=True, provider_id=profile.provider_id)
