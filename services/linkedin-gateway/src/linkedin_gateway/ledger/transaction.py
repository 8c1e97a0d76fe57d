"""The transaction of a batch of decisions: lock, read, decide, place in the queue, write.

All or nothing, in as few round trips as there are statements, however many requests there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import numbered

from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.ledger.batcher import PendingRequest
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import PersonMerged
from linkedin_gateway.ledger.snapshot_sql import QUEUE, RANKED
from linkedin_gateway.ledger.snapshots import queue_ahead, read_snapshots
from linkedin_gateway.ledger.transition_sql import WRITE
from linkedin_gateway.models import Action
from linkedin_gateway.pace.batch import QueueView, TurnChange, snapshot_after
from linkedin_gateway.pace.decide import DecisionResult, QueueAhead, decide, place_in_queue
from linkedin_gateway.pace.decisions import Decision, Go
from linkedin_gateway.pace.ranking import Rank, rank_of
from linkedin_gateway.pace.slots import SIMULATED_SLOTS
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot, times_of
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import concerned, locked, locks_of
from linkedin_gateway.storage.rows import ACTIONS

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
    def row(self) -> Action:
        """The row of a request that waits for its turn."""
        if self.result.row is None:
            raise LookupError("a request that waits for its turn has a row")
        return self.result.row

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
            return row.action_id
        return row.account_id, row.campaign_id, row.kind, row.priority


class DecisionTransaction:
    """Decides about requests, those of one account one after the other."""

    def __init__(self, *, rules: PaceRules, lease: timedelta, clock: DatabaseClock) -> None:
        self._rules = rules
        self._clock = clock
        self._lease = lease

    async def decide(
        self, connection: Connection, batch: Sequence[PendingRequest], *, now: datetime | None
    ) -> Sequence[Answer]:
        """What is decided about each, when all of it is written down.

        The database's clock is read once, with the first snapshots, unless `now` stands for it.
        """
        answers: list[Answer] = []
        async with locked(connection, locks_of(pending.request for pending in batch)):
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
        read_at, snapshots = await read_snapshots(
            connection,
            [(pending.request, pending.post_id) for pending in batch],
            clock=self._clock.values(now),
            grace=self._rules.grace,
        )
        decided, left = self._decide(batch, snapshots, answers, read_at=read_at)
        waiting = [each for each in decided if each.waits_for_turn]
        await self._place_in_queue(connection, waiting)
        written = await _write(connection, decided)
        for each in decided:
            row = each.result.row
            if row is None or row.action_id in written:
                answers.append((each.pending, each.result.decision))
            else:
                # It was cancelled between reading and writing: what it is now decides.
                left.append(each.pending)
        return read_at, left

    def _decide(
        self,
        batch: Sequence[PendingRequest],
        snapshots: Sequence[Snapshot | None],
        answers: list[Answer],
        *,
        read_at: datetime | None,
    ) -> tuple[list[_Decided], list[PendingRequest]]:
        """Decide about all whose snapshot still holds; the others are left."""
        decided: list[_Decided] = []
        left: list[PendingRequest] = []
        changes: dict[str, list[TurnChange]] = {}
        outdated: set[str] = set()
        times = times_of(
            (snapshot for snapshot in snapshots if snapshot is not None), read_at=read_at
        )
        for pending, snapshot in zip(batch, snapshots, strict=True):
            request = pending.request
            account = f"account/{request.account_id}"
            rests_on = {account, request.action_id, *concerned(request)}
            if not outdated.isdisjoint(rests_on):
                left.append(pending)
                # First come, first decided: nobody of the account overtakes.
                outdated.add(account)
                continue
            before = changes.setdefault(request.account_id, [])
            try:
                each = self._decide_one(pending, snapshot, before, times)
            except Exception as error:  # noqa: BLE001 - it fails only its own request
                answers.append((pending, error))
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
        before: Sequence[TurnChange],
        times: Mapping[str, datetime],
    ) -> _Decided:
        if snapshot is None:
            raise AccountNotFound
        if snapshot.merged_into:
            raise PersonMerged(snapshot.merged_into)
        request, rules, now = pending.request, self._rules, times[pending.request.account_id]
        snapshot = snapshot_after(before, request, snapshot, now=now, grace=rules.grace)
        result = decide(
            request, snapshot, rules=rules, resolve=pending.resolve, now=now, lease=self._lease
        )
        return _Decided(pending=pending, snapshot=snapshot, now=now, result=result)

    # --- the queue ---------------------------------------------------------------------

    async def _place_in_queue(self, connection: Connection, waiting: Sequence[_Decided]) -> None:
        """Give each that waits its own turn among all that wait.

        New ones of a campaign follow each other in the queue: what is read for the first of
        them serves all. Requests of other campaigns that rank between two of them are
        overlooked, so that at worst one is told a turn some slots too early, and asks once more.
        """
        first: dict[Hashable, Action] = {}
        for each in waiting:
            first.setdefault(each.shares_queue, each.row)
        if not waiting:
            return
        earliest = min(each.now for each in waiting)
        queues = await self._queues(connection, list(first.values()), now=earliest)
        views: dict[str, QueueView] = {}
        for each in waiting:
            row, now = each.row, each.now
            view = views.setdefault(row.account_id, QueueView(now=now, grace=self._rules.grace))
            read, below = queues[first[each.shares_queue].action_id]
            each.result = place_in_queue(
                each.result,
                view.ahead_of(row, read, below=below),
                now=now,
                slots=view.slots(each.pending.request, each.result.slots),
            )
            view.add(each.turn_change)

    async def ahead(self, connection: Connection, row: Action, *, now: datetime) -> QueueAhead:
        """Better-ranked requests that still come for their turn."""
        ((ahead, _),) = (await self._queues(connection, [row], now=now)).values()
        return ahead

    async def _queues(
        self, connection: Connection, rows: Sequence[Action], *, now: datetime
    ) -> dict[str, tuple[QueueAhead, Rank]]:
        """Who waits ahead of each row, and the row's rank, by its action id."""
        values = QUEUE.given(
            **RANKED.arrays(rows), live_since=now - self._rules.grace, singly=SIMULATED_SLOTS
        )
        found = await connection.fetch(QUEUE.sql, *values)
        return {
            rows[position].action_id: (queue_ahead(row), rank_of(rows[position]))
            for position, row in numbered(found)
        }


async def _write(connection: Connection, decided: Sequence[_Decided]) -> set[str]:
    """Write rows down, and whose leads begin; returns which rows were still to be decided."""
    changed = [(each, each.result.row) for each in decided if each.result.row is not None]
    if not changed:
        return set()
    values = WRITE.given(
        **ACTIONS.arrays([row for _, row in changed]),
        beginning=[row.action_id for each, row in changed if each.begins],
    )
    return {row["action_id"] for row in await connection.fetch(WRITE.sql, *values)}
