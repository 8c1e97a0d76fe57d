"""Contracts of the activities of a program's day: ids and counts. No bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.programs.contracts import ProgramDay


@dataclass(frozen=True, kw_only=True)
class SendersRead:
    """How many senders answered, and why the others did not."""

    read: int
    failed: Mapping[str, str] = field(default_factory=dict)
    """By account the reason; what was last known of it counts, for three days."""


@dataclass(frozen=True, kw_only=True)
class LeadsSelected:
    """What a selection came to; without a decision nobody could be released."""

    decision_id: str = ""
    applies: bool = False
    """Whether it is to be brought about now."""
    selected: int = 0
    candidates: int = 0
    explored: int = 0
    suppressed: int | None = None
    """Who would be candidates, and must not be contacted; None where nobody was looked at."""
    unused: Mapping[str, int] = field(default_factory=dict)
    """Slots that stay empty, by the reason."""


class DayActivitiesContract:
    """Implemented by `outreach_worker.programs.day_activities`."""

    @activity.defn(name="read_senders")
    async def read_senders(self, day: ProgramDay) -> SendersRead:
        """Ask the gateway about each sender, and keep what it tells."""
        no_body()

    @activity.defn(name="select_leads")
    async def select_leads(self, day: ProgramDay) -> LeadsSelected:
        """Rank, select, and record the decision, once a day."""
        no_body()
