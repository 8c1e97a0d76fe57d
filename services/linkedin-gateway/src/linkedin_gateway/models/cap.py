"""An upper bound on how often an account acts. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from linkedin_gateway.models.kind import Kind

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
WINDOWS: Final = (HOUR, DAY, WEEK)
"""The windows for which a customer may set a cap."""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `actions` in any stretch of time as long as `per`."""

    kind: Kind
    per: timedelta
    actions: int
    layer: str = "customer"
    shared: str = ""
    """The budget that it bounds, which another kind draws on too; empty for the kind's own."""
    noted: bool = False
    """Counts only invitations that carry a note."""

    @property
    def draws_on(self) -> str:
        """What it bounds: the actions of a kind, or a budget that two draw on."""
        return self.shared or self.kind.value

    @property
    def sentence(self) -> str:
        """What it allows, for people."""
        plural = "" if self.actions == 1 else "s"
        what = f"{self.draws_on.replace('_', ' ')}{plural}{' with a note' if self.noted else ''}"
        return f"At most {self.actions:,} {what} {_PER.get(self.per, self.per)} ({self.layer} cap)."

    @property
    def name(self) -> str:
        """How an answer names it."""
        pool = self.shared or ("note" if self.noted else self.kind.value)
        return f"{self.layer} {pool} {_PER.get(self.per, str(self.per))}"


_PER = {HOUR: "per hour", DAY: "per day", WEEK: "per 7 days", MONTH: "per 30 days"}


def crowded(times: Sequence[datetime], *, most: int, per: timedelta) -> bool:
    """Whether more than `most` of them lie within some stretch of `per`."""
    return any(later - at < per for at, later in zip(times, times[most:], strict=False))


def free_among(at: datetime, times: Sequence[datetime], *, most: int, per: timedelta) -> datetime:
    """The first moment, not before `at`, at which one more fits among those before and after.

    It does not fit wherever `most` of them and it would lie within `per`.
    """
    last = len(times) - most
    if last < 0:
        return at
    first = bisect_right(times, at - per)
    while first <= last and at > times[first + most - 1] - per:
        if times[first + most - 1] - times[first] < per:
            at = max(at, times[first] + per)
        first += 1
    return at
