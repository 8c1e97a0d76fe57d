"""The moments at which an action of one kind may go: caps, hours, gaps. Pure.

An action counts in a rolling window from the moment before it is sent until one whole
window after its answer came; without an answer, until it is known what became of it.
Whether a new one fits is decided at its own moment. So the windows hold at the provider,
whatever the latency in between.

A slot is a moment at which one action may go, as if no other kind were there; `turns` says whose.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import count
from typing import NamedTuple

from linkedin_gateway.models import DAY, WEEK, Cap, Kind
from linkedin_gateway.models.end_times import moment_of, seconds_of
from linkedin_gateway.models.working_hours import CommonHours

_MOST_WALKED = 900
"""Slots found one by one: 400 visits are the most of a kind in a week."""
_DAY, _WEEK = DAY.total_seconds(), WEEK.total_seconds()
_LONG_PAUSE = 3 * _DAY
"""After a pause that is longer than a weekend it begins anew."""
OPEN_END = timedelta(minutes=10)
"""When to look again at a window that is full of actions whose end is unknown."""


class Bound(StrEnum):
    """What determined a turn."""

    NOTHING = ""
    CAP = "WAITING_FOR_CAP"
    HOURS = "WAITING_FOR_HOURS"
    GAP = "WAITING_FOR_GAP"
    TURN = "WAITING_FOR_TURN"


def fraction(*seed: str) -> float:
    """A number in [0, 1) that only the seed determines."""
    digest = hashlib.blake2b("\x00".join(seed).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


@dataclass(frozen=True, kw_only=True)
class Window:
    """One cap and what counts in it."""

    cap: Cap
    ended: Sequence[datetime] = ()
    """When the answers came, oldest first."""
    open_ends: int = 0
    """Actions whose answer has not come."""
    each: int = 1
    """How many one request takes: the visit of who must be looked up first is two reads."""

    def used(self, at: datetime) -> int:
        """How many count in the window that ends at `at`."""
        return len(self.ended) - bisect_right(self.ended, at - self.cap.per) + self.open_ends

    def free_at(self, at: datetime, taken: Sequence[datetime] = ()) -> datetime:
        """The first moment, not before `at`, at which one more keeps the cap.

        `taken` are slots already handed out, in order, all after `ended`.
        """
        each, over = self._counted
        must_leave = over + each * len(taken)
        if must_leave < 0:
            return at
        ended = len(self.ended)
        if must_leave < ended:
            return max(at, self.ended[must_leave] + self.cap.per)
        place = (must_leave - ended) // each
        if place >= len(taken):
            return at + OPEN_END
        return max(at, taken[place] + self.cap.per)

    @cached_property
    def _counted(self) -> tuple[int, int]:
        """How many one request takes; which of `ended` must leave for it, none if negative."""
        each = min(self.each, self.cap.actions)
        return each, len(self.ended) + self.open_ends + each - 1 - self.cap.actions


class Slot(NamedTuple):
    """A moment to go, and what made it that late."""

    at: datetime
    bound: Bound = Bound.NOTHING
    window: Window | None = None
    """The window that bound, if one did."""
    never: bool = False
    """The hours never open; `at` is when to look again."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When one kind of action may go on one account: in its hours, under its caps, a gap apart."""

    windows: Sequence[Window] = ()
    hours: CommonHours = field(default_factory=CommonHours)
    gap: timedelta = timedelta(0)
    """The usual pause between two slots."""
    caps_of: Callable[[Kind], Sequence[Cap]] = lambda _: ()
    """The account's caps of the other kinds."""

    @property
    def unbounded(self) -> bool:
        """Whether caps are open, as only a sandbox has them."""
        return not self.windows and not self.gap

    def first_slot(self, *, now: datetime, rested_at: datetime) -> Slot:
        """The next slot; its moment is `now` when nothing stands in the way."""
        return self.slots(now=now, rested_at=rested_at)[0]

    def slots(
        self, *, now: datetime, rested_at: datetime, next_turn_at: datetime | None = None
    ) -> Slots:
        """Slots from `now` on, none before the account has rested.

        `next_turn_at` is when the next turn is told where others wait: after the longest pause.
        """
        return Slots(self, now=now, rested_at=rested_at, next_turn_at=next_turn_at)

    def next_slot(self, at: datetime, bound: Bound, taken: Sequence[datetime]) -> Slot:
        """The first slot not before `at` that every window and the hours allow.

        `taken` are slots already handed out; `bound` is what made `at` that late. What a window
        asks for does not depend on how late it is, so later is never too early.
        """
        window: Window | None = None
        for candidate in self.windows:
            free_at = candidate.free_at(at, taken)
            if free_at > at:
                at, bound, window = free_at, Bound.CAP, candidate
        opens_at = self.hours.next_open(at)
        if opens_at is None:
            return Slot(at=at + timedelta(days=7), bound=Bound.HOURS, never=True)
        if opens_at > at:
            return Slot(at=opens_at, bound=Bound.HOURS)
        return Slot(at=at, bound=bound, window=window)


class Slots:
    """The slots of a schedule in order, without an end; each is found once, whoever asks."""

    def __init__(
        self,
        schedule: Schedule,
        *,
        now: datetime,
        rested_at: datetime,
        next_turn_at: datetime | None = None,
    ) -> None:
        self.schedule = schedule
        self.begin = max(now, rested_at)
        self.rested_at = rested_at
        self.next_turn_at = next_turn_at or rested_at
        self._found: list[Slot] = []
        self._taken: list[datetime] = []
        self._at = self.begin
        self._bound = Bound.GAP if rested_at > now else Bound.NOTHING

    def __getitem__(self, position: int) -> Slot:
        while position >= len(self._found):
            self._find_next()
        return self._found[position]

    def first(self, number: int) -> list[datetime]:
        """The moments of so many slots."""
        return [self[position].at for position in range(number)]

    def taken_by(self, turns: Sequence[datetime]) -> int:
        """How many of the first slots go to others, if these are the others' turns in order.

        One is left over if the next comes no sooner than a pause after it.
        """
        taken, gap = self._taken, max(self.schedule.gap, timedelta(microseconds=1))
        for position, turn_at in enumerate(turns):
            if position == len(taken):
                self._find_next()
            if turn_at >= taken[position] + gap:
                return position
        return len(turns)

    def __iter__(self) -> Iterator[Slot]:
        return map(self.__getitem__, count())

    def _find_next(self) -> None:
        slot = self.schedule.next_slot(self._at, self._bound, self._taken)
        self._found.append(slot)
        self._taken.append(slot.at)
        self._at = slot.at + max(self.schedule.gap, timedelta(microseconds=1))
        self._bound = Bound.GAP


def distant_slot(
    schedule: Schedule,
    windows: Sequence[Window],
    taken: Mapping[str, Sequence[datetime]],
    *,
    begin: datetime,
    number: int,
) -> datetime:
    """When the slot so many after the one at `begin` comes, at a bounded cost.

    Those of a fortnight are found one by one; then its last week comes again and again, but for
    days off. Where a cap is of a month it is two of them, and the last one. `taken` is what others
    take before `begin`, by what caps are on.
    """
    limits = [_Plain.of(each, taken.get(each.cap.draws_on, ()), begin=begin) for each in windows]
    period = max(_WEEK, max((each.per for each in limits), default=_WEEK))
    found = _walked(schedule, limits, begin=begin, number=number, period=period)
    if len(found) > number:
        return moment_of(found[number])
    return _again(found, number + 1 - len(found), schedule.hours, period=period)


class _Plain(NamedTuple):
    """A window as plain numbers."""

    per: float
    each: int
    over: int
    """Which of `ended` must leave for the first slot, none if negative."""
    ended: Sequence[float]

    @classmethod
    def of(cls, window: Window, taken: Sequence[datetime], *, begin: datetime) -> _Plain:
        per, each = window.cap.per, min(window.each, window.cap.actions)
        parts = (times[bisect_right(times, begin - per) :] for times in (window.ended, taken))
        ended = sorted(at for part in parts for at in seconds_of(part))
        over = len(ended) + window.open_ends + each - 1 - window.cap.actions
        return cls(per.total_seconds(), each, over, ended)


def _walked(
    schedule: Schedule, limits: Sequence[_Plain], *, begin: datetime, number: int, period: float
) -> list[float]:
    """The first slots from `begin` on, as `Slots` finds them: so many and one, or two periods'."""
    gap = max(schedule.gap.total_seconds(), 1e-6)
    found: list[float] = []
    before = at = begin.timestamp()
    closes_at, until = at, at + 2 * period
    for _ in range(min(number + 1, _MOST_WALKED)):
        at = _free_at(at, limits, found)
        if at >= closes_at:
            opening = schedule.hours.opening(moment_of(at))
            if opening is not None:
                closes_at = opening.closes_at.timestamp()
                at = max(at, opening.opens_at.timestamp())
        if at - before > _LONG_PAUSE:
            until = at + 2 * period
        elif at > until:
            if not schedule.hours.days_off(moment_of(at - period), moment_of(at)):
                break
            until += period
        found.append(at)
        before, at = at, at + gap
    return found


def _free_at(at: float, limits: Sequence[_Plain], found: Sequence[float]) -> float:
    """The first moment, not before `at`, that every window leaves to one more than are found."""
    for per, each, over, ended in limits:
        must_leave = over + each * len(found)
        if must_leave < 0:
            continue
        place = (must_leave - len(ended)) // each
        if place < 0:
            free_at = ended[must_leave] + per
        else:
            free_at = found[place] + per if place < len(found) else at + OPEN_END.total_seconds()
        if free_at > at:  # noqa: PLR1730 - by `max` a third longer, some thousand times
            at = free_at
    return at


def _again(found: Sequence[float], more: int, hours: CommonHours, *, period: float) -> datetime:
    """When the slot so many after the last of these comes, if their last period comes again."""
    last, span = found[-1], found[-1] - found[0]
    if span < period:
        return moment_of(last + span / max(1, len(found) - 1) * more)
    again = found[bisect_right(found, last - period) :]
    each_day = -(-len(again) // len({at % period // _DAY for at in again}))
    missed, off = -1, 0
    while off > missed:
        missed = off
        times, place = divmod(more + missed - 1, len(again))
        at = moment_of(again[place] + (times + 1) * period)
        at = hours.next_open(at) or at
        off = hours.days_off(moment_of(last), at) * each_day
    return at
