"""Leads of a selection or a ranking, as people read them: why each, in a line."""

from collections.abc import Iterable

from outreach.automation.v1 import (
    decision_pb2,
    program_service_pb2,
    score_pb2,
    scoring_service_pb2,
    selection_pb2,
)

from outreach_client.formats.enums import enum_text
from outreach_client.formats.fields import harmless
from outreach_client.formats.output import print_sentence

_BOUNDS = selection_pb2.SlotBound.DESCRIPTOR
_SOURCES = score_pb2.LeadSource.DESCRIPTOR
_LEFT_OUT = decision_pb2.LeftOutReason.DESCRIPTOR


def print_leads(leads: Iterable[decision_pb2.DecidedLead]) -> None:
    """Each with the account that turns to them, and by what they came to their slot, or lost it."""
    for lead in leads:
        lost = f"  left out: {enum_text(_LEFT_OUT, lead.left_out)}" if lead.left_out else ""
        print_sentence(f"{lead.lead_id}  {who_to_whom(lead)}  {reason_of(lead)}{lost}")


def who_to_whom(lead: decision_pb2.DecidedLead) -> str:
    """`Ada Example, VP Sales at Acme  to Kim (acct_1)`; names are for who may read leads."""
    sender = f"{lead.sender_name} ({lead.account_id})" if lead.sender_name else lead.account_id
    return "  ".join(filter(None, [who(lead), f"to {sender}"]))


def who(lead: decision_pb2.DecidedLead | score_pb2.RankedLead) -> str:
    """Name, title and company, as far as they are told, in one line."""
    person = ", ".join(filter(None, [lead.name, lead.title]))
    told = " at ".join(filter(None, [person, lead.company]))
    return harmless(" ".join(told.split()))


def tell_closed(
    answer: program_service_pb2.PreviewSelectionResponse
    | scoring_service_pb2.PreviewRankingResponse,
) -> None:
    """What keeps the campaign from taking any of those who are ready."""
    if answer.HasField("closed"):
        print_sentence(f"nobody can be released now: {enum_text(_BOUNDS, answer.closed)}")


def reason_of(lead: decision_pb2.DecidedLead | score_pb2.RankedLead) -> str:
    """By what, with what score, and what speaks for and against them."""
    score = f" {lead.score:.3g}" if lead.HasField("score") else ""
    terms = ", ".join(term_text(each) for each in lead.terms)
    return f"{enum_text(_SOURCES, lead.source)}{score}{f' ({terms})' if terms else ''}"


def term_text(term: score_pb2.ScoreTerm) -> str:
    """`seniority vp +20`."""
    return f"{term.feature} {term.level} {term.points:+.3g}"
