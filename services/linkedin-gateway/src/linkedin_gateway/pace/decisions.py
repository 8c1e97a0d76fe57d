"""What can be decided about a request. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linkedin_gateway.models import Account, Action, Profile
from linkedin_gateway.pace.obstacles import Obstacle


@dataclass(frozen=True, kw_only=True)
class AlreadyDecided:
    """Nothing is left to decide: the action's row says what became of it, or will."""

    action: Action


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Not yet: ask again after `retry_after`."""

    obstacle: Obstacle
    retry_after: timedelta


@dataclass(frozen=True, kw_only=True)
class Prepare:
    """It is this request's turn, but something has to be read before it can go."""

    account: Account
    profile: Profile | None
    suppressions_unread: bool = False
    """Who it is that a suppression names comes first: it may be this person."""


@dataclass(frozen=True, kw_only=True)
class Go:
    """The row says `sending`: send it now, once."""

    account: Account
    action: Action


Decision = AlreadyDecided | Wait | Prepare | Go


def by_the_clock(decision: Decision, *, decided_at: datetime, read_at: datetime) -> Decision:
    """What is told of a decision that was made at a time which the clock has not come to yet.

    A clock that fell back is slow: who waits sleeps until it has caught up, and on to its turn.
    """
    if not isinstance(decision, Wait) or decided_at <= read_at:
        return decision
    return replace(decision, retry_after=decision.retry_after + (decided_at - read_at))
