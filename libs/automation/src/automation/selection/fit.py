"""Which leads of a release still fit when it takes effect, hours or days after the look. Pure.

They go as they were decided, each to its sender, in their order; whoever does not fit any more is
left out, and nobody comes in their place: nobody has approved of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from campaigns.repositories.admission.release import ReleaseAnswer
from servicekit.tables import total

from automation.decisions.decision import DecidedLead, LeftOut
from automation.selection.capacity import capacity_of
from automation.selection.day import DayFacts
from automation.selection.spacing import spacing_of

_BY_ANSWER: Mapping[ReleaseAnswer, LeftOut | None] = total(
    ReleaseAnswer,
    {
        ReleaseAnswer.RELEASED: None,
        ReleaseAnswer.ALREADY_RELEASED: LeftOut.ALREADY_RELEASED,
        ReleaseAnswer.NOT_READY: LeftOut.NOT_READY,
        ReleaseAnswer.HELD: LeftOut.HELD,
        ReleaseAnswer.NOT_FOUND: LeftOut.NOT_FOUND,
        ReleaseAnswer.ACCOUNT_NOT_OF_CAMPAIGN: LeftOut.ACCOUNT_NOT_OF_CAMPAIGN,
    },
)


@dataclass(frozen=True, kw_only=True)
class ReleaseFacts:
    """How things are for the leads of a release as it takes effect."""

    day: DayFacts
    """Of which `leads` are those of it that may be released, whose details open."""
    answers: Mapping[str, ReleaseAnswer]
    """What a release by hand would answer now, by lead."""
    decided: Collection[str] = ()
    """Leads that a release has which was approved before."""
    suppressed: Collection[str] = ()
    """Those that must not be contacted."""


def left_out_by(answer: ReleaseAnswer) -> LeftOut | None:
    """What an answer to a release says of a lead; None of one that is released."""
    return _BY_ANSWER[answer]


def left_out(leads: Sequence[DecidedLead], facts: ReleaseFacts) -> Mapping[str, LeftOut]:
    """Whom the release is not of any more, and why, by lead; of `leads` the first to go first."""
    fitting = _Fitting(facts)
    reasons = {each.lead_id: fitting.take(each) for each in leads}
    return {lead_id: why for lead_id, why in reasons.items() if why is not None}


class _Fitting:
    """Who has been taken so far."""

    def __init__(self, facts: ReleaseFacts) -> None:
        day = facts.day
        self._facts, self._limits = facts, day.limits
        self._company = {each.lead_id: each.company_key for each in day.leads}
        self._spacing = spacing_of(day.contacts)
        self._slots = {
            each.account_id: capacity_of(each, plan=day.limits.plan, room=day.limits.room).slots
            for each in day.senders
        }
        self._taken: Counter[str] = Counter()
        self._companies: set[str] = set()

    def take(self, lead: DecidedLead) -> LeftOut | None:
        why = self._of_itself(lead) or self._of_others(lead)
        if why is None:
            self._taken[lead.account_id] += 1
            self._companies.add(self._company[lead.lead_id])
        return why

    def _of_itself(self, lead: DecidedLead) -> LeftOut | None:
        if lead.lead_id in self._facts.decided:
            return LeftOut.DECIDED
        why = left_out_by(self._facts.answers[lead.lead_id])
        if why is None and lead.lead_id in self._facts.suppressed:
            return LeftOut.SUPPRESSED
        if why is None and lead.lead_id not in self._company:
            return LeftOut.UNREADABLE
        return why

    def _of_others(self, lead: DecidedLead) -> LeftOut | None:
        """What those leave who were taken before it, here and elsewhere."""
        if self._taken.total() >= self._limits.plan:
            return LeftOut.PLAN
        if self._taken.total() >= self._limits.room:
            return LeftOut.ROOM
        company = self._company[lead.lead_id]
        if (company and company in self._companies) or not self._spacing.allows(company):
            return LeftOut.COMPANY_SPACING
        if self._spacing.account_of(company) not in (None, lead.account_id):
            return LeftOut.COMPANY_SPACING
        if self._taken[lead.account_id] >= self._slots.get(lead.account_id, 0):
            return LeftOut.SENDER
        return None
