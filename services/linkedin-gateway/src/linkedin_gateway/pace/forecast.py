"""How much an account can still do, day by day, if nothing changes. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from linkedin_gateway.pace.slots import Schedule

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
