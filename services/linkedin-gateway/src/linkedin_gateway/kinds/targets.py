"""Whom exactly an action is aimed at, as far as it can be told from what is known. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from linkedin_gateway.models import (
    Account,
    Outcome,
    Profile,
    ProfileWords,
    Target,
)

if TYPE_CHECKING:
    from linkedin_gateway.unipile import ProfileSeen

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


def fresh(profile: Profile, now: datetime) -> bool:
    """Whether what was read still says who is connected: read lately, not invited since."""
    if profile.read_at is None or profile.read_at <= now - FRESH_FOR:
        return False
    return profile.invited_at is None or profile.invited_at <= profile.read_at


def profile_seen(person_id: str, seen: ProfileSeen, *, read_at: datetime) -> Profile:
    """A profile as facts about the person it is of."""
    return Profile(
        person_id=person_id,
        provider_id=seen.provider_id,
        public_identifier=seen.public_identifier,
        connected=seen.connected,
        open_profile=seen.open_profile,
        read_at=read_at,
    )


def words_seen(seen: ProfileSeen) -> ProfileWords:
    """What a profile says of whom it is of, for whoever asks for it."""
    return ProfileWords(
        first_name=seen.first_name,
        last_name=seen.last_name,
        headline=seen.headline,
        location=seen.location,
    )


def target_of(profile: Profile) -> Target:
    """What is known of the person, as what an action is aimed at."""
    return Target(
        provider_id=profile.provider_id,
        invitation_id=profile.invitation_id,
        chat_id=profile.chat_id,
        connected=profile.connected,
    )


def already_connected(profile: Profile) -> Outcome:
    """Account and person are connected, which is more than was wanted."""
    return Outcome(already_so=True, connected=True, provider_id=profile.provider_id)
