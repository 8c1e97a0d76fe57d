"""A release: leads enter the sequence, a thousand in one transaction; who waits is taken back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from automation.decisions.decision import Change, DecidedLead, Decision, LeftOut
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.errors import NobodyFits
from automation.decisions.releases import release_ids
from automation.selection.fit import left_out_by
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.admission.release import ReleaseAnswer
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2_grpc as rpc
from servicekit.errors import FailedPrecondition, NotFound

from outreach_worker.decisions.effects import Overtaken
from outreach_worker.decisions.release_fitting import MOST, ReleaseFitting

_AT_ONCE = 1000
"""Leads that one call takes."""


@dataclass
class _Released:
    """What the parts of a release have come to so far."""

    released: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)

    def hear(self, answer: pb.ReleaseLeadsResponse) -> None:
        for each in answer.leads:
            name = pb.LeadReleaseResult.Name(each.result).removeprefix("LEAD_RELEASE_RESULT_")
            why = left_out_by(ReleaseAnswer(name))
            if why is None:
                self.released += 1
            else:
                self.left_out[each.lead_id] = why


class ReleasedLeads:
    """Released by the decision's id: a repeat is answered as the first."""

    def __init__(
        self,
        leads: rpc.LeadServiceStub,
        decisions: DecisionRepository,
        fitting: ReleaseFitting,
        *,
        candidates: CandidateRepository,
    ) -> None:
        self._leads = leads
        self._decisions = decisions
        self._fitting = fitting
        self._candidates = candidates

    async def apply(self, decision: Decision) -> Change:
        """Release those of its leads that still fit; the others are left out, each with why.

        Raises `Overtaken` if none does, or if the campaign was stopped or deleted since they were
        selected. Whatever it raises, a part of them may be released: it is repeated, or taken back.
        """
        try:
            chosen = await self._fitting.leads(decision)
        except NotFound as error:
            raise Overtaken(error.reason) from error
        found = _Released()
        for part, release_id in _parts(decision, chosen):
            fits = [each for each in part if each.left_out is None]
            if fits:
                found.hear(await self._release(decision.campaign_id, release_id, fits))
        await self._decisions.leave_out(decision.id, found.left_out)
        if not found.released:
            raise Overtaken(NobodyFits.reason)
        return _change(decision, chosen, found)

    async def take_back(self, decision: Decision) -> None:
        """Take back who has not begun, and note how many have; who releases by it later does not.

        Raises `Overtaken` if the campaign is gone: then nobody of it begins any more.
        """
        chosen = await self._decisions.leads(decision.id, limit=MOST)
        parts = [release_id for _, release_id in _parts(decision, chosen)]
        for release_id in parts:
            request = pb.WithdrawLeadsRequest(
                campaign_id=decision.campaign_id, release_id=release_id
            )
            try:
                await self._leads.WithdrawLeads(request)
            except NotFound as error:
                raise Overtaken(error.reason) from error
        lead_ids = [each.lead_id for each in chosen]
        begun = await self._candidates.still_released(decision.campaign_id, lead_ids, parts)
        if begun:
            await self._decisions.begun(decision.id, begun)

    async def _release(
        self, campaign_id: str, release_id: str, leads: Sequence[DecidedLead]
    ) -> pb.ReleaseLeadsResponse:
        request = pb.ReleaseLeadsRequest(
            campaign_id=campaign_id,
            release_id=release_id,
            leads=[
                pb.LeadToRelease(lead_id=each.lead_id, account_id=each.account_id, rank=each.rank)
                for each in leads
            ],
        )
        try:
            return await self._leads.ReleaseLeads(request)
        except (FailedPrecondition, NotFound) as error:
            raise Overtaken(error.reason) from error


def _change(decision: Decision, chosen: Sequence[DecidedLead], found: _Released) -> Change:
    """What was decided, in the numbers that it came to."""
    before = {each.lead_id: each.left_out for each in chosen if each.left_out is not None}
    reasons = Counter((before | found.left_out).values())
    change = decision.change
    after = {
        **change.after,
        "released": found.released,
        "left_out": reasons.total(),
        "left_out_by_reason": {why.value: number for why, number in sorted(reasons.items())},
    }
    return Change(before=change.before, after=after)


def _parts(
    decision: Decision, leads: Sequence[DecidedLead]
) -> Iterator[tuple[Sequence[DecidedLead], str]]:
    """As many as one call takes, each with the release's id; the first has the decision's own."""
    begins = range(0, len(leads), _AT_ONCE)
    for begin, release_id in zip(begins, release_ids(decision.id, len(begins)), strict=True):
        yield leads[begin : begin + _AT_ONCE], release_id
