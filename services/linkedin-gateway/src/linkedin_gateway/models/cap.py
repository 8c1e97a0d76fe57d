"""An upper bound on how often an account acts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
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
