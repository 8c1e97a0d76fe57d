"""The moments at which an action of one kind may go: caps, hours, gaps. Pure.

An action counts in a rolling window from the moment before it is sent until one whole
window after its answer came; without an answer, until it is known what became of it.
Whether a new one fits is decided at its own moment. So the windows hold at the provider,
whatever the latency in between.

A slot is a moment at which an action of one kind may go, as if no other kind were there: who
gets which is said by `turns`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import count
from typing import NamedTuple

from linkedin_gateway.models import WEEK, Cap, Kind
from linkedin_gateway.models.working_hours import CommonHours

MOST_STRIDES = 300
_USUAL_STRIDES = 100
_UNUSED = 0.02
"""So much of a cap may strides leave over."""
OPEN_END = timedelta(minutes=10)
"""When to look again at a window that is full of actions whose end is unknown."""


_Rate = tuple[int, float, bool]


class Bound(StrEnum):
    """What determined a turn."""

    NOTHING = ""
    CAP = "WAITING_FOR_CAP"
    HOURS = "WAITING_FOR_HOURS"
    GAP = "WAITING_FOR_GAP"
    TURN = "WAITING_FOR_TURN"


@dataclass(frozen=True, kw_only=True)
class GapRange:
    """The random pause between two writes of an account."""

    shortest: timedelta = timedelta(seconds=45)
    longest: timedelta = timedelta(seconds=180)

    @property
    def mean(self) -> timedelta:
        return (self.shortest + self.longest) / 2

    @property
    def between_turns(self) -> timedelta:
        """How far apart turns are told: as the longest pause, so that few come in vain."""
        return self.longest

    def after(self, account_id: str, action_id: str) -> timedelta:
        """The pause after one action: random, and the same whoever asks."""
        return self.shortest + (self.longest - self.shortest) * fraction(account_id, action_id)


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

    @property
    def rate(self) -> _Rate:
        """How many requests fit, in how many seconds, and whether these are less than a week."""
        per = self.cap.per
        return self.cap.actions // self.each, per.total_seconds(), per < WEEK

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
    """About when the slot so many after the one at `begin` comes, at a bounded cost.

    It is found in strides: several actions as one that takes as much of every window as they. So
    nights, weekends, days off and a week's cap count as they will. `taken` is what others take
    before `begin`, by what caps are on.
    """
    stride = _stride(windows, number)
    ended = [sorted([*each.ended, *taken.get(each.cap.draws_on, ())]) for each in windows]
    wide = [
        replace(each, ended=times, each=each.each * stride)
        for each, times in zip(windows, ended, strict=True)
    ]
    schedule_of_strides = Schedule(windows=wide, hours=schedule.hours, gap=schedule.gap * stride)
    strides = schedule_of_strides.slots(now=begin, rested_at=begin)
    whole, rest = divmod(number, stride)
    found = strides[min(whole, MOST_STRIDES)].at
    if whole > MOST_STRIDES:
        found += (found - begin) / MOST_STRIDES * (whole - MOST_STRIDES)
    used = 1 - _unused(tuple(each.rate for each in windows), stride)
    return begin + (found - begin) * used + schedule.gap * rest


def _stride(windows: Sequence[Window], number: int) -> int:
    """How many actions are taken as one: few enough strides, that fill the windows well."""
    rates = tuple(each.rate for each in windows)
    usual = min((-(-number // _USUAL_STRIDES) or 1, *(max(1, room) for room, _, _ in rates)))
    least = min(-(-number // MOST_STRIDES) or 1, usual)
    return _fullest(rates, least, usual)


@lru_cache(maxsize=4096)
def _fullest(rates: Sequence[_Rate], least: int, usual: int) -> int:
    """The stride of these, next to the usual one, that leaves least over."""

    def waste(stride: int) -> tuple[float, int]:
        return max(_unused(rates, stride), _UNUSED), abs(stride - usual)

    most = min((2 * usual, *(max(1, room) for room, _, _ in rates)))
    return min(range(least, most + 1), key=waste)


@lru_cache(maxsize=4096)
def _unused(rates: Sequence[_Rate], stride: int) -> float:
    """The share of what goes in the long run that does not where so many are taken as one.

    By the window that binds, be every day worked or five of seven; what others leave free is free.
    """

    def rate(stride: int, worked: float) -> float:
        each_second = (
            (room // stride * stride or stride) / seconds * (worked if in_week else 1.0)
            for room, seconds, in_week in rates
        )
        return min(each_second, default=1.0)

    return max(1 - rate(stride, worked) / rate(1, worked) for worked in (1.0, 5 / 7))
