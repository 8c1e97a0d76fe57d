"""What a report is counted from: whose, of which days, and all that was recorded of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.repositories.outcomes.outcome import Outcome

from automation.decisions.decision import Decision, DecisionState, LeadSource
from automation.outcomes.cohorts import LOOKED_BACK, MATURE_AFTER
from automation.outcomes.intervals import Share
from automation.reports.report import FaultLine, ReportKind

STANDS_BY = timedelta(hours=6)
"""After its last day a report is as things stood by then: counted anew later it tells the same."""


@dataclass(frozen=True, kw_only=True)
class DaySlots:
    """What a sender could have sent on one day, and what became of it."""

    day: date
    account_id: str
    slots: int
    used: int
    unused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LastRelease:
    """What has become of a day's last release."""

    decision_id: str
    state: DecisionState
    begun: int = 0
    """How many had begun by it as it was taken back, and go on."""


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
    ready: int | None
    """None of a report that is counted long after its days."""
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
    days: int
    """How many it is about: a week's seven, a day's those since the program was last due."""
    last_day: date
    time_zone: str
    began_on: date
    """The program's first day: nothing before it is usual."""
    within: timedelta = MATURE_AFTER
    """How long each has to answer."""

    @property
    def first_day(self) -> date:
        """The day it begins with."""
        return self.last_day - timedelta(days=self.days - 1)

    def stood_at(self, now: datetime) -> datetime:
        """As of when it is counted: now, or shortly after its last day."""
        return min(now, self._ends_at + STANDS_BY)

    def is_past(self, now: datetime) -> bool:
        """Whether the day after its last is over: what is ahead, and how all stand, is not its."""
        return now >= self._ends_at + timedelta(days=1)

    @property
    def _ends_at(self) -> datetime:
        after = self.last_day + timedelta(days=1)
        return datetime.combine(after, time(), tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


def looked_back(last_day: date, time_zone: str) -> datetime:
    """From when on invitations count, a week's beginning: its cohort is whole."""
    first = last_day - LOOKED_BACK
    monday = first - timedelta(days=first.weekday())
    return datetime.combine(monday, time(), ZoneInfo(time_zone)).astimezone(UTC)


def first_contacts(
    invited: Iterable[Outcome], placings: Mapping[str, Placing]
) -> list[FirstContact]:
    """The first invitation of each person, with how they came to it."""
    first: dict[str, Outcome] = {}
    for each in invited:
        known = first.get(each.lead_id)
        if known is None or each.sent_at < known.sent_at:
            first[each.lead_id] = each
    return [
        FirstContact(outcome=outcome, placing=placings.get(lead_id))
        for lead_id, outcome in first.items()
    ]
