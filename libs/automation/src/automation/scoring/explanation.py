"""A score in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from automation.decisions.decision import LeadSource, Term
from automation.scoring.ranking import strongest


def sentence(source: LeadSource, score: float | None, terms: Sequence[Term]) -> str:
    """By what somebody is ranked, and what speaks most for and against them."""
    match source:
        case LeadSource.RULES:
            return f"Ranked by the rules with {score or 0:g} points{_because(terms)}."
        case LeadSource.MODEL:
            return f"Ranked by a model: {score or 0:.0%} likely to accept{_because(terms)}."
        case LeadSource.EXPLORATION:
            return "Taken by chance, so that the order can be compared with it."
        case LeadSource.LIST_ORDER:
            return "Ranked in the order of the list: no rule and no model prefers anybody."
        case _:
            assert_never(source)


def _because(terms: Sequence[Term]) -> str:
    told = [f"{term.feature} {term.level} {term.points:+.3g}" for term in strongest(terms)]
    return f": {', '.join(told)}" if told else ""
