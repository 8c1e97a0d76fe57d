"""What becomes of one request, from what stands in its way. Pure.

Every ledger decides by this module alone: first without looking at the queue (`decide`), then,
for a request that must wait, with its own turn among those that wait (`place_in_queue`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from linkedin_gateway.kinds.registry import CONTACTS, READS, write
from linkedin_gateway.kinds.targets import (
    AlreadyDone,
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    ResolveTarget,
    fresh,
)
from linkedin_gateway.models import Account, Action, ActionRequest, ActionState, Kind, Profile
from linkedin_gateway.pace import action_rows, obstacles
from linkedin_gateway.pace.action_rows import check_same_action, row_of
from linkedin_gateway.pace.decisions import AlreadyDecided, Decision, Go, Prepare, Wait
from linkedin_gateway.pace.eligibility import refusal
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.ranking import QueueAhead
from linkedin_gateway.pace.schedules import slots_for, slow_check
from linkedin_gateway.pace.slots import Bound, Slots, Window
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot
from linkedin_gateway.pace.turns import has_come, turn


@dataclass(frozen=True, kw_only=True)
class DecisionResult:
    """A decision, and what it writes down."""

    decision: Decision
    row: Action | None = None
    """The row as it is to be, if it changes."""
    slots: Slots | None = None
    """It waits for a turn: its place is to be found in these, among those that wait."""
    unless_first: DecisionResult | None = None
    """It waits only for those who are due. What is decided if none of them can go now."""


def decide(
    request: ActionRequest,
    snapshot: Snapshot,
    *,
    rules: PaceRules,
    resolve: ResolveTarget,
    now: datetime,
    lease: timedelta,
) -> DecisionResult:
    """Decide from what stands in the way, without looking at the queue.

    Raises `ActionIdReused` if the id was used before for another action.
    """
    known = snapshot.action
    if known is not None and known.state is not ActionState.QUEUED:
        check_same_action(known, request)
        return DecisionResult(decision=AlreadyDecided(action=known))
    row = row_of(request, snapshot, now=now)
    if row.needs_lookup is not (snapshot.reads is not None):
        row = replace(row, needs_lookup=not row.needs_lookup)
    resolution = _resolution(request, snapshot, rules, resolve, now=now)
    match resolution:
        case Impossible():
            return _ended(action_rows.failed(row, resolution.reason, now=now))
        case AlreadyDone():
            return _ended(action_rows.done(row, resolution.outcome, now=now))
        case NeedsLookup() | Resolved():
            slots = slots_for(request, snapshot, rules=rules, now=now)
            waiting = _waiting(row, request, snapshot, rules, slots, now=now)
            if waiting is not None and not _only_for_the_due(waiting):
                return waiting
            come = _turn_come(row, snapshot, slots, resolution, now=now, lease=lease)
            return replace(waiting, unless_first=come) if waiting is not None else come
        case _:
            assert_never(resolution)


def once(resolve: ResolveTarget) -> ResolveTarget:
    """The same, asked once: what comes first and what is decided rest on one answer."""
    answers: list[Resolution] = []

    def answer(account: Account, profile: Profile | None) -> Resolution:
        if not answers:
            answers.append(resolve(account, profile))
        return answers[0]

    return answer


def looks_up_first(
    request: ActionRequest, snapshot: Snapshot, *, resolve: ResolveTarget, now: datetime
) -> bool:
    """Whether the person's profile must be read before the request goes.

    Then it goes by the caps of lookups too, and what counts in these belongs into its snapshot.
    """
    known, profile = snapshot.action, snapshot.profile
    decided = known is not None and known.state is not ActionState.QUEUED
    if decided or request.kind not in CONTACTS:
        return False
    resolution = resolve(snapshot.account, profile)
    if not snapshot.resolved or snapshot.suppressions_unread:
        return isinstance(resolution, NeedsLookup | Resolved)
    if not isinstance(resolution, NeedsLookup):
        return False
    if profile is None or not profile.provider_id:
        return True
    return write(request.kind).prepared_by is Kind.LOOKUP and not fresh(profile, now)


def _resolution(
    request: ActionRequest,
    snapshot: Snapshot,
    rules: PaceRules,
    resolve: ResolveTarget,
    *,
    now: datetime,
) -> Resolution:
    """Whether it can be performed at all, and at whom."""
    reason = refusal(request, snapshot, rules, now=now)
    if reason:
        return Impossible(reason=reason)
    resolution = resolve(snapshot.account, snapshot.profile)
    unknown = not snapshot.resolved or snapshot.suppressions_unread
    if isinstance(resolution, Resolved) and unknown and request.kind in CONTACTS:
        # Nothing that the person could see goes out before it is known who they are, and who
        # those are that must not be contacted.
        return NeedsLookup()
    # Another action has taken the post that this one was prepared for.
    return NeedsLookup() if snapshot.post_taken else resolution


def _waiting(
    row: Action,
    request: ActionRequest,
    snapshot: Snapshot,
    rules: PaceRules,
    slots: Slots,
    *,
    now: datetime,
) -> DecisionResult | None:
    """It waits for the first thing in its way; None if nothing is."""
    obstacle = next(obstacles.obstacles_of(request, snapshot, rules, slots, now=now), None)
    if obstacle is None:
        return None
    wait = Wait(obstacle=obstacle, retry_after=wait_for(obstacle, request, rules, now=now))
    if request.kind in READS:
        # Reads are never queued.
        return DecisionResult(decision=wait)
    return DecisionResult(decision=wait, row=row, slots=slots)


def _only_for_the_due(result: DecisionResult) -> bool:
    """Whether nothing is in its way but those who are due: they are the last that is looked at."""
    wait = result.decision
    return isinstance(wait, Wait) and wait.obstacle.reason == Bound.TURN.value


def _turn_come(
    row: Action,
    snapshot: Snapshot,
    slots: Slots,
    resolution: NeedsLookup | Resolved,
    *,
    now: datetime,
    lease: timedelta,
) -> DecisionResult:
    """Nothing is in its way: it goes, or what it needs is read."""
    if isinstance(resolution, NeedsLookup):
        return DecisionResult(
            decision=Prepare(
                account=snapshot.account,
                profile=snapshot.profile,
                suppressions_unread=snapshot.suppressions_unread,
            ),
            row=replace(row, turn_at=now),
        )
    row = replace(row, caps=_caps_kept(slots.schedule.windows, now=now))
    row = action_rows.sending(row, resolution.target, now=now, lease=lease)
    return DecisionResult(decision=Go(account=snapshot.account, action=row), row=row)


def _ended(row: Action) -> DecisionResult:
    return DecisionResult(decision=AlreadyDecided(action=row), row=row)


def _caps_kept(windows: Sequence[Window], *, now: datetime) -> tuple[str, ...]:
    """The caps that an action is sent under, and what each holds with it."""
    return tuple(
        f"{window.cap.name}: {window.used(now) + 1} of {window.cap.actions}" for window in windows
    )


def wait_for(
    obstacle: Obstacle, request: ActionRequest, rules: PaceRules, *, now: datetime
) -> timedelta:
    """How long to wait for an obstacle by itself."""
    if obstacle.free_at is None:
        return slow_check(rules, request.action_id, now.isoformat())
    return max(obstacle.free_at - now, timedelta(milliseconds=1))


# --- the queue -------------------------------------------------------------------------


def place_in_queue(
    result: DecisionResult, ahead: QueueAhead, *, now: datetime, slots: Slots | None = None
) -> DecisionResult:
    """The decision about a request that waits, with its own turn; any other as it is.

    `slots` are the result's own, or equal ones in which some were found already.
    """
    wait, row = result.decision, result.row
    slots = slots or result.slots
    if not isinstance(wait, Wait) or row is None or slots is None:
        return result
    if result.unless_first is not None and has_come(slots, ahead, now=now):
        return result.unless_first
    wait = until_turn(wait, ahead, slots, now=now)
    if row.turn_at is not None and row.turn_at <= now:
        # It came for its turn, and somebody else was there. Others were told theirs by the
        # longest pause: if it went sooner, they would come in vain.
        wait = replace(wait, retry_after=max(wait.retry_after, slots.next_turn_at - now))
    row = action_rows.waiting(row, turn_at=now + wait.retry_after, reason=wait.obstacle.reason)
    return DecisionResult(decision=wait, row=row)


def until_turn(wait: Wait, ahead: QueueAhead, slots: Slots, *, now: datetime) -> Wait:
    """The same wait, no shorter than until the request's own turn among those that wait."""
    slot = turn(slots, ahead)
    if slot.at <= now + wait.retry_after:
        return wait
    obstacle = wait.obstacle
    if obstacle.reason in BOUNDS and slot.bound is Bound.TURN:
        obstacle = obstacles.slot_obstacle(slot)
    return Wait(obstacle=obstacle, retry_after=slot.at - now)


BOUNDS = frozenset(Bound)
