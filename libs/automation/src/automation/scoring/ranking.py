"""Who comes first, by the customer's rules or, where there are none, by the list in turns. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from automation.decisions.decision import LeadSource, Term
from automation.scoring.features import Feature, Features
from automation.scoring.rules import MISSING, Rules

_MOST_TERMS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A lead at its place; `score` is None where nobody is preferred."""

    lead_id: str
    features: Features
    score: float | None
    source: LeadSource


def ranked_by_rules(
    lead_ids: Sequence[str], features: Sequence[Features], rules: Rules
) -> list[Ranked]:
    """The best first; of equals the first of the list. Without a preference, in turns."""
    if not rules.prefer:
        return in_turns(lead_ids, features)
    return ranked_by(rules.score, LeadSource.RULES, lead_ids, features)


def ranked_by(
    score: Callable[[Features], float],
    source: LeadSource,
    lead_ids: Sequence[str],
    features: Sequence[Features],
) -> list[Ranked]:
    """The best first by any score; of equals the first of the list."""
    ranked = [
        Ranked(lead_id=lead_id, features=each, score=score(each), source=source)
        for lead_id, each in zip(lead_ids, features, strict=True)
    ]
    # Sorting keeps the order of equals.
    return sorted(ranked, key=lambda each: -(each.score or 0.0))


def in_turns(lead_ids: Sequence[str], features: Sequence[Features]) -> list[Ranked]:
    """The order of the list, one of each segment in turn, so that the first weeks teach most.

    A segment is a seniority in an industry; they come in the order of their first leads.
    """
    segments: dict[tuple[str, str], deque[Ranked]] = defaultdict(deque)
    for lead_id, each in zip(lead_ids, features, strict=True):
        segment = (each.get(Feature.SENIORITY, MISSING), each.get(Feature.INDUSTRY, MISSING))
        lead = Ranked(lead_id=lead_id, features=each, score=None, source=LeadSource.LIST_ORDER)
        segments[segment].append(lead)
    dealt: list[Ranked] = []
    waiting = deque(segments.values())
    while waiting:
        segment_leads = waiting.popleft()
        dealt.append(segment_leads.popleft())
        if segment_leads:
            waiting.append(segment_leads)
    return dealt


def strongest(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The three that speak most for somebody, then the three that speak most against them."""
    ordered = sorted(terms, key=lambda term: (-term.points, term.feature))
    praise = [term for term in ordered if term.points > 0][:_MOST_TERMS]
    blame = [term for term in reversed(ordered) if term.points < 0][:_MOST_TERMS]
    return (*praise, *blame)
