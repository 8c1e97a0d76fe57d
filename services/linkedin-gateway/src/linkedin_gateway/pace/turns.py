"""The turn of one request among all who wait on an account, whatever their kinds. Pure.

An account acts once per pause, and each kind has its caps. What those ahead of a request were
told is reserved for them; its turn is the first moment that keeps its own caps and hours and
leaves each of those ahead theirs: a pause before, a pause after, a place in every window. So what
is told is what comes, unless something happens meanwhile.

Some ahead may have been told the same moment, because they asked before they knew of each other,
and will be told another when they come. Then all ahead are played through in their order: each
gets the first moment, not before the one it was told, that those before it leave over.

Where only one kind waits turns are its slots, one each, and are counted, not searched.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from linkedin_gateway.kinds.reads import PROFILE_READS
from linkedin_gateway.kinds.registry import KINDS, sibling
from linkedin_gateway.models import Kind
from linkedin_gateway.models.cap import crowded, free_among
from linkedin_gateway.pace.ranking import Ahead, QueueAhead
from linkedin_gateway.pace.slots import Bound, Schedule, Slot, Slots, Window, distant_slot
from linkedin_gateway.pace.snapshot import Counted

SIMULATED_SLOTS = 100
"""Turns further away than this many slots are found by the caps alone, whoever sleeps longer.

More make a decision dearer and no turn truer.
"""
SIMULATED_AMONG = 200
"""The same where several kinds wait: so many turns of all kinds, the next ones, are heeded."""
_ESTIMATE_MARGIN = 1.03
"""More are foreseen than wait: others come in between, and who comes early has come in vain."""


def at_odds(ahead: QueueAhead, *, gap: timedelta, now: datetime) -> bool:
    """Whether some may not go when they were told to: there is no pause between, or one is due."""
    if not ahead.among:
        return False
    turns = sorted(each.turn_at for each in ahead.among)
    return turns[0] <= now or crowded(turns, most=1, per=gap)


def drawn_on(ahead: QueueAhead, more: Iterable[Kind] = ()) -> frozenset[Kind]:
    """The kinds that count in the windows of those ahead, and of some more kinds."""
    own = {*(each.kind for each in ahead.among), *more}
    kinds = {*own, *map(sibling, own)}
    if any(each.needs_lookup for each in ahead.among):
        kinds |= {Kind.LOOKUP, Kind.VISIT}
    return frozenset(kind for kind in kinds if kind is not None)


def turn(slots: Slots, ahead: QueueAhead) -> Slot:
    """The turn of one request, `slots` being those of its kind."""
    first = slots[0]
    if first.never:
        return first
    if not ahead.among:
        return _turn_in_kind(slots, ahead)
    if slots.schedule.unbounded:
        return first
    return _turn_among(slots, ahead, first)


def has_come(slots: Slots, ahead: QueueAhead, *, now: datetime) -> bool:
    """Whether a request may go although somebody better ranked is due: none of these can."""
    return not slots.schedule.unbounded and turn(slots, ahead).at <= now


def _turn_in_kind(slots: Slots, ahead: QueueAhead) -> Slot:
    """The first slot that those ahead leave over; who comes later than a slot does not take it."""
    position = slots.taken_by(ahead.same_kind[:SIMULATED_SLOTS])
    if position == len(ahead.same_kind):
        position += ahead.more_same_kind
    slot = slots[min(position, SIMULATED_SLOTS)]
    if position >= SIMULATED_SLOTS:
        missing = len(ahead.same_kind) + ahead.more_same_kind - SIMULATED_SLOTS
        windows, before = slots.schedule.windows, slots.first(SIMULATED_SLOTS)
        taken = {each.cap.draws_on: sorted(before * each.each) for each in windows}
        at = distant_slot(
            slots.schedule, windows, taken, begin=slot.at, number=_with_margin(missing)
        )
        slot = Slot(at=_in_hours(slots.schedule, at), bound=Bound.TURN)
    if position > 0:
        slot = Slot(at=slot.at, bound=Bound.TURN, window=slot.window)
    return slot


def _with_margin(number: int) -> int:
    return math.ceil(number * _ESTIMATE_MARGIN)


_TAKES: Mapping[tuple[Kind, bool], Counter[str]] = {
    (kind, needs_lookup): Counter(
        [
            kind.value,
            *([budget.name] if (budget := KINDS[kind].budget) is not None else ()),
            *((Kind.LOOKUP.value, PROFILE_READS.name) if needs_lookup else ()),
        ]
    )
    for kind in Kind
    for needs_lookup in (False, True)
}
"""How much one action takes of what caps are on, with the lookup before it."""


class _Limit(NamedTuple):
    """A window as it fills: at most `most` more within `per`."""

    ended: Sequence[datetime]
    taken: Sequence[datetime]
    most: int
    per: timedelta
    window: Window

    def free_at(self, at: datetime) -> datetime:
        """The first moment, not before `at`, at which one more fits."""
        times = self.taken
        if self.ended and self.ended[-1] > at - self.per:
            times = [*self.ended, *times]
        return free_among(at, times, most=self.most, per=self.per)

    def crowded(self) -> bool:
        """Whether it holds too many."""
        # What may come beside the last one of `most`, that one is counted too.
        most = self.most + min(self.window.each, self.window.cap.actions) - 1
        return crowded([*self.ended, *self.taken], most=most, per=self.per)


class Agenda:
    """What happens when: the moments of those ahead, and what they take."""

    def __init__(self, slots: Slots, counted: Mapping[Kind, Counted]) -> None:
        self._schedule = slots.schedule
        self._rested_at = slots.rested_at
        self._next_turn_at = slots.next_turn_at
        self.moments: list[datetime] = []
        self.taken: defaultdict[str, list[datetime]] = defaultdict(list)
        self._past = _past(slots.schedule, counted)
        self._limits: dict[tuple[Kind, bool], Sequence[_Limit]] = {}

    def put(self, each: Ahead, at: datetime) -> None:
        """One of those ahead goes then."""
        insort(self.moments, at)
        for draws_on in _TAKES[each.kind, each.needs_lookup].elements():
            insort(self.taken[draws_on], at)

    def at_odds(self, ahead: Iterable[Ahead]) -> bool:
        """Whether some cannot come when they were told to."""
        gap = self._schedule.gap
        if self.moments[0] < self._rested_at or crowded(self.moments, most=1, per=gap):
            return True
        alike = {(each.kind, each.needs_lookup) for each in ahead}
        return any(limit.crowded() for each in alike for limit in self._limits_of(each))

    def play(self, each: Ahead) -> None:
        """One goes, not before it was told to come."""
        self.put(each, self.moment(each))

    def moment(self, each: Ahead) -> datetime:
        """When it goes: as soon as those before it let it."""
        begin = each.turn_at if each.turn_at >= self._rested_at else self._next_turn_at
        return self._free_at(begin, self._limits_of((each.kind, each.needs_lookup)))[0]

    def free_at(self, at: datetime) -> tuple[datetime, Window | None]:
        """The first moment, not before `at`, for the request itself; what made it so late."""
        windows = self._schedule.windows
        limits = (self._limit(each, each.ended, each.open_ends) for each in windows)
        return self._free_at(at, [each for each in limits if each.most > 0])

    def _limits_of(self, alike: tuple[Kind, bool]) -> Sequence[_Limit]:
        """What those of a kind have to keep to."""
        if alike not in self._limits:
            kind, needs_lookup = alike
            caps = list(self._schedule.caps_of(kind))
            if needs_lookup:
                caps += self._schedule.caps_of(Kind.LOOKUP)
            windows = (Window(cap=cap, each=_TAKES[alike][cap.draws_on]) for cap in caps)
            past = ((each, self._past.get(each.cap.draws_on, Counted())) for each in windows)
            limits = (self._limit(each, known.ended, known.open_ends) for each, known in past)
            self._limits[alike] = [each for each in limits if each.most > 0]
        return self._limits[alike]

    def _limit(self, window: Window, ended: Sequence[datetime], open_ends: int) -> _Limit:
        """What is full of what nobody knows the end of has no more; the first slot heeds that."""
        cap = window.cap
        most = cap.actions - open_ends - min(window.each, cap.actions) + 1
        since = bisect_right(ended, self._rested_at - cap.per)
        return _Limit(list(ended[since:]), self.taken[cap.draws_on], most, cap.per, window)

    def _free_at(self, at: datetime, limits: Sequence[_Limit]) -> tuple[datetime, Window | None]:
        bound: Window | None = None
        while True:
            free_at = free_among(at, self.moments, most=1, per=self._schedule.gap)
            for limit in limits:
                later = limit.free_at(free_at)
                if later > free_at:
                    free_at, bound = later, limit.window
            if free_at == at:
                return at, bound
            # They open at some time: the first slot of the request was found in them.
            at = self._schedule.hours.next_open(free_at) or free_at


def _past(schedule: Schedule, counted: Mapping[Kind, Counted]) -> Mapping[str, Counted]:
    """What counts by now of kinds and of budgets, as far as it is known."""
    past: dict[str, Counted] = {}
    for kind, own in counted.items():
        past[kind.value] = own
        budget, other = KINDS[kind].budget, counted.get(sibling(kind) or kind)
        if budget is not None and other is not None:
            past[budget.name] = own.together_with(other)
    for each in schedule.windows:
        if not each.cap.noted:
            past[each.cap.draws_on] = Counted(ended=each.ended, open_ends=each.open_ends)
    return past


def _turn_among(slots: Slots, ahead: QueueAhead, first: Slot) -> Slot:
    schedule = slots.schedule
    agenda = Agenda(slots, ahead.counted)
    for each in ahead.among:
        agenda.put(each, each.turn_at)
    if agenda.at_odds(ahead.among):
        agenda = Agenda(slots, ahead.counted)
        for each in ahead.among:
            agenda.play(each)
    at, window = agenda.free_at(max(first.at, slots.next_turn_at))
    later = _behind_the_listed(at, schedule, ahead, agenda)
    if later <= first.at:
        return first
    at = at if later == at else _in_hours(schedule, later)
    return Slot(at=at, bound=Bound.TURN, window=window)


def _in_hours(schedule: Schedule, at: datetime) -> datetime:
    """An estimate that falls into closed hours is the next opening's: nothing goes before."""
    return schedule.hours.next_open(at) or at


def _behind_the_listed(
    at: datetime, schedule: Schedule, ahead: QueueAhead, agenda: Agenda
) -> datetime:
    """When it goes behind those as well who are not listed, from when it goes behind the others."""
    later = at
    kind = schedule.windows[0].cap.kind.value if schedule.windows else ""
    for draws_on, more in ((kind, ahead.more_same_kind), (Kind.LOOKUP.value, ahead.more_lookups)):
        listed = agenda.taken.get(draws_on)
        windows = [each for each in schedule.windows if _concerns(each, draws_on)]
        if not more or not listed or not windows or at <= listed[-1]:
            continue
        distant = distant_slot(schedule, windows, agenda.taken, begin=at, number=_with_margin(more))
        later = max(later, distant)
    return later


def _concerns(window: Window, draws_on: str) -> bool:
    budget = KINDS[Kind(draws_on)].budget if draws_on else None
    return window.cap.draws_on in {draws_on, budget.name if budget is not None else draws_on}
