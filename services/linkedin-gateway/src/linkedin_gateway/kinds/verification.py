"""What a look for an action whose answer was lost can find. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from linkedin_gateway.models import Outcome, Profile


@dataclass(frozen=True, kw_only=True)
class Found:
    """It is there."""

    outcome: Outcome
    profile: Profile | None = None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """It is not there, as of now."""


@dataclass(frozen=True, kw_only=True)
class Inconclusive:
    """This look said neither; another may."""


@dataclass(frozen=True, kw_only=True)
class Unverifiable:
    """No look can say."""


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """Nobody could be asked; who cannot be asked has said nothing."""


Finding = Found | Missing | Inconclusive | Unverifiable | Deferred
