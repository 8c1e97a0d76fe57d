"""How many more people a sender can take on now, and what binds. Pure.

Just in time: for two days, not for the whole list, because who is released is in a queue in the
order of that day's knowledge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DAYS = 2
"""Days of capacity that are released at once."""
SLACK = 1.1
"""A little more than the forecast: some who are released are not reached."""
MOST_PENDING = 400
"""Invitations without an answer at which a sender stops; LinkedIn's own end is at 500."""
ILL, WEAK = 0.6, 0.8
"""Multipliers of an account's health under which it gets nobody, or half."""
STALE_AFTER = timedelta(days=3)
"""Nobody is released by what is known from before."""


class Bound(StrEnum):
    """What keeps a sender from taking on more."""

    FORECAST = "forecast"
    """Its invitations of two days."""
    PLAN = "plan"
    """What the program may begin with a day."""
    ROOM = "room"
    """What the campaign has at once."""
    PENDING = "pending"
    """Invitations that nobody has answered."""
    HEALTH = "health"
    ON_HOLD = "on_hold"
    NOT_CONNECTED = "not_connected"
    NO_DATA = "no_data"
    """What is known of it is more than three days old, or nothing."""
    WAITING = "waiting"
    """Who was released before and has not begun."""
    LIST_EMPTY = "list_empty"
    COMPANY_SPACING = "company_spacing"
    """Who is left works where somebody was written to lately."""
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    CAMPAIGN_ADMITS_ALL = "campaign_admits_all"
    """It admits whoever is ready, released or not: what the program says has no effect."""
    PROGRAM_NOT_ACTIVE = "program_not_active"
    """It was paused or deleted, or its run ended, since the run has begun."""
    DAY_OVER = "day_over"
    """The run is so late that its day's knowledge is no good any more."""


@dataclass(frozen=True, kw_only=True)
class SenderFacts:
    """What is known of one sender."""

    account_id: str
    invitations: int = 0
    """That can go in two days beside those that wait."""
    pending: int = 0
    multiplier: float = 1.0
    """By which its health scales its caps."""
    connected: bool = True
    on_hold: bool = False
    waiting: int = 0
    """Released for it and not begun, in any campaign, and its share of those for nobody."""
    age: timedelta | None = timedelta(0)
    """How old this is; None if nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many a sender takes on now: of `possible` by its forecast, `slots`, and why no more."""

    account_id: str
    possible: int
    slots: int
    bound: Bound


def capacity_of(
    facts: SenderFacts, *, plan: int, room: int, closed: Bound | None = None
) -> Capacity:
    """The least of all that binds; of equals the first that is named.

    `closed` is what keeps the campaign from taking anybody.
    """
    possible = _possible(facts)
    stopped = closed or _stopped(facts)
    if stopped is not None:
        return Capacity(account_id=facts.account_id, possible=possible, slots=0, bound=stopped)
    bounds = [
        (possible, Bound.FORECAST),
        (possible // 2 if facts.multiplier < WEAK else possible, Bound.HEALTH),
        (max(0, MOST_PENDING - facts.pending), Bound.PENDING),
        (max(0, possible - facts.waiting), Bound.WAITING),
        (max(0, room), Bound.ROOM),
        (max(0, plan), Bound.PLAN),
    ]
    slots, bound = min(bounds, key=lambda each: each[0])
    return Capacity(account_id=facts.account_id, possible=possible, slots=slots, bound=bound)


def _possible(facts: SenderFacts) -> int:
    # A float's dust is no slot: 10 times 1.1 is 11, not 10.99… cut down.
    return math.floor(round(max(0, facts.invitations) * SLACK, 6))


def _stopped(facts: SenderFacts) -> Bound | None:
    """What lets a sender take on nobody at all."""
    if facts.age is None or facts.age > STALE_AFTER:
        return Bound.NO_DATA
    if not facts.connected:
        return Bound.NOT_CONNECTED
    if facts.on_hold:
        return Bound.ON_HOLD
    if not facts.multiplier >= ILL:
        return Bound.HEALTH
    return None
