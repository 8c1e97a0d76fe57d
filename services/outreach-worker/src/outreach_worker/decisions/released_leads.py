"""A release: leads enter the sequence, a thousand in one transaction; who waits is taken back."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from automation.decisions.decision import Change, DecidedLead, Decision
from automation.decisions.decision_repository import DecisionRepository
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2_grpc as rpc
from servicekit.errors import FailedPrecondition, NotFound

from outreach_worker.decisions.effects import Overtaken

MOST = 10_000
_AT_ONCE = 1000
"""Leads that one call takes."""


class ReleasedLeads:
    """Released by the decision's id: a repeat is answered as the first."""

    def __init__(self, leads: rpc.LeadServiceStub, decisions: DecisionRepository) -> None:
        self._leads = leads
        self._decisions = decisions

    async def apply(self, decision: Decision) -> Change:
        """Release its leads; who is ready no more is left out, and counted.

        Raises `Overtaken` if the campaign was stopped or deleted since they were selected: then
        those of them that were released before it was are taken back.
        """
        chosen = await self._decisions.leads(decision.id, limit=MOST)
        released = 0
        for number, (part, release_id) in enumerate(_parts(decision, chosen)):
            try:
                released += await self._release(decision.campaign_id, release_id, part)
            except Overtaken:
                if number:
                    with suppress(Overtaken):
                        await self.take_back(decision)
                raise
        change = decision.change
        after = {**change.after, "released": released, "left_out": len(chosen) - released}
        return Change(before=change.before, after=after)

    async def take_back(self, decision: Decision) -> None:
        """Take back who has not begun.

        Raises `Overtaken` if the campaign is gone: then nobody of it begins any more.
        """
        chosen = await self._decisions.leads(decision.id, limit=MOST)
        for _, release_id in _parts(decision, chosen):
            request = pb.WithdrawLeadsRequest(
                campaign_id=decision.campaign_id, release_id=release_id
            )
            try:
                await self._leads.WithdrawLeads(request)
            except NotFound as error:
                raise Overtaken(error.reason) from error

    async def _release(
        self, campaign_id: str, release_id: str, leads: Sequence[DecidedLead]
    ) -> int:
        request = pb.ReleaseLeadsRequest(
            campaign_id=campaign_id,
            release_id=release_id,
            leads=[
                pb.LeadToRelease(lead_id=each.lead_id, account_id=each.account_id, rank=each.rank)
                for each in leads
            ],
        )
        try:
            answer = await self._leads.ReleaseLeads(request)
        except (FailedPrecondition, NotFound) as error:
            raise Overtaken(error.reason) from error
        return sum(each.result == pb.LEAD_RELEASE_RESULT_RELEASED for each in answer.leads)


def _parts(
    decision: Decision, leads: Sequence[DecidedLead]
) -> Iterator[tuple[Sequence[DecidedLead], str]]:
    """As many as one call takes, each with the release's id; the first has the decision's own."""
    for part, begin in enumerate(range(0, len(leads), _AT_ONCE)):
        yield leads[begin : begin + _AT_ONCE], f"{decision.id}/{part}" if part else decision.id
