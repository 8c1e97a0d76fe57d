"""Time that nobody sets: what a clock shows, as far as so much can have passed. Pure.

A clock that is set forward would end whatever lasts by it. So of what it shows only as much counts
as has passed by a clock that is never set, and a little for what two clocks differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

LEEWAY = timedelta(seconds=1)
"""What a clock may be ahead by: less is no step."""
DRIFT = 0.0005
"""By what share one of two clocks may run faster: as much as a time service corrects at most."""


@dataclass(frozen=True, kw_only=True)
class SteadyTime:
    """What a clock has told, and when: what it can show later follows from what passes.

    What passes is counted in seconds since any moment.
    """

    told: datetime
    told_at: float
    latest_then: datetime
    """The latest that it could be at `told_at`: the clock was read some time before."""

    @classmethod
    def first(cls, shown: datetime, *, asked_at: float, told_at: float) -> Self:
        """The first time that a clock is read it is believed."""
        latest = shown + timedelta(seconds=told_at - asked_at) + LEEWAY
        return cls(told=shown, told_at=told_at, latest_then=latest)

    def latest(self, at: float) -> datetime:
        """The latest that it can be."""
        passed = max(0.0, at - self.told_at)
        return self.latest_then + timedelta(seconds=passed * (1 + DRIFT))

    def ahead(self, shown: datetime, *, told_at: float) -> timedelta:
        """By how much a clock was set forward, or not at all."""
        latest = self.latest(told_at)
        return shown - (latest - LEEWAY) if shown > latest else timedelta()

    def behind(self, shown: datetime, *, asked_at: float) -> timedelta:
        """By how much a clock was set back, or not at all."""
        passed = max(0.0, asked_at - self.told_at)
        earliest = self.told + timedelta(seconds=passed * (1 - DRIFT))
        return earliest - shown if shown < earliest - LEEWAY else timedelta()

    def after(self, shown: datetime, *, asked_at: float, told_at: float) -> Self:
        """What follows from another look at the clock, which was made in between."""
        latest = self.latest(told_at)
        again = self.first(min(shown, latest), asked_at=asked_at, told_at=told_at)
        return type(self)(
            told=again.told, told_at=told_at, latest_then=min(again.latest_then, latest)
        )
