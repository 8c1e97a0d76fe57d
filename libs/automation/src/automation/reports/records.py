"""What a report is counted from: whose, of which days, and all that was recorded of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from campaigns.repositories.outcomes.outcome import Outcome
from servicekit.tables import total

from automation.decisions.decision import Decision, LeadSource
from automation.outcomes.cohorts import MATURE_AFTER
from automation.outcomes.intervals import Share
from automation.reports.report import FaultLine, ReportKind

DAYS: Mapping[ReportKind, int] = total(ReportKind, {ReportKind.WEEKLY: 7, ReportKind.DAILY: 1})
"""How many a report is about."""


@dataclass(frozen=True, kw_only=True)
class DaySlots:
    """What a sender could have sent on one day, and what became of it."""

    day: date
    account_id: str
    slots: int
    used: int
    unused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Placing:
    """By what a lead came to its slot, and in which release."""

    source: LeadSource
    released_at: datetime
    ranked_by: str = ""
    """What ranked in that release: a model's id, or a digest of rules; empty if nothing did."""


@dataclass(frozen=True, kw_only=True)
class FirstContact:
    """A person's first contact, and how they came to their slot."""

    outcome: Outcome
    placing: Placing | None = None
    """None of who was not released by a program."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """What is counted; all of them of one program's campaign."""

    contacts: Sequence[FirstContact]
    texts: Sequence[Outcome]
    """An outcome for each text of a step that has variants."""
    slots: Sequence[DaySlots]
    multipliers: Mapping[str, float] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    faults: Sequence[FaultLine] = ()
    positive: Share | None = None
    ready: int
    forecast: Sequence[tuple[date, int]] = ()
    value_per_invitation: float | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose report, of which days."""

    report_id: str
    organization_id: str
    program_id: str
    campaign_id: str
    kind: ReportKind
    last_day: date
    time_zone: str
    began_on: date
    """The program's first day: nothing before it is usual."""
    within: timedelta = MATURE_AFTER
    """How long each has to answer."""

    @property
    def first_day(self) -> date:
        """The day it begins with."""
        return self.last_day - timedelta(days=DAYS[self.kind] - 1)
