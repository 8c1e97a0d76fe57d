"""How much an account can still do, day by day, if nothing changes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from zoneinfo import ZoneInfo

from linkedin_gateway.models import Kind
from linkedin_gateway.pace.ranking import Ahead
from linkedin_gateway.pace.slots import Schedule, Slots
from linkedin_gateway.pace.snapshot import Counted
from linkedin_gateway.pace.turns import Agenda

UNBOUNDED = 100_000
"""What a day is said to hold where nothing bounds it."""


def days_ahead(now: datetime, time_zone: str, days: int) -> list[date]:
    """Today and the days after it, in a zone."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return [today + timedelta(days=number) for number in range(days)]


def capacity(
    schedule: Schedule, *, now: datetime, rested_at: datetime, time_zone: str, days: int
) -> Counter[date]:
    """How many slots of a schedule lie on each day of a zone."""
    zone = ZoneInfo(time_zone)
    ahead = days_ahead(now, time_zone, days)
    if schedule.unbounded:
        # Caps are open, as only a sandbox has them: its slots have no end to be counted to.
        return Counter(dict.fromkeys(ahead, UNBOUNDED))
    slots: Counter[date] = Counter()
    for slot in schedule.slots(now=now, rested_at=rested_at):
        day = slot.at.astimezone(zone).date()
        if slot.never or day > ahead[-1]:
            break
        slots[day] += 1
    return slots


def together(
    slots: Mapping[Kind, Slots],
    waiting: Sequence[Ahead],
    counted: Mapping[Kind, Counted],
    *,
    time_zone: str,
    ahead: Sequence[date],
) -> dict[Kind, Counter[date]]:
    """How many of each kind go beside those that wait, if all of them are asked for without end.

    They share what decisions have them share: the pause, the budgets and the reads. Each person is
    new, and is looked up before the first thing that is done.
    """
    free: dict[Kind, Counter[date]] = {kind: Counter() for kind in slots}
    open_kinds = {kind: each for kind, each in slots.items() if not each[0].never}
    if not open_kinds:
        return free
    first = next(iter(open_kinds.values()))
    if first.schedule.unbounded:
        return {kind: Counter(dict.fromkeys(ahead, UNBOUNDED)) for kind in slots}
    agenda = Agenda(first, counted)
    for each in waiting:
        agenda.put(each, max(each.turn_at, first.begin))
    zone, looked_up, people = ZoneInfo(time_zone), 0, Counter[Kind]()
    # The earliest first; of those that could go at once, the kind that has come to fewest.
    queue = [(each[0].at, 0, kind) for kind, each in open_kinds.items()]
    heapify(queue)
    while queue:
        at, number, kind = heappop(queue)
        asked = Ahead(at, kind, needs_lookup=number >= looked_up)
        moment = agenda.moment(asked)
        if moment > at and queue and moment >= queue[0][0]:
            heappush(queue, (moment, number, kind))
            continue
        day = moment.astimezone(zone).date()
        if day > ahead[-1]:
            continue
        agenda.put(asked, moment)
        free[kind][day] += 1
        people[kind] += 1
        looked_up = max(looked_up, people[kind])
        heappush(queue, (moment + first.schedule.gap, people[kind], kind))
    return free
