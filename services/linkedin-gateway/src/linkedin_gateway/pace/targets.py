"""Whom exactly an action is aimed at, as far as it can be told from what is known. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkedin_gateway.domain.kinds import Kind
from linkedin_gateway.domain.models import (
    Account,
    ActionRequest,
    Facts,
    Outcome,
    Target,
    Tier,
    is_provider_id,
    person_key,
)
from linkedin_gateway.pace.eligibility import note_limit

FRESH_FOR = timedelta(days=1)
"""A profile is read at most once per person and day, unless a visit is asked for."""


@dataclass(frozen=True, kw_only=True)
class Aimed:
    """The action can go, at this target."""

    target: Target


@dataclass(frozen=True, kw_only=True)
class SettledAlready:
    """The world is as wanted; nothing needs to be sent."""

    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Pointless:
    """The action can never be performed, for this reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class MustRead:
    """Something has to be read first."""


Aim = Aimed | SettledAlready | Pointless | MustRead
TakeAim = Callable[[Account, Facts | None], Aim]


def take_aim(
    request: ActionRequest,
    account: Account,
    facts: Facts | None,
    *,
    prepared: Target | None,
    now: datetime,
) -> Aim:
    """What is known to be true of an action before it goes."""
    match request.kind:
        case Kind.VISIT | Kind.LOOKUP:
            return Aimed(target=Target(provider_id=facts.provider_id if facts else ""))
        case Kind.INVITATION:
            return _invitation(request, account, facts)
        case Kind.MESSAGE:
            return _message(facts, now)
        case Kind.INMAIL:
            return _inmail(account, facts, prepared, now)
        case Kind.WITHDRAWAL:
            return _withdrawal(facts, prepared)
        case _:
            return MustRead() if prepared is None else Aimed(target=prepared)


def _invitation(request: ActionRequest, account: Account, facts: Facts | None) -> Aim:
    if len(request.text) > note_limit(account.tier):
        return Pointless(reason="MESSAGE_TOO_LONG")
    if facts is None or not facts.provider_id:
        return MustRead()
    if facts.connected:
        return SettledAlready(outcome=_already_connected(facts))
    return Aimed(target=_target(facts))


def _message(facts: Facts | None, now: datetime) -> Aim:
    if facts is None or not facts.provider_id:
        return MustRead()
    if facts.connected:
        return Aimed(target=_target(facts))
    return Pointless(reason="NOT_CONNECTED") if fresh(facts, now) else MustRead()


def _inmail(account: Account, facts: Facts | None, prepared: Target | None, now: datetime) -> Aim:
    if facts is None or not facts.provider_id or not fresh(facts, now):
        return MustRead()
    if facts.connected or facts.open_profile:
        return Aimed(target=_target(facts))
    if account.tier is Tier.FREE:
        return Pointless(reason="FEATURE_NOT_SUBSCRIBED")
    # The credit is looked up right before it is spent.
    return MustRead() if prepared is None else Aimed(target=_target(facts))


def _withdrawal(facts: Facts | None, prepared: Target | None) -> Aim:
    if facts is not None and facts.connected:
        return SettledAlready(outcome=_already_connected(facts))
    if facts is not None and facts.invitation_id:
        return Aimed(target=_target(facts))
    if prepared is None:
        return MustRead()
    if not prepared.invitation_id:
        return SettledAlready(outcome=Outcome(already_so=True, provider_id=prepared.provider_id))
    return Aimed(target=prepared)


def fresh(facts: Facts, now: datetime) -> bool:
    """Whether what was read still says who is connected: read lately, not invited since."""
    if facts.read_at is None or facts.read_at <= now - FRESH_FOR:
        return False
    return facts.invited_at is None or facts.invited_at <= facts.read_at


def is_lead(person: str, *, provider_id: str, public_identifier: str) -> bool:
    """Whether the person that was found is the lead that was asked for."""
    if is_provider_id(person):
        return person == provider_id
    return not public_identifier or person_key(public_identifier) == person


def _target(facts: Facts) -> Target:
    return Target(
        provider_id=facts.provider_id,
        invitation_id=facts.invitation_id,
        chat_id=facts.chat_id,
        connected=facts.connected,
    )


def _already_connected(facts: Facts) -> Outcome:
    return Outcome(already_so=True, connected=True, provider_id=facts.provider_id)
