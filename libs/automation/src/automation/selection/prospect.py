"""Whether a lead is of a program's next release, and what keeps it from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from servicekit.tables import total

from automation.decisions.decision import DecidedLead, Decision, DecisionState, LeftOut
from automation.selection.capacity import Bound
from automation.selection.day import Day, DayFacts, rank
from automation.selection.spacing import spacing_of

_ENDED: Mapping[DecisionState, str] = total(
    DecisionState,
    {
        DecisionState.DRY: "was a look, and nothing more",
        DecisionState.PROPOSED: "",
        DecisionState.APPLIED: "",
        DecisionState.REJECTED: "was rejected",
        DecisionState.EXPIRED: "was not approved in time",
        DecisionState.REVERTED: "was taken back",
        DecisionState.SUPERSEDED: "was overtaken by what a person did",
        DecisionState.FAILED: "could not be brought about",
    },
)
"""What has become of a decision by which nobody goes; empty of one by which somebody may."""


class Only(StrEnum):
    """What stands between a lead that is selected and its release."""

    ONCE_APPROVED = "once_approved"
    """Somebody's answer."""
    LOOKED_AT = "looked_at"
    """The program changes nothing."""


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """How a lead stands before a day of its program, by what is known now."""

    day: str
    """As ISO 8601 has it."""
    place: int = 0
    """Among those who may be released, from 1; 0 of who is none of them, or is not looked at."""
    candidates: int = 0
    account_id: str = ""
    """To whom it would go; empty if it would not."""
    left_out: LeftOut | None = None
    """What keeps the lead itself from it."""
    bounds: tuple[Bound, ...] = ()
    """What leaves no place for those behind the last who go."""
    decision_id: str = ""
    """The decision that the day has already."""
    only: Only | None = None
    """Of who would go: what that hangs on."""
    against: str = ""
    """Why nobody goes by the decision, although it names the lead."""

    @property
    def sentence(self) -> str:
        """The same, for a person."""
        if self.account_id:
            looks = "; the program only looks" if self.only is Only.LOOKED_AT else ""
            return f"On {self.day} they {self._goes}{self._placed}{looks}."
        if self.against:
            return f"On {self.day} they do not go: {self.decision_id} {self.against}."
        if self.left_out is not None:
            return f"On {self.day} they do not go: {_words(self.left_out)}."
        if self.decision_id and not self.bounds:
            return f"{self.day} is decided without them, by {self.decision_id}{self._placed}."
        if not self.place and not self.decision_id:
            return "Too many stand before them on the list: they are not ranked yet."
        told = ", ".join(map(_words, self.bounds)) or "nobody sends"
        return f"On {self.day} they do not go: no slot is left for them ({told}){self._placed}."

    @property
    def _goes(self) -> str:
        to = f"to {self.account_id}"
        match self.only:
            case None:
                return f"go {to} by {self.decision_id}" if self.decision_id else f"go {to}"
            case Only.ONCE_APPROVED:
                return f"go {to} if {self.decision_id or 'their release'} is approved"
            case Only.LOOKED_AT:
                return f"would go {to}"
        assert_never(self.only)

    @property
    def _placed(self) -> str:
        return f", at place {self.place} of {self.candidates} who may" if self.place else ""


def prospect_of(lead_id: str, facts: DayFacts, day: Day, *, now: datetime) -> Prospect:
    """How a lead stands in a day's selection; `facts` are what the day was selected from."""
    places = {each.lead_id: place for place, each in enumerate(rank(facts, now=now), start=1)}
    chosen = {each.lead_id: each.account_id for each in day.leads}
    known = Prospect(day=facts.limits.day, place=places.get(lead_id, 0), candidates=day.candidates)
    if lead_id in chosen:
        return replace(known, account_id=chosen[lead_id])
    why = None if day.closed is not None else _kept_by_company(lead_id, facts, day)
    return replace(known, left_out=why, bounds=_bounds(day))


def decided_prospect(
    decision: Decision, lead: DecidedLead, *, day: str, active: bool, now: datetime
) -> Prospect:
    """How a lead stands whom the day's decision names; `active`: whether its program is.

    What keeps the lead itself from it is another question.
    """
    known = Prospect(day=day, decision_id=decision.id, against=_against(decision, now))
    if known.against:
        return known
    if decision.waits_at(now):
        return replace(known, account_id=lead.account_id, only=Only.ONCE_APPROVED)
    # What a member has approved is theirs: it is done whatever becomes of the program.
    by_itself = decision.is_approved and decision.answered_by == f"program:{decision.program_id}"
    if by_itself and not active:
        return replace(known, bounds=(Bound.PROGRAM_NOT_ACTIVE,))
    return replace(known, account_id=lead.account_id)


def _against(decision: Decision, now: datetime) -> str:
    """Why nobody goes by it; empty if somebody does, or may."""
    if (ended := _ENDED[decision.state]) or decision.is_reverting:
        return ended or "is taken back"
    if decision.ending is not None:
        return "is called off"
    waits = decision.is_approved or decision.waits_at(now)
    lapsed = decision.state is DecisionState.PROPOSED and not waits
    return _ENDED[DecisionState.EXPIRED] if lapsed else ""


def _kept_by_company(lead_id: str, facts: DayFacts, day: Day) -> LeftOut | None:
    """Whether somebody of their company was, or is, turned to; or only by who can take nobody."""
    companies = {each.lead_id: each.company_key for each in facts.leads}
    company, spacing = companies.get(lead_id, ""), spacing_of(facts.contacts)
    taken = {companies[each.lead_id] for each in day.leads}
    if company and (company in taken or not spacing.allows(company)):
        return LeftOut.COMPANY_SPACING
    slots = {each.account_id: each.slots for each in day.capacities}
    bound_to = spacing.account_of(company)
    used = sum(each.account_id == bound_to for each in day.leads)
    return LeftOut.SENDER if bound_to is not None and used >= slots.get(bound_to, 0) else None


def _bounds(day: Day) -> tuple[Bound, ...]:
    if day.closed is not None:
        return (day.closed,)
    found = [each.why for each in day.selection.unused] or [each.bound for each in day.capacities]
    return tuple(dict.fromkeys(found))


def _words(why: LeftOut | Bound) -> str:
    return why.value.replace("_", " ")
