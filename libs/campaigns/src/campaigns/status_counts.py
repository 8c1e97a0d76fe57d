"""How far the leads of a campaign have come, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.models import LeadState, StepState
from campaigns.sequences.kinds.registry import KINDS

FUNNEL = (*(rules.funnel for rules in KINDS.values() if rules.funnel), "accepted", "replied")
"""What is counted of leads: each kind of step, and what the person did."""


@dataclass(frozen=True, kw_only=True)
class Stall:
    """An activity of the campaign's own workflow fails because of a bug, and is tried again."""

    activity: str
    trace_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Restart:
    """The campaign's workflow was gone, `because` of what, and was started again."""

    because: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StatusCounts:
    """Counts taken in one snapshot of the database.

    `released` are those of the leads that are ready which were released. `funnel` says how
    many leads went how far, by the names of `FUNNEL`; what was so already is not counted.
    `last_ended_at` is when the latest lead ended; `steps` maps a step's id to the number of
    leads in each state of it, `exits` to those that left it by each of its exits. `stall` and
    `restart` are what is, or was last, the matter with its workflow.
    """

    leads: Mapping[LeadState, int] = field(default_factory=dict)
    funnel: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, Mapping[StepState, int]] = field(default_factory=dict)
    exits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    last_ended_at: datetime | None = None
    released: int = 0
    stall: Stall | None = None
    restart: Restart | None = None

    @property
    def total(self) -> int:
        return sum(self.leads.values())

    @property
    def left(self) -> int:
        """Leads that have not ended, and are not held back."""
        return self.walking + self.leads.get(LeadState.READY, 0)

    @property
    def walking(self) -> int:
        """Leads in the sequence, parked ones too: they keep their places."""
        return sum(leads for state, leads in self.leads.items() if state.walks)
