"""Why an action does not go, whole: everything in its way, and when each is out of it. Pure.

A decision itself stops at the first obstacle. A person who asks wants to know what comes after
it: the last of the list is when the action goes, if nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.models import AccountState, ActionRequest
from linkedin_gateway.models.working_hours import CommonHours
from linkedin_gateway.pace.decide import BOUNDS, until_turn
from linkedin_gateway.pace.decisions import Wait
from linkedin_gateway.pace.obstacles import Obstacle, blocking, never, slot_obstacle
from linkedin_gateway.pace.ranking import QueueAhead
from linkedin_gateway.pace.schedules import (
    asked_hours,
    late,
    rested_at,
    schedule_of,
    slots_for,
)
from linkedin_gateway.pace.slots import Bound
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot

_LAST = datetime.max.replace(tzinfo=UTC)


def explain(
    request: ActionRequest,
    snapshot: Snapshot,
    ahead: QueueAhead,
    rules: PaceRules,
    *,
    now: datetime,
) -> tuple[Obstacle, ...]:
    """Every obstacle: those without a known end first, then by when they are out of the way.

    Of an account that does not come back no hours, caps and turns are told: nothing goes by them.
    """
    if snapshot.account.state is AccountState.REMOVED:
        return _without_account(request, snapshot, rules, now=now)
    found = [
        *blocking(request, snapshot, rules, now=now),
        *_own(request, snapshot, rules, now=now),
    ]
    together = schedule_of(request, snapshot, rules, now=now).first_slot(
        now=now, rested_at=max(now, rested_at(snapshot, rules, now=now))
    )
    if together.never:
        found.append(never())
    found.sort(key=lambda each: (each.free_at is not None, each.free_at or _LAST))
    if together.never:
        # A decision looks again in a week; nobody is told that it goes then.
        return tuple(found)
    known = [each.free_at for each in found if each.free_at is not None]
    if together.at > max(known, default=now):
        # When one is out of the way another has come back.
        found.append(slot_obstacle(together))
        known.append(together.at)
    turn = _turn(request, snapshot, ahead, rules, after=max(known, default=now), now=now)
    return (*found, *turn)


def _without_account(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> tuple[Obstacle, ...]:
    """What stands in the way of a request whoever performs it, and that the account is gone."""
    ended = {Bound.GAP.value, "COOLING_DOWN"}
    found = [
        each for each in blocking(request, snapshot, rules, now=now) if each.reason not in ended
    ]
    return tuple(sorted(found, key=lambda each: (each.reason != "ACCOUNT_REMOVED", each.reason)))


def _own(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> Iterator[Obstacle]:
    """What stands in the way by itself, whoever else waits."""
    for window in schedule_of(request, snapshot, rules, now=now).windows:
        free_at = window.free_at(now)
        if free_at > now:
            yield Obstacle(
                reason=Bound.CAP.value,
                description=window.cap.sentence,
                free_at=free_at,
                window=window,
            )
    if rules.open or request.kind in READS:
        return
    for whose, hours in asked_hours(request, snapshot.account).items():
        opens_at = CommonHours(hours, late=late(snapshot, rules)).next_open(now)
        if opens_at is None or opens_at > now:
            yield Obstacle(
                reason=Bound.HOURS.value,
                description=f"It is outside of {whose}.",
                free_at=opens_at,
            )
    rested = rested_at(snapshot, rules, now=now)
    if rested > now:
        yield Obstacle(
            reason=Bound.GAP.value,
            description="The random pause since the account's last action is not over.",
            free_at=rested,
        )


def _turn(
    request: ActionRequest,
    snapshot: Snapshot,
    ahead: QueueAhead,
    rules: PaceRules,
    *,
    after: datetime,
    now: datetime,
) -> Iterator[Obstacle]:
    """Its own turn, if that comes only when nothing else is in the way any more."""
    if request.kind in READS:
        return
    others = Obstacle(reason=Bound.TURN.value, description="Others on this account come first.")
    wait = Wait(obstacle=others, retry_after=max(after - now, timedelta(0)))
    slots = slots_for(request, snapshot, rules=rules, now=now)
    turn_at = now + until_turn(wait, ahead, slots, now=now).retry_after
    action = snapshot.action
    if action is not None and action.turn_at is not None and action.reason in BOUNDS:
        # It comes when it was told to, even if its turn could be sooner by now.
        turn_at = max(turn_at, action.turn_at)
    if turn_at > after:
        yield Obstacle(reason=others.reason, description=others.description, free_at=turn_at)
