"""The transaction of a batch of decisions: lock, read, decide, place in the queue, write.

All or nothing, in as few round trips as there are statements, however many requests there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool

from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.ledger.batcher import PendingRequest
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import PersonMerged
from linkedin_gateway.ledger.queue_sql import read_queues, with_profile_reads
from linkedin_gateway.ledger.snapshots import read_snapshots
from linkedin_gateway.ledger.transition_sql import WRITE
from linkedin_gateway.models import Action, ActionKey
from linkedin_gateway.pace.batch import QueueView, TurnChange, snapshot_after
from linkedin_gateway.pace.decide import (
    DecisionResult,
    decide,
    looks_up_first,
    once,
    place_in_queue,
)
from linkedin_gateway.pace.decisions import Decision, Go, Prepare, Wait, by_the_clock
from linkedin_gateway.pace.ranking import rank_of
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot, times_of
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import concerned, locked, locks_of
from linkedin_gateway.storage.sealed_ids import SealedIds

Answer = tuple[PendingRequest, Decision | Exception]


@dataclass(kw_only=True)
class _Decided:
    """A request with the decision about it, before that is written down."""

    pending: PendingRequest
    snapshot: Snapshot
    now: datetime
    result: DecisionResult

    @property
    def waits_for_turn(self) -> bool:
        return self.result.slots is not None

    @property
    def account(self) -> str:
        return f"account/{self.pending.request.account_id}"

    @property
    def rests_on(self) -> set[Hashable]:
        """What another decision must not have changed since it was read."""
        request = self.pending.request
        return {self.account, request.key, *concerned(request)}

    @property
    def row(self) -> Action:
        """The row of a request that waits for its turn."""
        if self.result.row is None:
            raise LookupError("a request that waits for its turn has a row")
        return self.result.row

    def told(self, read_at: datetime) -> Decision:
        """What its caller is told, who sleeps by the clock as it was read."""
        return by_the_clock(self.result.decision, decided_at=self.now, read_at=read_at)

    @property
    def begins(self) -> bool:
        """Whether its lead acts on the person for the first time."""
        contacts = self.pending.request.kind in CONTACTS
        return isinstance(self.result.decision, Go) and contacts and not self.snapshot.enrolled

    @property
    def turn_change(self) -> TurnChange:
        return TurnChange(before=self.snapshot.action, after=self.row)

    @property
    def shares_queue(self) -> Hashable:
        """Requests for which one reading of the queue serves have this in common."""
        row = self.row
        if self.snapshot.action is not None:
            return row.key
        return row.account_id, row.campaign_id, row.kind, row.priority, row.needs_lookup


class DecisionTransaction:
    """Decides about requests, those of one account one after the other."""

    def __init__(
        self, *, rules: PaceRules, lease: timedelta, clock: DatabaseClock, ids: SealedIds
    ) -> None:
        self._rules, self._ids = rules, ids
        self._clock, self._lease = clock, lease

    async def decide(
        self, pool: Pool, batch: Sequence[PendingRequest], *, now: datetime | None
    ) -> Sequence[Answer]:
        """What is decided about each, when all of it is written down.

        The database's clock is read once, with the first snapshots, unless `now` stands for it.
        """
        answers: list[Answer] = []
        keys = locks_of(pending.request for pending in batch)
        async with pool.acquire() as connection, locked(connection, keys):
            left = list(batch)
            while left:
                now, left = await self._round(connection, left, answers, now=now)
        return answers

    async def _round(
        self,
        connection: Connection,
        batch: list[PendingRequest],
        answers: list[Answer],
        *,
        now: datetime | None,
    ) -> tuple[datetime | None, list[PendingRequest]]:
        """Decide about as many as one reading serves; when it was, and the others, who are left."""
        asked = [(pending.request, pending.post_id) for pending in batch]
        clock = self._clock.values(now)
        read_at, snapshots = await read_snapshots(
            connection, asked, clock=clock, rules=self._rules, ids=self._ids
        )
        resolves = [once(pending.resolve) for pending in batch]
        if read_at is not None:
            first = self._who_look_up_first(batch, snapshots, resolves, now=read_at)
            snapshots = await with_profile_reads(connection, snapshots, first, now=read_at)
        decided, left = self._decide(batch, snapshots, resolves, answers, read_at=read_at)
        decided, outdated = await self._place_in_queue(connection, decided)
        # First come, first decided.
        left = [each for each in batch if each in left or each in outdated]
        written = await _write(connection, decided, self._ids)
        for each in decided:
            row = each.result.row
            if row is None or row.key in written:
                answers.append((each.pending, each.told(read_at or each.now)))
            else:
                # It was cancelled between reading and writing: what it is now decides.
                left.append(each.pending)
        return read_at, left

    def _who_look_up_first(
        self,
        batch: Sequence[PendingRequest],
        snapshots: Sequence[Snapshot | None],
        resolves: Sequence[ResolveTarget],
        *,
        now: datetime,
    ) -> Sequence[int]:
        """The places of those whose person must be looked up before they go."""
        first = []
        for position, (pending, snapshot) in enumerate(zip(batch, snapshots, strict=True)):
            # What it raises is raised again, and told, by the decision.
            with suppress(Exception):
                if snapshot is not None and looks_up_first(
                    pending.request, snapshot, resolve=resolves[position], now=now
                ):
                    first.append(position)
        return first

    def _decide(
        self,
        batch: Sequence[PendingRequest],
        snapshots: Sequence[Snapshot | None],
        resolves: Sequence[ResolveTarget],
        answers: list[Answer],
        *,
        read_at: datetime | None,
    ) -> tuple[list[_Decided], list[PendingRequest]]:
        """Decide about all whose snapshot still holds; the others are left."""
        decided: list[_Decided] = []
        left: list[PendingRequest] = []
        changes: dict[str, list[TurnChange]] = {}
        outdated: set[Hashable] = set()
        times = times_of(
            (snapshot for snapshot in snapshots if snapshot is not None), read_at=read_at
        )
        for pending, snapshot, resolve in zip(batch, snapshots, resolves, strict=True):
            request = pending.request
            account = f"account/{request.account_id}"
            rests_on: set[Hashable] = {account, request.key, *concerned(request)}
            if not outdated.isdisjoint(rests_on):
                left.append(pending)
                # First come, first decided: nobody of the account overtakes.
                outdated.add(account)
                continue
            before = changes.setdefault(request.account_id, [])
            try:
                each = self._decide_one(pending, snapshot, resolve, before, times)
            except Exception as error:  # noqa: BLE001 - it fails only its own request
                answers.append((pending, error))
                continue
            if before and isinstance(each.result.decision, Go | Prepare):
                # One before it may have been told to come before the pause after it is over.
                left.append(pending)
                outdated.add(account)
                continue
            decided.append(each)
            if each.result.row is None:
                continue
            if each.waits_for_turn:
                before.append(each.turn_change)
                rests_on.remove(account)
            outdated |= rests_on
        return decided, left

    def _decide_one(
        self,
        pending: PendingRequest,
        snapshot: Snapshot | None,
        resolve: ResolveTarget,
        before: Sequence[TurnChange],
        times: Mapping[str, datetime],
    ) -> _Decided:
        if snapshot is None:
            raise AccountNotFound
        if snapshot.merged_into:
            raise PersonMerged(snapshot.merged_into)
        request, rules, now = pending.request, self._rules, times[pending.request.account_id]
        snapshot = snapshot_after(before, request, snapshot, now=now, rules=rules)
        result = decide(request, snapshot, rules=rules, resolve=resolve, now=now, lease=self._lease)
        return _Decided(pending=pending, snapshot=snapshot, now=now, result=result)

    # --- the queue ---------------------------------------------------------------------

    async def _place_in_queue(
        self, connection: Connection, decided: Sequence[_Decided]
    ) -> tuple[list[_Decided], list[PendingRequest]]:
        """Give each that waits its own turn among all that wait; those that stand, and the others.

        New ones of a campaign follow each other in the queue: what is read for the first of
        them serves all. Requests of other campaigns that rank between two of them are
        overlooked, so that at worst one is told a turn some slots too early, and asks once more.
        One that goes after all, for nobody who is due can, outdates what others rest on.
        """
        first: dict[Hashable, Action] = {}
        waiting = [each for each in decided if each.waits_for_turn]
        for each in waiting:
            first.setdefault(each.shares_queue, each.row)
        if not waiting:
            return list(decided), []
        earliest = min(each.now for each in waiting)
        queues = await read_queues(
            connection, list(first.values()), rules=self._rules, now=earliest
        )
        views: dict[str, QueueView] = {}
        stand: list[_Decided] = []
        left: list[PendingRequest] = []
        outdated: set[Hashable] = set()
        for each in decided:
            if outdated and not outdated.isdisjoint(each.rests_on):
                outdated.add(each.account)
                left.append(each.pending)
                continue
            stand.append(each)
            if not each.waits_for_turn:
                continue
            row, now = each.row, each.now
            view = views.setdefault(row.account_id, QueueView(now=now, grace=self._rules.grace))
            ranked = first[each.shares_queue]
            each.result = place_in_queue(
                each.result,
                view.ahead_of(row, queues[ranked.key], below=rank_of(ranked)),
                now=now,
                slots=view.slots(
                    each.pending.request, each.result.slots, needs_lookup=row.needs_lookup
                ),
            )
            if isinstance(each.result.decision, Wait):
                view.add(each.turn_change)
            else:
                outdated |= each.rests_on
        return stand, left


async def _write(
    connection: Connection, decided: Sequence[_Decided], ids: SealedIds
) -> set[ActionKey]:
    """Write rows down, and whose leads begin; returns which rows were still to be decided."""
    changed = [(each, each.result.row) for each in decided if each.result.row is not None]
    if not changed:
        return set()
    beginning = [row for each, row in changed if each.begins]
    values = WRITE.given(
        **ids.actions_sealed([row for _, row in changed]),
        beginning_of=[row.organization_id for row in beginning],
        beginning=[row.action_id for row in beginning],
    )
    written = await connection.fetch(WRITE.sql, *values)
    return {ActionKey(row["organization_id"], row["action_id"]) for row in written}
