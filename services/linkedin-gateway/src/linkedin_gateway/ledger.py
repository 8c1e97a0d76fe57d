"""The ledger: every action, its state and its time. The port, and the decision itself.

Every decision about a request is made in one transaction, under the lock of its account:
what stands in the way is read, judged by `obstacles`, and written down. An action is on
the wire only after its row says `sending`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from linkedin_gateway import obstacles, pace
from linkedin_gateway.errors import RequestIdReused, effect_of
from linkedin_gateway.kinds import READS, Kind
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    ActionState,
    Effect,
    Facts,
    HoldScope,
    Outcome,
    text_hash,
)
from linkedin_gateway.obstacles import Obstacle, PaceRules, Standing
from linkedin_gateway.targets import Aim, Aimed, MustRead, Pointless, SettledAlready, TakeAim


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The ledger knows already what became of it, or will."""

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
    facts: Facts | None


@dataclass(frozen=True, kw_only=True)
class Go:
    """The row says `sending`: touch the wire now, once."""

    account: Account
    action: Action


Decision = Recorded | Wait | Prepare | Go


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How an action that was on the wire ended."""

    state: ActionState
    """`done`, `failed`, `unknown` (no answer), `queued` (it certainly did not happen), or
    `cancelled` (a read that did not happen)."""
    outcome: Outcome | None = None
    reason: str = ""
    effect: Effect | None = None
    message: str = ""
    turn_at: datetime | None = None
    """For `queued`: when to come again."""
    verify_at: datetime | None = None
    """For `unknown`: when to ask what became of it; absent when nobody can tell any more."""
    facts: Facts | None = None
    """What was learnt of the person."""


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Which actions to list; empty fields mean any."""

    organization_id: str
    account_id: str = ""
    campaign_id: str = ""
    lead_id: str = ""
    kind: Kind | None = None
    state: ActionState | None = None


Position = tuple[datetime, str]
"""Where a page ended: `created_at` and request of its last action."""


class Ledger(Protocol):
    """What every ledger does; see `tests/contracts/ledger.py` for what that means."""

    async def ask(
        self, request: ActionRequest, *, now: datetime, aim: TakeAim, post_id: str = ""
    ) -> Decision:
        """Decide about a request: it goes, is prepared, waits, or was decided before.

        `post_id` is the post it was prepared for; if another action has taken that one
        meanwhile, it is prepared anew.
        """

    async def explain(self, request_id: str, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now."""

    async def finish(self, action: Action, ended: Ended, *, now: datetime) -> bool:
        """Write down how the attempt ended; false if it is no longer this attempt's to say."""

    async def defer(self, request_id: str, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""

    async def settle(
        self, request_id: str, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""

    async def cancel(self, request_id: str, *, now: datetime) -> Action:
        """Call off an action that is not on the wire; one never asked for is recorded."""

    async def read(self, request_id: str) -> Action | None:
        """One action."""

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""

    async def claim_lost(
        self, *, now: datetime, until: datetime, limit: int, request_id: str | None = None
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each.

        Also those whose attempt was given up: `sending` past its lease is `unknown`.
        """

    async def absent(
        self, action: Action, *, verify_at: datetime, needed: int, now: datetime
    ) -> Action:
        """It was looked up and is not there; after `needed` times it is queued again."""

    async def undecided(self, action: Action, *, verify_at: datetime, counted: bool) -> None:
        """A look for it said neither yes nor no."""

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Standing]:
        """What counts now, by kind."""

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""

    async def on_the_wire(self, scope: HoldScope, subject_id: str, *, now: datetime) -> int:
        """How many writes of a scope are on the wire."""

    async def used_posts(self, account_id: str, person: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""


# --- what both ledgers share: the decision itself --------------------------------------


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a decision writes down, and what it answers."""

    decision: Decision
    write: Action | None = None
    """The row as it is to be, if it changes."""
    rank: bool = False
    """It waits for a turn: its place is to be found among those that wait."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Those who wait and are better ranked than one request."""

    same_kind: Sequence[datetime] = ()
    more_same_kind: int = 0
    other_kinds: Sequence[datetime] = ()


def judge(
    request: ActionRequest,
    standing: Standing,
    *,
    rules: PaceRules,
    aim: TakeAim,
    now: datetime,
    lease: timedelta,
) -> Verdict:
    """Decide from what stands in the way, without looking at the queue."""
    known = standing.action
    if known is not None:
        _same_request(known, request)
        if known.state is not ActionState.QUEUED:
            return Verdict(decision=Recorded(action=known))
    row = _as_asked(known, request) if known else new_action(request, standing, now=now)
    reason = obstacles.refusal(request, standing, rules, now=now)
    aimed: Aim = Pointless(reason=reason) if reason else aim(standing.account, standing.facts)
    if standing.post_taken:
        aimed = MustRead()
    if isinstance(aimed, Pointless):
        return _settled(_failed(row, aimed.reason, now=now))
    if isinstance(aimed, SettledAlready):
        return _settled(_done(row, aimed.outcome, now=now))
    read = request.kind in READS
    obstacle = next(obstacles.standing_in_the_way(request, standing, rules, now=now), None)
    if obstacle is not None:
        retry_after = wait_for(obstacle, request, rules, now=now)
        return Verdict(
            decision=Wait(obstacle=obstacle, retry_after=retry_after),
            write=None if read else replace(row, turn_at=now + retry_after, reason=obstacle.reason),
            rank=not read,
        )
    if isinstance(aimed, MustRead):
        return Verdict(
            decision=Prepare(account=standing.account, facts=standing.facts),
            write=replace(row, turn_at=now),
        )
    return _go(row, standing, aimed, now=now, lease=lease)


def _go(
    row: Action, standing: Standing, aimed: Aimed, *, now: datetime, lease: timedelta
) -> Verdict:
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
    return Verdict(decision=Go(account=standing.account, action=sending), write=sending)


def new_action(request: ActionRequest, standing: Standing, *, now: datetime) -> Action:
    """The row of a request that is asked for the first time."""
    return Action(
        request_id=request.request_id,
        organization_id=request.organization_id,
        account_id=request.account_id,
        campaign_id=request.campaign_id,
        lead_id=request.lead_id,
        person=request.person,
        kind=request.kind,
        noted=request.noted,
        text_hash=text_hash(request.text),
        priority=standing.priority,
        tag=standing.tag,
        sending_window=request.sending_window,
        person_time_zone=request.person_time_zone,
        created_at=now,
    )


def request_of(action: Action) -> ActionRequest:
    """As much of a request as its row remembers."""
    return ActionRequest(
        request_id=action.request_id,
        organization_id=action.organization_id,
        account_id=action.account_id,
        campaign_id=action.campaign_id,
        lead_id=action.lead_id,
        person=action.person,
        kind=action.kind,
        text="note" if action.noted else "",
        sending_window=action.sending_window,
        person_time_zone=action.person_time_zone,
    )


def wait_for(
    obstacle: Obstacle, request: ActionRequest, rules: PaceRules, *, now: datetime
) -> timedelta:
    """How long to wait for an obstacle by itself."""
    if obstacle.free_at is None:
        return obstacles.slow_check(rules, request.request_id, now.isoformat())
    return max(obstacle.free_at - now, timedelta(milliseconds=1))


def place(
    request: ActionRequest,
    standing: Standing,
    wait: Wait,
    queue: Queue,
    *,
    rules: PaceRules,
    now: datetime,
) -> Wait:
    """The same wait, no shorter than until the request's own turn among those that wait."""
    cools = standing.cools_until
    begin = max(now, cools) if cools is not None else now
    slot = pace.turn(
        obstacles.lane(request, standing, rules, now=begin),
        now=begin,
        rested_at=max(begin, obstacles.rested_at(standing, rules, now=now)),
        ahead=queue.same_kind,
        more_ahead=queue.more_same_kind,
        others=queue.other_kinds,
    )
    if slot.at <= now + wait.retry_after:
        return wait
    obstacle = wait.obstacle
    if obstacle.reason in set(pace.Bound) and slot.bound is pace.Bound.TURN:
        obstacle = obstacles.slot_obstacle(slot)
    return Wait(obstacle=obstacle, retry_after=slot.at - now)


def _as_asked(known: Action, request: ActionRequest) -> Action:
    """A row with the hours of today: a campaign may have other ones by now."""
    return replace(
        known,
        sending_window=request.sending_window,
        person_time_zone=request.person_time_zone,
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
        raise RequestIdReused


def _settled(action: Action) -> Verdict:
    return Verdict(decision=Recorded(action=action), write=action)


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
