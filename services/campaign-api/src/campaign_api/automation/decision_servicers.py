"""DecisionService and ScoringService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import Sequence

from automation.decisions.decision import DecidedLead, Decision
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.errors import DecisionNotFound
from automation.listings.organization_pages import OrganizationPages
from outreach.automation.v1 import decision_service_pb2 as pb
from outreach.automation.v1 import decision_service_pb2_grpc as rpc
from outreach.automation.v1 import scoring_service_pb2 as scoring_pb
from outreach.automation.v1 import scoring_service_pb2_grpc as scoring_rpc
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from campaign_api.automation import decision_wire as wire
from campaign_api.automation.access import ProgramAccess, sees_people
from campaign_api.automation.decision_answers import DecisionAnswers
from campaign_api.automation.previews import ProgramPreviews
from campaign_api.automation.who import Who, WhoIsWho

DEFAULT_RANKED = 100


class DecisionServicer(rpc.DecisionServiceServicer):
    """A decision is its program's."""

    def __init__(
        self,
        *,
        access: ProgramAccess,
        decisions: DecisionRepository,
        answers: DecisionAnswers,
        pages: OrganizationPages[Decision],
        who: WhoIsWho,
    ) -> None:
        self._access = access
        self._decisions = decisions
        self._answers = answers
        self._pages = pages
        self._who = who

    async def ListDecisions(
        self, request: pb.ListDecisionsRequest, _: Context
    ) -> pb.ListDecisionsResponse:
        campaign_ids = await self._access.campaigns(request.organization_id)
        page = await self._pages.page(
            request.organization_id, followed_of(request), campaign_ids=campaign_ids
        )
        return pb.ListDecisionsResponse(
            decisions=map(wire.decision_to_proto, page.rows),
            total_size=page.total_size,
            **page.answered(),
        )

    async def GetDecision(
        self, request: pb.GetDecisionRequest, _: Context
    ) -> pb.GetDecisionResponse:
        found = await self._access.decision(request.decision_id)
        leads = await self._decisions.leads(found.id, limit=wire.MOST_LEADS)
        return pb.GetDecisionResponse(
            decision=wire.decision_to_proto(found),
            leads=wire.decided_leads(leads, await self._of(found, leads)),
        )

    async def _of(self, found: Decision, leads: Sequence[DecidedLead]) -> Who | None:
        """Who they are; None for callers who may not know."""
        if not sees_people():
            return None
        return await self._who.of(
            found.organization_id,
            found.campaign_id,
            [each.lead_id for each in leads],
            {each.account_id for each in leads},
        )

    async def ApproveDecision(
        self, request: pb.ApproveDecisionRequest, _: Context
    ) -> pb.ApproveDecisionResponse:
        found = await self._access.decision(request.decision_id)
        answered = await self._answers.approve(found)
        return pb.ApproveDecisionResponse(decision=wire.decision_to_proto(answered))

    async def RejectDecision(
        self, request: pb.RejectDecisionRequest, _: Context
    ) -> pb.RejectDecisionResponse:
        found = await self._access.decision(request.decision_id)
        answered = await self._answers.reject(found)
        return pb.RejectDecisionResponse(decision=wire.decision_to_proto(answered))

    async def RevertDecision(
        self, request: pb.RevertDecisionRequest, _: Context
    ) -> pb.RevertDecisionResponse:
        found = await self._access.decision(request.decision_id)
        answered = await self._answers.revert(found)
        return pb.RevertDecisionResponse(decision=wire.decision_to_proto(answered))

    async def BatchDecide(
        self, request: pb.BatchDecideRequest, _: Context
    ) -> pb.BatchDecideResponse:
        program = await self._access.program(request.program_id)
        found = [await self._access.decision(each) for each in request.decision_ids]
        if any(each.program_id != program.program_id for each in found):
            raise DecisionNotFound
        approves = request.answer == pb.DECISION_ANSWER_APPROVE
        answers = await self._answers.answer(found, approves=approves)
        return pb.BatchDecideResponse(
            results=[
                pb.DecisionResult(
                    decision=wire.decision_to_proto(each.decision), reason=each.refusal
                )
                for each in answers
            ]
        )


class ScoringServicer(scoring_rpc.ScoringServiceServicer):
    """What a lead's score is made of is its program's matter."""

    def __init__(self, *, access: ProgramAccess, previews: ProgramPreviews, who: WhoIsWho) -> None:
        self._access = access
        self._previews = previews
        self._who = who

    async def PreviewRanking(
        self, request: scoring_pb.PreviewRankingRequest, _: Context
    ) -> scoring_pb.PreviewRankingResponse:
        program = await self._access.program(request.program_id)
        limit = request.limit or DEFAULT_RANKED
        ranking = await self._previews.ranking(program, limit=limit)
        ranked = [each.lead_id for each, _ in ranking.leads]
        who = await self._who.of(program.organization_id, program.campaign_id, ranked)
        return wire.ranking_to_proto(ranking, who)

    async def ExplainScore(
        self, request: scoring_pb.ExplainScoreRequest, _: Context
    ) -> scoring_pb.ExplainScoreResponse:
        program = await self._access.program(request.program_id)
        found = await self._previews.explanation(program, request.lead_id)
        return scoring_pb.ExplainScoreResponse(
            explanation=wire.explanation_to_proto(found),
            prospect=None if found.prospect is None else wire.prospect_to_proto(found.prospect),
        )
