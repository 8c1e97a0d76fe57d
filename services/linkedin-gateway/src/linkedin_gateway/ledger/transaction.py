"""A sitting's transaction: lock, read, judge, place, write.

All or nothing, in as few round trips as there are statements, however many sit.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.ledger.batcher import Seat
from linkedin_gateway.ledger.decision_sql import (
    ARCHIVED,
    INVITED,
    LOAD,
    QUEUE,
    SUPPRESSED,
    WRITE,
)
from linkedin_gateway.ledger.mapping import (
    action_values,
    columns,
    invited,
    load_values,
    queue_of,
    snapshots,
)
from linkedin_gateway.models import Action, ActionRequest, ActionState, Kind, person_key
from linkedin_gateway.models.suppression_keys import Subject, key
from linkedin_gateway.pace.batch import Line, Rank, Waited, rank_of, seen
from linkedin_gateway.pace.decide import Decided, Queue, decide, placed
from linkedin_gateway.pace.decisions import Decision
from linkedin_gateway.pace.slots import SIMULATED_SLOTS
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import invites, locked, locks_of
from linkedin_gateway.storage.rows import action_of

Answer = tuple[Seat, Decision | Exception]


@dataclass(kw_only=True)
class _Judged:
    """One about whom is decided, before it is written down."""

    seat: Seat
    snapshot: Snapshot
    decided: Decided

    @property
    def waits(self) -> bool:
        return self.decided.slots is not None

    @property
    def row(self) -> Action:
        """The row of one that waits."""
        if self.decided.write is None:
            raise LookupError("whoever waits for a turn is written down")
        return self.decided.write

    @property
    def reads_with(self) -> Hashable:
        """Those for whom one reading of the queue serves."""
        row = self.row
        if self.snapshot.action is not None:
            return row.action_id
        return row.account_id, row.campaign_id, row.kind, row.priority


class DecisionTransaction:
    """Decides about requests, those of one account one after the other."""

    def __init__(self, *, rules: PaceRules, lease: timedelta) -> None:
        self._rules = rules
        self._lease = lease

    async def decide(
        self, connection: Connection, seats: Sequence[Seat], *, now: datetime
    ) -> Sequence[Answer]:
        """What is decided about each, when all of it is kept."""
        answers: list[Answer] = []
        async with locked(connection, locks_of(seat.request for seat in seats)):
            left = list(seats)
            while left:
                left = await self._round(connection, left, answers, now=now)
        return answers

    async def _round(
        self, connection: Connection, seats: list[Seat], answers: list[Answer], *, now: datetime
    ) -> list[Seat]:
        """Decide about as many as one reading serves; the others are left."""
        asked = [(seat.request, seat.post_id) for seat in seats]
        read = await self.read(connection, asked, now=now)
        judged, left = self._judge(seats, read, answers, now=now)
        await self._place(connection, [each for each in judged if each.waits], now=now)
        rows = [each.decided.write for each in judged if each.decided.write is not None]
        kept = await _write(connection, rows)
        for each in judged:
            row = each.decided.write
            if row is None or row.action_id in kept:
                answers.append((each.seat, each.decided.decision))
            else:
                # It was cancelled between reading and writing: what it is now decides.
                left.append(each.seat)
        return left

    # --- reading -----------------------------------------------------------------------

    async def read(
        self,
        connection: Connection,
        asked: Sequence[tuple[ActionRequest, str]],
        *,
        now: datetime,
    ) -> Sequence[Snapshot | None]:
        """What decisions about requests rest on; None for one of an account that is not there."""
        values = columns(load_values(asked, now=now))
        rows = await connection.fetch(LOAD, *values, now, now - self._rules.grace)
        requests = [request for request, _ in asked]
        found = snapshots(requests, rows)
        archived = [requests[row["seat"] - 1].action_id for row in rows if row["archived"]]
        if archived:
            there = {row["action_id"]: row for row in await connection.fetch(ARCHIVED, archived)}
            for position, request in enumerate(requests):
                snapshot, row = found[position], there.get(request.action_id)
                if snapshot is not None and row is not None:
                    found[position] = replace(snapshot, action=action_of(row))
        await self._read_spellings(connection, requests, found, now=now)
        await self._read_invited(connection, requests, found)
        return found

    @staticmethod
    async def _read_spellings(
        connection: Connection,
        requests: Sequence[ActionRequest],
        found: list[Snapshot | None],
        *,
        now: datetime,
    ) -> None:
        """Who is suppressed under the name that a profile tells."""
        others = []
        for position, snapshot in _open(found):
            request, profile = requests[position], snapshot.profile
            if profile is None or not profile.public_identifier or snapshot.suppressed:
                continue
            spelling = person_key(profile.public_identifier)
            if spelling != request.person:
                organization_id = request.organization_id
                own = key(organization_id, Subject.PERSON, spelling)
                others.append((position, organization_id, own))
        if not others:
            return
        positions, *values = columns(others)
        for row in await connection.fetch(SUPPRESSED, *values, now):
            position = positions[row["seat"] - 1]
            snapshot = found[position]
            if snapshot is not None:
                found[position] = replace(snapshot, suppressed=True)

    @staticmethod
    async def _read_invited(
        connection: Connection, requests: Sequence[ActionRequest], found: list[Snapshot | None]
    ) -> None:
        """Earlier invitations to the persons who are to be invited."""
        inviting = [
            (position, request.organization_id, request.person, request.action_id)
            for position, _ in _open(found)
            if (request := requests[position]).kind is Kind.INVITATION
        ]
        if not inviting:
            return
        positions, *values = columns(inviting)
        for row in await connection.fetch(INVITED, *values):
            position = positions[row["seat"] - 1]
            snapshot = found[position]
            if snapshot is not None:
                found[position] = replace(snapshot, invited=[*snapshot.invited, invited(row)])

    # --- deciding ----------------------------------------------------------------------

    def _judge(
        self,
        seats: Sequence[Seat],
        read: Sequence[Snapshot | None],
        answers: list[Answer],
        *,
        now: datetime,
    ) -> tuple[list[_Judged], list[Seat]]:
        """Judge all whom the reading still tells the truth about; the others are left."""
        judged: list[_Judged] = []
        left: list[Seat] = []
        waited: dict[str, list[Waited]] = {}
        outdated: set[str] = set()
        for seat, known in zip(seats, read, strict=True):
            request = seat.request
            account = f"account/{request.account_id}"
            marks = {account, request.action_id, *invites(request)}
            if not outdated.isdisjoint(marks):
                left.append(seat)
                # First come, first decided: nobody of the account overtakes.
                outdated.add(account)
                continue
            before = waited.setdefault(request.account_id, [])
            try:
                decided, snapshot = self._verdict(seat, known, before, now=now)
            except Exception as error:  # noqa: BLE001 - spoils only their own
                answers.append((seat, error))
                continue
            each = _Judged(seat=seat, snapshot=snapshot, decided=decided)
            judged.append(each)
            if decided.write is None:
                continue
            if each.waits:
                before.append(Waited(before=snapshot.action, row=decided.write))
                marks.remove(account)
            outdated |= marks
        return judged, left

    def _verdict(
        self, seat: Seat, snapshot: Snapshot | None, waited: Sequence[Waited], *, now: datetime
    ) -> tuple[Decided, Snapshot]:
        if snapshot is None:
            raise AccountNotFound
        request, rules = seat.request, self._rules
        snapshot = seen(request, snapshot, waited, now=now, grace=rules.grace)
        decided = decide(
            request, snapshot, rules=rules, resolve=seat.resolve, now=now, lease=self._lease
        )
        return decided, snapshot

    async def _place(
        self, connection: Connection, waiting: Sequence[_Judged], *, now: datetime
    ) -> None:
        """Tell each that waits its own turn among all that wait.

        New ones of a campaign follow each other in the line: what is read for the first of
        them serves all. Requests of other campaigns that rank between two of them are
        overlooked, so that at worst one is told a turn some slots too early, and asks once more.
        """
        first: dict[Hashable, Action] = {}
        for each in waiting:
            first.setdefault(each.reads_with, each.row)
        queues = await self._queues(connection, list(first.values()), now=now)
        lines: dict[str, Line] = {}
        for each in waiting:
            row = each.row
            line = lines.setdefault(row.account_id, Line(now=now, grace=self._rules.grace))
            read, below = queues[first[each.reads_with].action_id]
            each.decided = placed(
                each.decided,
                line.queue(row, read, below=below),
                now=now,
                slots=line.slots(each.seat.request, each.decided.slots),
            )
            line.join(Waited(before=each.snapshot.action, row=each.row))

    async def ahead(self, connection: Connection, row: Action, *, now: datetime) -> Queue:
        """Better-ranked requests that still come for their turn."""
        ((queue, _),) = (await self._queues(connection, [row], now=now)).values()
        return queue

    async def _queues(
        self, connection: Connection, rows: Sequence[Action], *, now: datetime
    ) -> dict[str, tuple[Queue, Rank]]:
        if not rows:
            return {}
        values = columns(
            (row.account_id, row.priority, row.virtual_finish, row.action_id, row.kind.value)
            for row in rows
        )
        found = await connection.fetch(QUEUE, *values, now - self._rules.grace, SIMULATED_SLOTS)
        return {
            (row := rows[each["seat"] - 1]).action_id: (queue_of(each), rank_of(row))
            for each in found
        }


def _open(found: Sequence[Snapshot | None]) -> Iterable[tuple[int, Snapshot]]:
    """Those that are not decided yet."""
    for position, snapshot in enumerate(found):
        if snapshot is not None and (
            snapshot.action is None or snapshot.action.state is ActionState.QUEUED
        ):
            yield position, snapshot


async def _write(connection: Connection, rows: Sequence[Action]) -> set[str]:
    """Write rows down; returns which of them were still to be decided."""
    if not rows:
        return set()
    values = columns(action_values(row) for row in rows)
    return {row["action_id"] for row in await connection.fetch(WRITE, *values)}
