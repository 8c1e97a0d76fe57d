"""A program's day, from what is known to who is released: rank, select, explain. Pure.

The worker releases by it and campaign-api previews by it, so that what is shown is what is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from automation.decisions.decision import DecidedLead, LeadSource, Term
from automation.scoring.champion import ChosenScorer
from automation.scoring.features import Features, ScoredPerson, features_of
from automation.scoring.ranking import Ranked, ranked_by, ranked_by_rules, strongest
from automation.scoring.rules import Rules
from automation.selection.capacity import Bound, Capacity, SenderFacts, capacity_of
from automation.selection.selection import Candidate, DayLimits, Selection, select
from automation.selection.spacing import CompanyContact, spacing_of

RULE, RULE_VERSION = "daily_selection", 1
"""Which is raised when another rule would select otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyLead:
    """A lead that may be released."""

    lead_id: str
    person: ScoredPerson
    company_key: str = ""
    """A keyed hash."""


@dataclass(frozen=True, kw_only=True)
class DayFacts:
    """All that a day's selection goes by."""

    limits: DayLimits
    leads: Sequence[ReadyLead]
    """In the order of the list."""
    suppressed: int = 0
    """Those beside them who would be ready, and must not be contacted."""
    senders: Sequence[SenderFacts]
    contacts: Sequence[CompanyContact] = ()
    rules: Rules = field(default_factory=Rules)
    chosen: ChosenScorer = field(default_factory=ChosenScorer)
    closed: Bound | None = None
    """What keeps the campaign from taking anybody; None if nothing does."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Who is released, with why, and what stays unused."""

    leads: tuple[DecidedLead, ...]
    selection: Selection
    capacities: tuple[Capacity, ...]
    candidates: int
    chosen: ChosenScorer = field(default_factory=ChosenScorer)
    rules: str = ""
    """The digest of the rules; empty where they prefer nobody."""
    suppressed: int = 0
    """Who would be candidates, and must not be contacted."""
    closed: Bound | None = None
    """What keeps the campaign from taking anybody."""

    @property
    def explored(self) -> int:
        """How many are released by chance."""
        return sum(each.source is LeadSource.EXPLORATION for each in self.leads)

    def unused_by_reason(self) -> Mapping[str, int]:
        """Slots of all senders that stay empty, by the reason; also none of who has none."""
        unused: Counter[str] = Counter()
        for each in self.selection.unused:
            unused[each.why.value] += each.slots
        if self.closed is not None:
            # Told also where there are no senders.
            unused[self.closed.value] += 0
        return dict(sorted(unused.items()))

    def inputs(self) -> Mapping[str, Any]:
        """What the decision was made from, in counts."""
        sources = Counter(each.source for each in self.leads)
        unused = self.unused_by_reason()
        return {
            "candidates": self.candidates,
            "model_id": self.chosen.ranks,
            "rules": self.rules,
            **({"model_refusal": self.chosen.refusal} if self.chosen.refusal else {}),
            "suppressed": self.suppressed,
            "explored": self.explored,
            "unused": sum(unused.values()),
            "unused_by_reason": dict(unused),
            "by_source": {source.value: leads for source, leads in sorted(sources.items())},
            "senders": {
                each.account_id: {
                    "possible": each.possible,
                    "slots": each.slots,
                    "waiting": each.waiting,
                    "bound": each.bound.value,
                }
                for each in self.capacities
            },
        }


def select_day(facts: DayFacts, *, now: datetime) -> Day:
    """The day's selection: the same for the same facts."""
    limits = facts.limits
    capacities = tuple(
        capacity_of(each, plan=limits.plan, room=limits.room, closed=facts.closed)
        for each in facts.senders
    )
    ranked = rank(facts, now=now)
    leads = {each.lead_id: each for each in facts.leads}
    candidates = [
        Candidate(
            lead_id=each.lead_id,
            source=each.source,
            score=each.score,
            company_key=leads[each.lead_id].company_key,
        )
        for each in ranked
    ]
    nobody_left = Bound.SUPPRESSED if facts.suppressed else Bound.LIST_EMPTY
    spacing = spacing_of(facts.contacts)
    selection = select(candidates, capacities, limits, spacing, nobody_left=nobody_left)
    features = {each.lead_id: each.features for each in ranked}
    decided = tuple(
        DecidedLead(
            lead_id=each.lead_id,
            account_id=each.account_id,
            rank=each.rank,
            score=each.score,
            source=each.source,
            terms=terms_of(facts, features[each.lead_id]),
        )
        for each in selection.picked
    )
    return Day(
        leads=decided,
        selection=selection,
        capacities=capacities,
        candidates=len(facts.leads),
        chosen=facts.chosen,
        rules=facts.rules.digest,
        suppressed=facts.suppressed,
        closed=facts.closed,
    )


def rank(facts: DayFacts, *, now: datetime) -> list[Ranked]:
    """Every lead at its place: by the model, else by the rules, else the list in turns."""
    found = [features_of(each.person, now=now) for each in facts.leads]
    lead_ids = [each.lead_id for each in facts.leads]
    scorer, rules = facts.chosen.model, facts.rules
    if scorer is None:
        return ranked_by_rules(lead_ids, found, rules)
    by_model = scorer.score

    def score(features: Features) -> float:
        return by_model(features, rules.score(features))

    # A model knows which levels it was taught, and takes the others as one: nothing is grouped anew
    # by who happens to be ready today.
    return ranked_by(score, LeadSource.MODEL, lead_ids, found)


def terms_of(facts: DayFacts, features: Features) -> tuple[Term, ...]:
    """What a lead's score is made of, the three strongest each way."""
    return strongest(all_terms(facts, features))


def all_terms(facts: DayFacts, features: Features) -> Sequence[Term]:
    """All that a lead's score is made of, the strongest first."""
    model = facts.chosen.model
    if model is None:
        return facts.rules.terms(features)
    return model.told(features, facts.rules.score(features))
