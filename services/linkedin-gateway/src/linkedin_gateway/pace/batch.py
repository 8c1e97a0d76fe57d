"""Requests of one account that one batch decides about, one after the other. Pure.

What decisions are based on is read once for all of them. A request that must wait changes little
for those decided after it: the turn it held, and the place of its campaign. So those that wait
are decided on one reading; after any other decision it is read anew.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from linkedin_gateway.models import Action, ActionRequest, ActionState
from linkedin_gateway.pace.ranking import Ahead, QueueAhead, Rank, rank_of
from linkedin_gateway.pace.schedules import due_until
from linkedin_gateway.pace.slots import Slots
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot


@dataclass(frozen=True, kw_only=True)
class TurnChange:
    """What waiting changes of a request's row: the turn it held, and the one it is given."""

    before: Action | None
    """The row as it was read; None for a request that was asked for the first time."""
    after: Action
    """The row as it is to be written."""

    def given_up(self, *, since: datetime) -> datetime | None:
        """The turn that it held and that others reckoned with, if it was not before `since`."""
        before = self.before
        if before is None or before.state is not ActionState.QUEUED or before.turn_at is None:
            return None
        return before.turn_at if before.turn_at > since else None


def snapshot_after(
    changes: Sequence[TurnChange],
    request: ActionRequest,
    snapshot: Snapshot,
    *,
    now: datetime,
    rules: PaceRules,
) -> Snapshot:
    """The snapshot of the next request, after those before it in the batch were told to wait."""
    if not changes:
        return snapshot
    due_ahead, virtual_finish = snapshot.due_ahead, snapshot.virtual_finish
    for change in changes:
        row = change.after
        same_flow = (row.campaign_id, row.priority) == (request.campaign_id, snapshot.priority)
        if snapshot.action is None and same_flow:
            virtual_finish = max(virtual_finish, row.virtual_finish + 1 / max(1, request.weight))
        given_up = change.given_up(since=now - rules.grace)
        rank = (snapshot.priority, virtual_finish, request.action_id)
        if given_up is not None and rank_of(row) < rank:
            due_ahead -= given_up <= due_until(request, snapshot.action, rules, now=now)
    if (due_ahead, virtual_finish) == (snapshot.due_ahead, snapshot.virtual_finish):
        return snapshot
    return replace(snapshot, due_ahead=due_ahead, virtual_finish=virtual_finish)


@dataclass(kw_only=True)
class QueueView:
    """The queue of an account as it was read, with the turns that the batch has given since."""

    now: datetime
    grace: timedelta
    _changes: list[tuple[Rank, TurnChange]] = field(default_factory=list)
    _slots: dict[Hashable, Slots] = field(default_factory=dict)

    def add(self, change: TurnChange) -> None:
        """A request was given its turn."""
        self._changes.append((rank_of(change.after), change))

    def ahead_of(self, row: Action, read: QueueAhead, *, below: Rank) -> QueueAhead:
        """Those who wait ahead of a row; `read` are the ones better ranked than `below`."""
        own, since = rank_of(row), self.now - self.grace
        changes = [
            (change, change.given_up(since=since) if rank < below else None)
            for rank, change in self._changes
            if rank < below or rank <= own
        ]
        if not changes and not read.among:
            return read
        others: tuple[Action | Ahead, ...] = (*read.among, *(change.after for change, _ in changes))
        if all(_alike(each, row) for each in others):
            return _ahead_in_kind(row, read, changes)
        return _ahead_among(row, read, changes)

    def slots(
        self, request: ActionRequest, slots: Slots | None, *, needs_lookup: bool
    ) -> Slots | None:
        """The first slots that were equal to these: what is found in them once serves all."""
        if slots is None:
            return None
        schedule = (
            request.kind,
            request.noted,
            request.sending_window,
            request.person_time_zone,
            slots.begin,
            needs_lookup,
        )
        return self._slots.setdefault(schedule, slots)


Changes = Sequence[tuple[TurnChange, datetime | None]]
"""What was decided since the queue was read, each with the turn that it gave up of those read."""


def _alike(one: Action | Ahead, other: Action) -> bool:
    """Whether they take from the same caps."""
    return (one.kind, one.needs_lookup) == (other.kind, other.needs_lookup)


def _ahead_in_kind(row: Action, read: QueueAhead, changes: Changes) -> QueueAhead:
    same, more = list(read.same_kind), read.more_same_kind
    same += sorted(each.turn_at for each in read.among)
    for change, given_up in changes:
        if given_up is not None:
            more -= not _remove(same, given_up)
        turn_at = change.after.turn_at
        if turn_at is None or rank_of(change.after) > rank_of(row):
            continue
        if more and same and turn_at > same[-1]:
            more += 1
        else:
            insort(same, turn_at)
    return QueueAhead(same_kind=same, more_same_kind=max(0, more))


def _ahead_among(row: Action, read: QueueAhead, changes: Changes) -> QueueAhead:
    among = {each.rank: each for each in read.among}
    more, more_lookups = read.more_same_kind, read.more_lookups
    for change, given_up in changes:
        before, after, rank = change.before, change.after, rank_of(change.after)
        listed = among.pop(rank, None)
        if given_up is not None and listed is None and before is not None:
            more -= before.kind is row.kind
            more_lookups -= before.needs_lookup
        if after.turn_at is not None and rank <= rank_of(row):
            among[rank] = Ahead(after.turn_at, after.kind, after.needs_lookup, rank)
    return QueueAhead(
        among=sorted(among.values(), key=lambda each: each.rank),
        more_same_kind=max(0, more),
        more_lookups=max(0, more_lookups),
        counted=read.counted,
    )


def _remove(turns: list[datetime], turn_at: datetime) -> bool:
    """Take one turn out of those in order; false if it is not among them."""
    at = bisect_left(turns, turn_at)
    if at == len(turns) or turns[at] != turn_at:
        return False
    del turns[at]
    return True
