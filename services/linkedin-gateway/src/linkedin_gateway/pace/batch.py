"""Those of one account about whom one sitting decides, one after the other. Pure.

What decisions rest on is read once for all of them. Whoever must wait changes little for
those decided after: a place in the line, and the place of their campaign. So those who wait
are decided on one reading; after any other decision it is read anew.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from linkedin_gateway.models import Action, ActionRequest, ActionState
from linkedin_gateway.pace.decide import Queue
from linkedin_gateway.pace.slots import Slots
from linkedin_gateway.pace.snapshot import Snapshot

Rank = tuple[int, float, str]


def rank_of(action: Action) -> Rank:
    """By what requests of an account are ordered; the smaller goes first."""
    return action.priority, action.virtual_finish, action.action_id


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Somebody who was told to wait in this sitting."""

    before: Action | None
    """The row as it was read; None for one that asked for the first time."""
    row: Action
    """The row as it is to be written."""

    def left(self, *, since: datetime) -> datetime | None:
        """The turn that is given up, if others reckoned with it."""
        before = self.before
        if before is None or before.state is not ActionState.QUEUED or before.turn_at is None:
            return None
        return before.turn_at if before.turn_at > since else None


def seen(
    request: ActionRequest,
    snapshot: Snapshot,
    waited: Sequence[Waited],
    *,
    now: datetime,
    grace: timedelta,
) -> Snapshot:
    """The standing of the next, after those who were told to wait."""
    due_ahead, virtual_finish = snapshot.due_ahead, snapshot.virtual_finish
    for each in waited:
        row = each.row
        same_flow = (row.campaign_id, row.priority) == (request.campaign_id, snapshot.priority)
        if snapshot.action is None and same_flow:
            virtual_finish = max(virtual_finish, row.virtual_finish + 1 / max(1, request.weight))
        left_at = each.left(since=now - grace)
        rank = (snapshot.priority, virtual_finish, request.action_id)
        if left_at is not None and left_at <= now and rank_of(row) < rank:
            due_ahead -= 1
    if (due_ahead, virtual_finish) == (snapshot.due_ahead, snapshot.virtual_finish):
        return snapshot
    return replace(snapshot, due_ahead=due_ahead, virtual_finish=virtual_finish)


@dataclass(kw_only=True)
class Line:
    """The turns that are told to a crowd, one after the other."""

    now: datetime
    grace: timedelta
    _waited: list[Waited] = field(default_factory=list)
    _slots: dict[Hashable, Slots] = field(default_factory=dict)

    def join(self, waited: Waited) -> None:
        """Somebody was told a turn."""
        self._waited.append(waited)

    def queue(self, row: Action, read: Queue, *, below: Rank) -> Queue:
        """Those who wait ahead of a row, of whom were read those better ranked than `below`."""
        same, more = list(read.same_kind), read.more_same_kind
        others = list(read.other_kinds)
        for each in self._waited:
            alike = each.row.kind is row.kind
            left_at = each.left(since=self.now - self.grace)
            if left_at is not None and rank_of(each.row) < below:
                found = _without(same if alike else others, left_at)
                more -= alike and not found
            turn_at = each.row.turn_at
            if turn_at is None or rank_of(each.row) > rank_of(row):
                continue
            if alike and more and same and turn_at > same[-1]:
                more += 1
            else:
                insort(same if alike else others, turn_at)
        return Queue(same_kind=same, more_same_kind=max(0, more), other_kinds=others)

    def slots(self, request: ActionRequest, slots: Slots | None) -> Slots | None:
        """The slots of the first who was alike: what is found in them once serves all."""
        if slots is None:
            return None
        alike = (
            request.kind,
            request.noted,
            request.sending_window,
            request.person_time_zone,
            slots.begin,
        )
        return self._slots.setdefault(alike, slots)


def _without(turns: list[datetime], turn_at: datetime) -> bool:
    """Take one turn out of those in order; false if it is not among them."""
    at = bisect_left(turns, turn_at)
    if at == len(turns) or turns[at] != turn_at:
        return False
    del turns[at]
    return True
