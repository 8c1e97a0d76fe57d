"""Decisions, scores and selections as callers read them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from automation.decisions.decision import DecidedLead, Decision, LeftOut, Term
from automation.decisions.kinds import sentence
from automation.scoring.ranking import Ranked
from automation.selection.capacity import Bound
from automation.selection.day import Day
from automation.selection.prospect import Prospect
from automation.selection.selection import Unused
from campaigns.models import Person
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import (
    decision_pb2,
    program_service_pb2,
    prospect_pb2,
    score_pb2,
    scoring_service_pb2,
    selection_pb2,
)

from campaign_api.automation.previews import (
    DecidedSelection,
    Explanation,
    Ranking,
    SelectionPreview,
)
from campaign_api.automation.who import Who
from campaign_api.automation.wire import json_text, timestamp

MOST_LEADS = 1000
"""That are told of one release or selection, the first to go."""


def decision_to_proto(decision: Decision) -> decision_pb2.Decision:
    """The decision with its sentence."""
    return decision_pb2.Decision(
        decision_id=decision.id,
        organization_id=decision.organization_id,
        program_id=decision.program_id,
        campaign_id=decision.campaign_id,
        run_id=decision.run_id,
        kind=decision_pb2.DecisionKind.Value(f"DECISION_KIND_{decision.kind.name}"),
        state=decision_pb2.DecisionState.Value(f"DECISION_STATE_{decision.state.name}"),
        sentence=sentence(decision),
        rule=decision.rule,
        rule_version=decision.rule_version,
        inputs_json=json_text(decision.inputs),
        before_json=json_text(decision.change.before),
        after_json=json_text(decision.change.after),
        create_time=timestamp(decision.created_at),
        expire_time=_moment(decision.expires_at),
        answer_time=_moment(decision.answered_at),
        answered_by=decision.answered_by,
        apply_time=_moment(decision.applied_at),
        revert_ask_time=_moment(decision.revert_asked_at),
        revert_asked_by=decision.revert_asked_by,
        end_time=_moment(decision.ended_at),
        failure=decision.failure,
    )


def decided_leads(leads: Iterable[DecidedLead], who: Who | None) -> list[decision_pb2.DecidedLead]:
    """The leads of a release; who they are, and what scores are made of, is told of people."""
    return [_decided_lead(lead, who) for lead in leads]


def _decided_lead(lead: DecidedLead, who: Who | None) -> decision_pb2.DecidedLead:
    found = decision_pb2.DecidedLead(
        lead_id=lead.lead_id,
        account_id=lead.account_id,
        rank=lead.rank,
        score=lead.score,
        source=score_pb2.LeadSource.Value(f"LEAD_SOURCE_{lead.source.name}"),
        left_out=_left_out(lead.left_out),
    )
    if who is not None:
        found.terms.extend(_terms(lead.terms))
        found.sender_name = who.senders.get(lead.account_id, "")
        _say_who(found, who.people.get(lead.lead_id))
    return found


def _say_who(lead: decision_pb2.DecidedLead | score_pb2.RankedLead, person: Person | None) -> None:
    if person is not None:
        lead.name = f"{person.first_name} {person.last_name}".strip()
        lead.title, lead.company = person.title, person.company


def selection_to_proto(
    preview: SelectionPreview | DecidedSelection, who: Who | None
) -> program_service_pb2.PreviewSelectionResponse:
    """Who would be released, or was decided to be."""
    if isinstance(preview, DecidedSelection):
        return _decided_to_proto(preview, who)
    day = preview.day
    return program_service_pb2.PreviewSelectionResponse(
        day=preview.date,
        leads=decided_leads(day.leads[:MOST_LEADS], who),
        selected=len(day.leads),
        candidates=day.candidates,
        suppressed=day.suppressed,
        closed=_closed(day.closed),
        explored=day.explored,
        senders=_senders(day, preview),
        model_id=preview.model_id,
        model_refusal=preview.model_refusal.upper(),
    )


def _decided_to_proto(
    decided: DecidedSelection, who: Who | None
) -> program_service_pb2.PreviewSelectionResponse:
    inputs = decided.decision.inputs
    return program_service_pb2.PreviewSelectionResponse(
        day=decided.date,
        leads=decided_leads(decided.leads, who),
        selected=sum(inputs.get("by_source", {}).values()),
        candidates=inputs.get("candidates", 0),
        suppressed=inputs.get("suppressed", 0),
        explored=inputs.get("explored", 0),
        decision=decision_to_proto(decided.decision),
    )


def ranking_to_proto(ranking: Ranking, who: Who) -> scoring_service_pb2.PreviewRankingResponse:
    """Who comes first."""
    return scoring_service_pb2.PreviewRankingResponse(
        leads=[
            _ranked_lead(each, terms, place=place, who=who)
            for place, (each, terms) in enumerate(ranking.leads, start=1)
        ],
        candidates=ranking.candidates,
        closed=_closed(ranking.closed),
        model_id=ranking.model_id,
        model_refusal=ranking.model_refusal.upper(),
    )


def _ranked_lead(
    ranked: Ranked, terms: Iterable[Term], *, place: int, who: Who
) -> score_pb2.RankedLead:
    found = score_pb2.RankedLead(
        lead_id=ranked.lead_id,
        place=place,
        score=ranked.score,
        source=score_pb2.LeadSource.Value(f"LEAD_SOURCE_{ranked.source.name}"),
        terms=_terms(terms),
    )
    _say_who(found, who.people.get(ranked.lead_id))
    return found


def explanation_to_proto(found: Explanation) -> score_pb2.ScoreExplanation:
    """Why a lead has its score."""
    return score_pb2.ScoreExplanation(
        lead_id=found.lead_id,
        score=found.score,
        source=score_pb2.LeadSource.Value(f"LEAD_SOURCE_{found.source.name}"),
        model_id=found.model_id,
        baseline=found.baseline,
        terms=_terms(found.terms),
        sentence=found.sentence,
    )


def prospect_to_proto(found: Prospect) -> prospect_pb2.Prospect:
    """Whether a lead is of the next release."""
    return prospect_pb2.Prospect(
        day=found.day,
        place=found.place,
        candidates=found.candidates,
        account_id=found.account_id,
        left_out=_left_out(found.left_out),
        bounds=map(_bound, found.bounds),
        decision_id=found.decision_id,
        sentence=found.sentence,
    )


def _senders(day: Day, preview: SelectionPreview) -> list[selection_pb2.SenderSelection]:
    selected = Counter(each.account_id for each in day.leads)
    return [
        selection_pb2.SenderSelection(
            account_id=each.account_id,
            possible=each.possible,
            slots=each.slots,
            selected=selected[each.account_id],
            unused=_unused(day.selection.unused, each.account_id),
            read_time=_moment(preview.read_at.get(each.account_id)),
            failure=preview.failed.get(each.account_id, ""),
            bound=_bound(each.bound),
        )
        for each in day.capacities
    ]


def _unused(unused: Sequence[Unused], account_id: str) -> list[selection_pb2.UnusedSlots]:
    return [
        selection_pb2.UnusedSlots(
            slots=each.slots,
            bound=_bound(each.why),
        )
        for each in unused
        if each.account_id == account_id
    ]


def _closed(bound: Bound | None) -> selection_pb2.SlotBound.ValueType | None:
    return None if bound is None else _bound(bound)


def _bound(bound: Bound) -> selection_pb2.SlotBound.ValueType:
    return selection_pb2.SlotBound.Value(f"SLOT_BOUND_{bound.name}")


def _left_out(why: LeftOut | None) -> "decision_pb2.LeftOutReason.ValueType":
    if why is None:
        return decision_pb2.LEFT_OUT_REASON_UNSPECIFIED
    return decision_pb2.LeftOutReason.Value(f"LEFT_OUT_REASON_{why.name}")


def _terms(terms: Iterable[Term]) -> list[score_pb2.ScoreTerm]:
    return [
        score_pb2.ScoreTerm(feature=each.feature, level=each.level, points=each.points)
        for each in terms
    ]


def _moment(at: datetime | None) -> Timestamp | None:
    return None if at is None else timestamp(at)
