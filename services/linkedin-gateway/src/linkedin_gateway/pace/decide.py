"""A decision: what becomes of one request, from what stands in its way. Pure.

Both ledgers decide by this module alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linkedin_gateway.errors import ActionIdReused, effect_of
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.kinds.targets import (
    AlreadyDone,
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    ResolveTarget,
)
from linkedin_gateway.models import Action, ActionRequest, ActionState, Outcome, text_hash
from linkedin_gateway.pace import eligibility as refusals
from linkedin_gateway.pace import obstacles
from linkedin_gateway.pace import slots as pace
from linkedin_gateway.pace.decisions import AlreadyDecided, Decision, Go, Prepare, Wait
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.slots import Slots, Window
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision writes down, and what it answers."""

    decision: Decision
    write: Action | None = None
    """The row as it is to be, if it changes."""
    slots: Slots | None = None
    """It waits for a turn: its place is to be found in these, among those that wait."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Those who wait and are better ranked than one request."""

    same_kind: Sequence[datetime] = ()
    more_same_kind: int = 0
    other_kinds: Sequence[datetime] = ()


def decide(
    request: ActionRequest,
    snapshot: Snapshot,
    *,
    rules: PaceRules,
    resolve: ResolveTarget,
    now: datetime,
    lease: timedelta,
) -> Decided:
    """Decide from what stands in the way, without looking at the queue."""
    known = snapshot.action
    if known is not None:
        _same_request(known, request)
        if known.state is not ActionState.QUEUED:
            return Decided(decision=AlreadyDecided(action=known))
    row = _as_asked(known, request) if known else new_action(request, snapshot, now=now)
    reason = refusals.refusal(request, snapshot, rules, now=now)
    aimed: Resolution = (
        Impossible(reason=reason) if reason else resolve(snapshot.account, snapshot.profile)
    )
    if snapshot.post_taken:
        aimed = NeedsLookup()
    if isinstance(aimed, Impossible):
        return _settled(_failed(row, aimed.reason, now=now))
    if isinstance(aimed, AlreadyDone):
        return _settled(_done(row, aimed.outcome, now=now))
    slots = slots_for(request, snapshot, rules=rules, now=now)
    in_the_way = obstacles.obstacles_of(request, snapshot, rules, slots, now=now)
    obstacle = next(in_the_way, None)
    if obstacle is not None:
        wait = Wait(obstacle=obstacle, retry_after=wait_for(obstacle, request, rules, now=now))
        stands_in_line = request.kind not in READS
        return Decided(
            decision=wait,
            write=row if stands_in_line else None,
            slots=slots if stands_in_line else None,
        )
    if isinstance(aimed, NeedsLookup):
        return Decided(
            decision=Prepare(account=snapshot.account, profile=snapshot.profile),
            write=replace(row, turn_at=now),
        )
    kept = _kept(slots.schedule.windows, now=now)
    return _go(replace(row, caps=kept), snapshot, aimed, now=now, lease=lease)


def _kept(windows: Sequence[Window], *, now: datetime) -> tuple[str, ...]:
    """What the row tells of the caps that it was sent under; it counts in each itself."""
    return tuple(
        f"{window.cap.name}: {window.used(now) + 1} of {window.cap.actions}" for window in windows
    )


def _go(
    row: Action, snapshot: Snapshot, aimed: Resolved, *, now: datetime, lease: timedelta
) -> Decided:
    sending = replace(
        row,
        state=ActionState.SENDING,
        reason="",
        attempt=row.attempt + 1,
        turn_at=row.turn_at or now,
        sent_at=now,
        finished_at=None,
        lease_until=now + lease,
        absences=0,
        target=aimed.target,
    )
    return Decided(decision=Go(account=snapshot.account, action=sending), write=sending)


def new_action(request: ActionRequest, snapshot: Snapshot, *, now: datetime) -> Action:
    """The row of a request that is asked for the first time."""
    return Action(
        action_id=request.action_id,
        organization_id=request.organization_id,
        account_id=request.account_id,
        campaign_id=request.campaign_id,
        lead_id=request.lead_id,
        person=request.person,
        kind=request.kind,
        noted=request.noted,
        text_hash=text_hash(request.text),
        priority=snapshot.priority,
        virtual_finish=snapshot.virtual_finish,
        sending_window=request.sending_window,
        person_time_zone=request.person_time_zone,
        automatic_reply_wait=request.automatic_reply_wait,
        caller=request.caller,
        created_at=now,
    )


def request_of(action: Action) -> ActionRequest:
    """As much of a request as its row remembers."""
    return ActionRequest(
        action_id=action.action_id,
        organization_id=action.organization_id,
        account_id=action.account_id,
        campaign_id=action.campaign_id,
        lead_id=action.lead_id,
        person=action.person,
        kind=action.kind,
        text="note" if action.noted else "",
        sending_window=action.sending_window,
        person_time_zone=action.person_time_zone,
        automatic_reply_wait=action.automatic_reply_wait,
    )


def wait_for(
    obstacle: Obstacle, request: ActionRequest, rules: PaceRules, *, now: datetime
) -> timedelta:
    """How long to wait for an obstacle by itself."""
    if obstacle.free_at is None:
        return obstacles.slow_check(rules, request.action_id, now.isoformat())
    return max(obstacle.free_at - now, timedelta(milliseconds=1))


def slots_for(
    request: ActionRequest, snapshot: Snapshot, *, rules: PaceRules, now: datetime
) -> Slots:
    """The slots of the request's kind, from the moment at which a turn can be."""
    cools_until = snapshot.cools_until
    begin = now if cools_until is None else max(now, cools_until)
    rested_at = begin
    if request.kind not in READS:
        rested_at = max(begin, obstacles.rested_at(snapshot, rules, now=now))
        if snapshot.in_flight_until is not None and snapshot.in_flight_until > now:
            # Else all who ask meanwhile would be told the same moment.
            rested_at = max(rested_at, now + obstacles.in_flight_wait(rules))
    return obstacles.schedule_of(request, snapshot, rules, now=begin).slots(
        now=begin, rested_at=rested_at
    )


def place(wait: Wait, queue: Queue, slots: Slots, *, now: datetime) -> Wait:
    """The same wait, no shorter than until the request's own turn among those that wait."""
    slot = pace.turn(
        slots,
        ahead=queue.same_kind,
        more_ahead=queue.more_same_kind,
        others=queue.other_kinds,
    )
    if slot.at <= now + wait.retry_after:
        return wait
    obstacle = wait.obstacle
    if obstacle.reason in _PACE and slot.bound is pace.Bound.TURN:
        obstacle = obstacles.slot_obstacle(slot)
    return Wait(obstacle=obstacle, retry_after=slot.at - now)


def placed(decided: Decided, queue: Queue, *, now: datetime, slots: Slots | None = None) -> Decided:
    """The verdict about one who waits with their own turn.

    `slots` are the verdict's, or those of somebody alike.
    """
    wait, row = decided.decision, decided.write
    slots = slots or decided.slots
    if not isinstance(wait, Wait) or row is None or slots is None:
        return decided
    wait = place(wait, queue, slots, now=now)
    row = replace(row, turn_at=now + wait.retry_after, reason=wait.obstacle.reason)
    return Decided(decision=wait, write=row)


_PACE = frozenset(pace.Bound)


def _as_asked(known: Action, request: ActionRequest) -> Action:
    """A row with the hours of today: a campaign may have other ones by now."""
    before = (known.sending_window, known.person_time_zone, known.automatic_reply_wait)
    now = (request.sending_window, request.person_time_zone, request.automatic_reply_wait)
    if before == now:
        return known
    return replace(
        known,
        sending_window=request.sending_window,
        person_time_zone=request.person_time_zone,
        automatic_reply_wait=request.automatic_reply_wait,
    )


def _same_request(known: Action, request: ActionRequest) -> None:
    if known.campaign_id == "" and known.state is ActionState.CANCELLED:
        return
    before = (known.account_id, known.kind, known.campaign_id, known.lead_id, known.person)
    now = (
        request.account_id,
        request.kind,
        request.campaign_id,
        request.lead_id,
        request.person,
    )
    if before != now:
        raise ActionIdReused


def _settled(action: Action) -> Decided:
    return Decided(decision=AlreadyDecided(action=action), write=action)


def _failed(row: Action, reason: str, *, now: datetime) -> Action:
    return replace(
        row,
        state=ActionState.FAILED,
        reason=reason,
        effect=effect_of(reason),
        finished_at=now,
    )


def _done(row: Action, outcome: Outcome, *, now: datetime) -> Action:
    return replace(row, state=ActionState.DONE, reason="", outcome=outcome, finished_at=now)
