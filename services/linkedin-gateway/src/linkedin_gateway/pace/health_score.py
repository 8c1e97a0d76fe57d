"""How well an account fares, and how much it may do because of it. Pure.

`docs/pace.md` tells the same rule in prose. The score moves the multiplier, which lowers the
caps of an account that fares badly and lets one that fares well ramp up faster. Neither ever
raises a cap above that of the account's tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

DAY: Final = timedelta(days=1)
IDLE: Final = 14 * DAY
"""An account that has written and then was quiet for so long begins anew."""
LOOKS_BACK: Final = 30 * DAY

Curve = Sequence[tuple[timedelta, float]]
"""From which age on which share of the tier's caps."""

NEW: Final[Curve] = (
    (0 * DAY, 0.2),
    (4 * DAY, 0.4),
    (8 * DAY, 0.6),
    (14 * DAY, 0.8),
    (21 * DAY, 1.0),
)
RESTORED: Final[Curve] = ((0 * DAY, 0.3), (3 * DAY, 0.5), (7 * DAY, 0.75), (14 * DAY, 1.0))
RESUMED: Final[Curve] = ((0 * DAY, 0.4), (2 * DAY, 0.7), (5 * DAY, 1.0))

FEW_CONNECTIONS: Final = ((0, 0.25), (50, 0.5), (100, 0.75), (150, 1.0))
"""From how many connections on which share: LinkedIn looks harder at accounts with few, and may
not deliver what they send."""

MULTIPLIERS: Final = ((0, 0.25), (50, 0.6), (80, 1.0), (100, 1.25))
"""The multiplier at a score; between two of these, on the line."""

_ENOUGH_INVITATIONS: Final = 20
_YOUNG: Final = 30 * DAY
_OLD: Final = 365 * DAY


@dataclass(frozen=True, kw_only=True)
class Past:
    """What happened to an account lately."""

    age: timedelta | None = None
    """None if it is unknown, which means long."""
    refusals: int = 0
    """How often LinkedIn asked it to slow down; one that was repeated counts again."""
    invitations: int = 0
    """Sent long enough ago to have been answered."""
    accepted: int = 0
    pending: int = 0
    disconnects: int = 0
    restrictions: int = 0


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One thing that moved the score."""

    name: str
    value: float
    points: int
    """Taken off; given back when negative."""
    description: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """A score and what made it."""

    score: int
    multiplier: float
    factors: Sequence[Factor]


def assess(past: Past) -> Health:
    """The score of an account."""
    factors = (
        _refusals(past),
        _acceptance(past),
        _pending(past),
        _disconnects(past),
        _age(past),
    )
    score = max(0, min(100, 100 - sum(factor.points for factor in factors)))
    return Health(score=score, multiplier=multiplier(score), factors=factors)


def multiplier(score: int) -> float:
    """By how much caps are multiplied at a score."""
    for (low, least), (high, most) in pairwise(MULTIPLIERS):
        if score <= high:
            return round(least + (most - least) * (score - low) / (high - low), 3)
    return MULTIPLIERS[-1][1]


def ramp(
    *,
    now: datetime,
    since: datetime | None,
    restored_at: datetime | None,
    resumed_at: datetime | None,
    connections: int | None = None,
) -> float:
    """The share of its tier's caps that an account may use; the lowest of what applies."""
    begun = ((since, NEW), (restored_at, RESTORED), (resumed_at, RESUMED))
    parts = [share(curve, now - at) for at, curve in begun if at is not None]
    if connections is not None:
        parts.append(max(part for least, part in FEW_CONNECTIONS if connections >= least))
    return min(parts, default=1.0)


def share(curve: Curve, age: timedelta) -> float:
    """Where a curve is at an age."""
    return max((part for begins, part in curve if begins <= age), default=curve[0][1])


def _refusals(past: Past) -> Factor:
    return Factor(
        name="refusals",
        value=past.refusals,
        points=min(40, 10 * past.refusals),
        description=f"LinkedIn asked it to slow down {past.refusals} times in 30 days.",
    )


def _acceptance(past: Past) -> Factor:
    if past.invitations < _ENOUGH_INVITATIONS:
        text = f"Fewer than {_ENOUGH_INVITATIONS} invitations are old enough to assess by."
        return Factor(name="acceptance_rate", value=0, points=0, description=text)
    rate = past.accepted / past.invitations
    points = 25 if rate < 0.15 else 10 if rate < 0.25 else -5 if rate > 0.4 else 0  # noqa: PLR2004 - the rule
    text = f"{past.accepted} of {past.invitations} invitations were accepted."
    return Factor(name="acceptance_rate", value=round(rate, 3), points=points, description=text)


def _pending(past: Past) -> Factor:
    points = 15 if past.pending > 500 else 5 if past.pending > 200 else 0  # noqa: PLR2004 - the rule
    text = f"{past.pending} of its invitations are unanswered."
    return Factor(name="pending_invitations", value=past.pending, points=points, description=text)


def _disconnects(past: Past) -> Factor:
    points = min(40, 5 * past.disconnects + 30 * past.restrictions)
    text = f"It went down {past.disconnects + past.restrictions} times in 30 days"
    if past.restrictions:
        text += f", {past.restrictions} times because LinkedIn restricted it"
    return Factor(
        name="disconnects",
        value=past.disconnects + past.restrictions,
        points=points,
        description=f"{text}.",
    )


def _age(past: Past) -> Factor:
    if past.age is None:
        text = "It was there before anybody counted."
        return Factor(name="age", value=0, points=0, description=text)
    points = 10 if past.age < _YOUNG else -5 if past.age > _OLD else 0
    text = f"It has been connected for {past.age.days} days."
    return Factor(name="age", value=past.age.days, points=points, description=text)
