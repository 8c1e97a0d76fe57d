"""How far the leads of a campaign have come, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.models import LeadState, StepState


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """How many leads went how far. What was so already is not counted."""

    visited: int = 0
    reacted: int = 0
    commented: int = 0
    invited: int = 0
    accepted: int = 0
    messaged: int = 0
    inmailed: int = 0
    replied: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, kw_only=True)
class StatusCounts:
    """Counts taken in one snapshot of the database.

    `last_ended_at` is when the latest lead ended; `steps` maps a step's id to
    the number of leads in each state of it, `exits` to those that left it by
    each of its exits.
    """

    leads: Mapping[LeadState, int] = field(default_factory=dict)
    funnel: Funnel = field(default_factory=Funnel)
    steps: Mapping[str, Mapping[StepState, int]] = field(default_factory=dict)
    exits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    last_ended_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.leads.values())
