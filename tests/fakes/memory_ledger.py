"""A ledger in memory: it decides by the functions of the pace and passes the ledger's contract."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from linkedin_gateway.errors import ActionNotFound
from linkedin_gateway.kinds.action_kind import Twins
from linkedin_gateway.kinds.registry import MAKE_MESSAGES, PUBLIC, READS, WRITES, sibling
from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Position
from linkedin_gateway.models import (
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    Effect,
    HoldScope,
    Kind,
    OnTheWire,
)
from linkedin_gateway.pace.action_rows import request_of
from linkedin_gateway.pace.decide import decide, looks_up_first, once, place_in_queue
from linkedin_gateway.pace.decisions import Decision, by_the_clock
from linkedin_gateway.pace.explanation import explain
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot, times_of
from servicekit.clock import Clock

from tests.fakes.memory_tables import MemoryTables

NEVER = datetime.fromtimestamp(0, UTC)
_LATEST = {ActionState.SENDING, ActionState.UNKNOWN}


class MemoryLedger:
    """See `Ledger`. What other tables say is set in `tables` by the test that owns it."""

    def __init__(self, *, rules: PaceRules, lease: timedelta, clock: Clock | None = None) -> None:
        self._rules = rules
        self._clock = clock or Clock.real_time()
        self._lease = lease
        self.tables = MemoryTables(rules=rules)
        self._actions = self.tables.actions
        self._lock = asyncio.Lock()

    async def decide(
        self,
        request: ActionRequest,
        *,
        resolve: ResolveTarget,
        post_id: str = "",
        now: datetime | None = None,
    ) -> Decision:
        """Decide about a request."""
        async with self._lock:
            used = await self.used_posts(request.account_id, request.person_id, request.kind)
            read_at = now or self._clock.now()
            snapshot = self.tables.snapshot(request, now=read_at)
            snapshot = replace(snapshot, post_taken=post_id in used)
            now = times_of([snapshot], read_at=read_at)[request.account_id]
            resolve = once(resolve)
            if looks_up_first(request, snapshot, resolve=resolve, now=now):
                reads = self.tables.profile_reads(request.account_id, now=now)
                snapshot = replace(snapshot, reads=reads)
            result = decide(
                request, snapshot, rules=self._rules, resolve=resolve, now=now, lease=self._lease
            )
            if result.row is not None and result.slots is not None:
                ahead = self.tables.queue_ahead(result.row, now=now)
                result = place_in_queue(result, ahead, now=now)
            if result.row is not None:
                self._actions[result.row.key] = result.row
            return by_the_clock(result.decision, decided_at=now, read_at=read_at)

    async def explain(self, key: ActionKey, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now."""
        action = self._actions.get(key)
        if action is None:
            raise ActionNotFound
        if action.state is not ActionState.QUEUED:
            return ()
        request = request_of(action)
        snapshot = self.tables.snapshot(request, now=now)
        if action.needs_lookup:
            reads = self.tables.profile_reads(action.account_id, now=now)
            snapshot = replace(snapshot, reads=reads)
        ahead = self.tables.queue_ahead(action, now=now)
        return explain(request, snapshot, ahead, self._rules, now=now)

    async def finish(
        self, action: Action, result: AttemptResult, *, now: datetime | None = None
    ) -> bool:
        """Write down what the attempt came to, and what was learnt of the person."""
        now = now or self._clock.now()
        if result.profile is not None:
            self.tables.learn(action.account_id, result.profile)
        row = self._actions.get(action.key)
        if row is None or row.attempt != action.attempt:
            return False
        if row.state not in _LATEST or row.finished_at is not None:
            return False
        if result.claims and (await self.twins(row, [result.claims])).owned:
            return False
        not_sent = result.untouched or result.state in {ActionState.QUEUED, ActionState.CANCELLED}
        open_end = result.state is ActionState.QUEUED or result.verify_at is not None
        self._actions[row.key] = replace(
            row,
            state=result.state,
            reason=result.reason,
            effect=result.effect,
            message=result.message,
            outcome=result.outcome,
            finished_at=None if open_end else max(now, row.sent_at or now),
            sent_at=None if not_sent else row.sent_at,
            turn_at=result.turn_at or row.turn_at,
            verify_at=result.verify_at,
            lease_until=None,
        )
        return True

    async def defer(self, key: ActionKey, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""
        self._change_queued(key, reason=reason, turn_at=turn_at)

    async def fail_queued(
        self, key: ActionKey, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""
        return self._change_queued(
            key,
            state=ActionState.FAILED,
            reason=reason,
            effect=effect,
            message=message,
            finished_at=now,
        )

    async def cancel(self, key: ActionKey, *, now: datetime) -> Action:
        """Call off an action that is not in flight; one never asked for is recorded."""
        row = self._actions.get(key) or _never_asked_for(key, now=now)
        self._actions[key] = row
        cancelled = self._change_queued(
            key,
            state=ActionState.CANCELLED,
            reason="ACTION_CANCELLED",
            effect=Effect.STEP_FAILED,
            finished_at=now,
        )
        return cancelled or row

    async def read(self, key: ActionKey) -> Action | None:
        """One action."""
        return self._actions.get(key)

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""
        found = [row for row in self._actions.values() if _matches(row, wanted)]
        found.sort(key=lambda row: (row.created_at, row.action_id), reverse=True)
        if after is not None:
            found = [row for row in found if (row.created_at, row.action_id) < after]
        return found[:limit]

    async def claim_lost(
        self,
        *,
        until: datetime,
        limit: int,
        key: ActionKey | None = None,
        now: datetime | None = None,
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each."""
        now = now or self._clock.now()
        due = [
            row
            for row in self._actions.values()
            if _is_lost(row, now=now) and key in {None, row.key}
        ]
        claimed = [
            replace(row, state=ActionState.UNKNOWN, verify_at=until, lease_until=None)
            for row in due[:limit]
        ]
        self._actions.update({row.key: row for row in claimed})
        return claimed

    async def record_not_found(
        self, action: Action, *, verify_at: datetime, settled: bool, now: datetime
    ) -> Action:
        """It was looked for and is not there; if that is `settled`, it is queued again."""
        row = self._actions[action.key]
        if not _is_open_unknown(row, action):
            return row
        if settled:
            row = replace(row, state=ActionState.QUEUED, sent_at=None, turn_at=now, verify_at=None)
            row = replace(row, verifications=0)
        else:
            row = replace(row, verify_at=verify_at)
        self._actions[row.key] = row
        return row

    async def record_inconclusive(
        self, action: Action, *, verify_at: datetime, counted: bool
    ) -> None:
        """A look for it said neither yes nor no."""
        row = self._actions[action.key]
        if _is_open_unknown(row, action):
            more = row.verifications + int(counted)
            self._actions[row.key] = replace(row, verify_at=verify_at, verifications=more)

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Snapshot]:
        """What counts now, by kind."""
        account = self.tables.account(account_id)
        return {
            kind: Snapshot(
                account=account,
                action=None,
                profile=None,
                counted=self.tables.counted(account_id, kind, now=now),
                counted_noted=self.tables.counted(account_id, kind, now=now, noted=True),
                counted_sibling=self.tables.counted(account_id, sibling(kind), now=now),
            )
            for kind in Kind
        }

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""
        counts = Counter(
            row.kind for row in self._actions.values() if row.state is ActionState.QUEUED
        )
        return {kind: counts[kind] for kind in Kind if kind not in READS}

    async def on_the_wire(
        self, scope: HoldScope, subject_id: str, *, now: datetime | None = None
    ) -> OnTheWire:
        """The writes of a scope that have begun and not ended."""
        now = now or self._clock.now()
        covers = _COVERS[scope]
        begun = [
            (row.lease_until, row.action_id)
            for row in self._actions.values()
            if row.state is ActionState.SENDING
            and row.lease_until is not None
            and row.lease_until > now
            and row.kind in WRITES
            and covers(row, subject_id)
        ]
        longest_first = [name for _, name in sorted(begun, reverse=True)]
        return OnTheWire(
            actions=len(begun),
            action_ids=tuple(longest_first[:100]),
            until=max((until for until, _ in begun), default=None),
        )

    async def note_earlier(self, action: Action, message_ids: Collection[str]) -> None:
        """Messages with its words are there before it goes."""
        row = self._actions[action.key]
        if row.attempt == action.attempt and row.state is ActionState.SENDING:
            kept = tuple(sorted({*action.earlier_ids, *message_ids}))
            self._actions[row.key] = replace(row, earlier_ids=kept)

    async def twins(self, action: Action, provider_ids: Collection[str]) -> Twins:
        """What other actions to the person have made of these messages and invitations."""
        others = [
            row
            for row in self._actions.values()
            if row.account_id == action.account_id and row.action_id != action.action_id
            if row.kind in MAKE_MESSAGES
            if row.person_id == action.person_id
            or (row.target.provider_id and row.target.provider_id == action.target.provider_id)
        ]
        alike = [
            row
            for row in others
            if row.text_hash == action.text_hash and row.kind in {action.kind, sibling(action.kind)}
        ]
        return Twins(
            owned=[made for row in others if (made := _made(row)) in provider_ids],
            unnamed=sum(
                row.state is ActionState.DONE
                and not _made(row)
                and (row.finished_at or NEVER) >= (action.sent_at or NEVER)
                for row in alike
            ),
            on_the_wire=any(row.state is ActionState.SENDING for row in alike),
        )

    async def used_posts(self, account_id: str, person_id: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""
        return frozenset(
            row.target.post_id
            for row in self._actions.values()
            if (row.account_id, row.person_id, row.kind) == (account_id, person_id, kind)
            and row.target.post_id
            and (row.sent_at is not None or row.state is ActionState.DONE)
        )

    # --- writing -----------------------------------------------------------------------

    def _change_queued(self, key: ActionKey, **changes: object) -> Action | None:
        row = self._actions.get(key)
        if row is None or row.state is not ActionState.QUEUED:
            return None
        self._actions[key] = row = replace(row, **changes)  # type: ignore[arg-type]
        return row


_COVERS: dict[HoldScope, Callable[[Action, str], bool]] = {
    HoldScope.CAMPAIGN: lambda row, subject_id: row.campaign_id == subject_id,
    HoldScope.ACCOUNT: lambda row, subject_id: row.account_id == subject_id,
    HoldScope.ORGANIZATION: lambda row, subject_id: row.organization_id == subject_id,
    HoldScope.EVERYTHING: lambda _row, _subject_id: True,
    HoldScope.KIND: lambda row, subject_id: row.kind.value == subject_id,
}


def _never_asked_for(key: ActionKey, *, now: datetime) -> Action:
    return Action(
        action_id=key.action_id,
        organization_id=key.organization_id,
        account_id="",
        campaign_id="",
        lead_id="",
        identifier="",
        person_id="",
        kind=Kind.LOOKUP,
        created_at=now,
    )


def _matches(row: Action, wanted: ActionFilter) -> bool:
    return (
        row.organization_id == wanted.organization_id
        and row.kind in PUBLIC
        and wanted.account_id in {"", row.account_id}
        and wanted.campaign_id in {"", row.campaign_id}
        and wanted.lead_id in {"", row.lead_id}
        and wanted.kind in {None, row.kind}
        and wanted.state in {None, row.state}
        and (wanted.account_ids is None or row.account_id in wanted.account_ids)
    )


def _is_lost(row: Action, *, now: datetime) -> bool:
    if row.state is ActionState.SENDING:
        return row.lease_until is not None and row.lease_until <= now
    due = row.verify_at is not None and row.verify_at <= now
    return row.state is ActionState.UNKNOWN and row.finished_at is None and due


def _is_open_unknown(row: Action, action: Action) -> bool:
    same = row.attempt == action.attempt
    return same and row.state is ActionState.UNKNOWN and row.finished_at is None


def _made(row: Action) -> str:
    return (row.outcome.message_id or row.outcome.invitation_id) if row.outcome else ""
