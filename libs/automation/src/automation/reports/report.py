"""The page that an owner reads, as figures: each share with what it is of. Pure.

What is not known is None and is told as that; nothing is made up for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from automation.decisions.decision import DecisionKind, DecisionState
from automation.outcomes.intervals import Share

TOO_LONG = 8
"""Weeks in a row in which ranking was not told from chance: then it is said aloud."""


class ReportKind(StrEnum):
    """How much time a report is about."""

    WEEKLY = "weekly"
    DAILY = "daily"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The six numbers that stand on top, of the days that the report is about.

    Shares of people are of those whose time is over by the report's end: those who were first
    contacted in as many days as the report has, so long before.
    """

    contacted: int
    """People who were invited, for the first time."""
    accepted: Share
    replied: Share
    """A reply that a person wrote; automatic ones are none."""
    positive: Share | None
    """Of the replies that are labelled; None where none is."""
    opted_out: Share
    slots_used: Share
    """Of the invitations that the senders could have sent."""


@dataclass(frozen=True, kw_only=True)
class CohortLine:
    """Those who were first contacted in one week, from its Monday on."""

    week: date
    sent: int
    is_mature: bool
    accepted: Share
    replied: Share


@dataclass(frozen=True, kw_only=True)
class SenderLine:
    """One account in the report's days."""

    account_id: str
    multiplier: float | None
    """By which its caps are multiplied because of its health; None if the gateway did not say."""
    slots: int
    used: int
    unused: Mapping[str, int]
    """Unused slots, by what kept them empty."""
    accepted: Share
    """Of those whose time is over by the report's end, as in the headline."""


@dataclass(frozen=True, kw_only=True)
class VariantLine:
    """One text of a step, of all whose time is over."""

    step_id: str
    variant: str
    sent: int
    accepted: Share | None
    """None of a text that asks nobody to connect."""
    replied: Share
    opted_out: Share


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Whether those whom what ranks now puts first do better than those who were drawn.

    Of those weeks alone in which releases had both.
    """

    ranked: Share
    drawn: Share
    difference: float | None = None
    """Of their rates within the weeks, in fractions of 1; None of one that was once kept."""
    low: float
    high: float
    """The interval of that."""
    weeks_untold: int = 0
    """For how many weeks, up to now, it had 0 in it; `TOO_LONG` at most."""

    @property
    def gap(self) -> float:
        """The difference, or what the rates say of it."""
        if self.difference is not None:
            return self.difference
        return (self.ranked.rate or 0.0) - (self.drawn.rate or 0.0)

    @property
    def sentence(self) -> str:
        """What that says: an interval that has 0 in it says nothing, which is said in the end."""
        if self.low > 0:
            return "Ranking earns its keep."
        if self.high < 0:
            return "Those who were ranked do worse than those who were drawn."
        if self.weeks_untold >= TOO_LONG:
            return f"For {TOO_LONG} weeks ranking cannot be told from chance."
        return "That ranking helps is not shown."


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """A decision that was made since the report before, or one that waits for somebody."""

    decision_id: str
    kind: DecisionKind
    state: DecisionState
    waits: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is to be expected of the days that come."""

    ready: int | None
    """Leads that may be released; None of a report that was counted long after its days."""
    slots: tuple[tuple[date, int], ...]
    """Invitations that the senders can send, day by day."""
    days_left: int | None
    """Until nobody is left to be released; None where it is more than the forecast's days.

    Without `slots` None says nothing: how long they last is not known.
    """
    credits: int | None = None


@dataclass(frozen=True, kw_only=True)
class FaultLine:
    """A run that did not do what it was for."""

    run_id: str
    type: str
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it; `first_day` and `last_day` are of the program's zone, both included."""

    report_id: str
    organization_id: str
    program_id: str
    campaign_id: str
    kind: ReportKind
    first_day: date
    last_day: date
    time_zone: str
    created_at: datetime
    headline: Headline
    usual: Headline | None
    """The mean of the four weeks before, or days, idle ones too; None of a new program."""
    cohorts: tuple[CohortLine, ...]
    senders: tuple[SenderLine, ...]
    variants: tuple[VariantLine, ...]
    ranking: Ranking | None
    decisions: tuple[DecisionLine, ...]
    outlook: Outlook
    faults: tuple[FaultLine, ...]
    value_per_invitation: float | None = None
    """Where the customer's system told what deals are worth."""
