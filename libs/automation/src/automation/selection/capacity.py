"""How many more people a sender can take on now, and what binds. Pure.

Just in time: for the two days in which who is released now comes to their invitation, not for the
whole list, because who is released is in a queue in the order of that day's knowledge. Of what the
sender can do until then is taken who comes before them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from campaigns.models import Campaign, CampaignState

from automation.programs.program import Program, ProgramMode

DAYS = 2
"""Days of capacity that are released at once, beside those of the way to the invitation."""
SLACK = 1.1
"""A little more than the forecast: some who are released are not reached."""
MOST_PENDING = 400
"""Invitations without an answer at which a sender stops; LinkedIn's own end is at 500."""
ILL, WEAK = 0.6, 0.8
"""Multipliers of an account's health under which it gets nobody, or half."""
STALE_AFTER = timedelta(days=3)
"""Nobody is released by what is known from before."""
_TAKES = frozenset({CampaignState.RUNNING})
"""Of a campaign that does not run nobody is released: they would wait by yesterday's order."""


class Bound(StrEnum):
    """What keeps a sender from taking on more."""

    FORECAST = "forecast"
    """Its invitations, until two days after who is released now comes to theirs."""
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
    """Who was released before and is not invited."""
    LIST_EMPTY = "list_empty"
    COMPANY_SPACING = "company_spacing"
    """Who is left works where somebody was written to lately."""
    SUPPRESSED = "suppressed"
    """Who is left must not be contacted."""
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
    """That can go until two days after the way to one, beside those that wait for their turn."""
    pending: int = 0
    multiplier: float = 1.0
    """By which its health scales its caps."""
    connected: bool = True
    on_hold: bool = False
    waiting: int = 0
    """Released for it and on the way to their invitation, in any campaign; and its share of those
    for nobody."""
    age: timedelta | None = timedelta(0)
    """How old this is; None if nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many a sender takes on now: of `possible` by its forecast, `slots`, and why no more."""

    account_id: str
    possible: int
    slots: int
    bound: Bound
    waiting: int = 0
    """Of `possible` those that are taken already: neither used now nor unused."""


def capacity_of(
    facts: SenderFacts, *, plan: int, room: int, closed: Bound | None = None
) -> Capacity:
    """The least of all that binds; of equals the first that is named.

    `closed` is what keeps the campaign from taking anybody.
    """
    possible = _possible(facts)
    waiting = min(max(0, facts.waiting), possible)
    slots, bound = 0, closed or _stopped(facts)
    if bound is None:
        slots, bound = _least(facts, possible, plan=plan, room=room)
    return Capacity(
        account_id=facts.account_id, possible=possible, slots=slots, bound=bound, waiting=waiting
    )


def _least(facts: SenderFacts, possible: int, *, plan: int, room: int) -> tuple[int, Bound]:
    """Who waits comes first, whatever binds the sender itself."""
    bounds = [
        (possible, Bound.FORECAST),
        (MOST_PENDING - facts.pending - facts.waiting, Bound.PENDING),
        (possible - facts.waiting, Bound.WAITING),
        (room, Bound.ROOM),
        (plan, Bound.PLAN),
    ]
    if facts.multiplier < WEAK:
        bounds.insert(1, (possible // 2 - facts.waiting, Bound.HEALTH))
    slots, bound = min(bounds, key=lambda each: max(0, each[0]))
    return max(0, slots), bound


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


def closed_by(program: Program, campaign: Campaign) -> Bound | None:
    """What keeps a campaign from taking whom the program names.

    A program that only looks may do so at one that admits everybody.
    """
    if campaign.state not in _TAKES or campaign.deleted_at is not None:
        return Bound.CAMPAIGN_NOT_RUNNING
    looks_only = program.settings.mode is ProgramMode.DRY_RUN
    if not looks_only and not campaign.settings.admission.released_only:
        return Bound.CAMPAIGN_ADMITS_ALL
    return None
