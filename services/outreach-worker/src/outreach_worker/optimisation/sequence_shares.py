"""Other shares of a step's variants, as another revision: archiving, hold-outs and their end."""

from __future__ import annotations

from automation.decisions.decision import Change, Decision
from automation.optimisation.drawings import StepNotDrawn, with_shares
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.revision import Revision
from outreach.campaign.v1 import sequence_service_pb2 as pb
from outreach.campaign.v1 import sequence_service_pb2_grpc as rpc
from servicekit.errors import EtagMismatch, FailedPrecondition

from outreach_worker.decisions.effects import Overtaken


class SequenceShares:
    """An edit of the revision that was judged, and of no other.

    Leads that are past the step finish on their revision. Repeating an edit finds the same content
    and makes no further revision.
    """

    def __init__(
        self,
        sequences: rpc.SequenceServiceStub,
        campaigns: CampaignRepository,
        revisions: RevisionRepository,
    ) -> None:
        self._sequences = sequences
        self._campaigns = campaigns
        self._revisions = revisions

    async def apply(self, decision: Decision) -> Change:
        """Give the campaign a revision with the shares that were decided.

        Raises `Overtaken` if it has another revision by now than the one that was judged.
        """
        before, after = decision.change.before, decision.change.after
        judged = await self._revisions.get(before["revision_id"])
        step = next(
            (each for each in judged.sequence.steps if each.step_id == before["step_id"]), None
        )
        if step is None:
            raise Overtaken("STEP_NOT_FOUND")
        try:
            drawing = with_shares(judged.source_json, step, after["shares"])
        except StepNotDrawn as error:
            raise Overtaken("STEP_NOT_FOUND") from error
        request = pb.UpdateSequenceRequest(
            campaign_id=decision.campaign_id,
            sequence_json=drawing,
            base_revision_id=judged.id,
            request_id=f"decision/{decision.id}",
        )
        try:
            made = (await self._sequences.UpdateSequence(request)).revision
        except (EtagMismatch, FailedPrecondition) as error:
            raise Overtaken(error.reason) from error
        return Change(
            before={**before, "revision": judged.number},
            after={**after, "revision_id": made.revision_id, "revision": made.number},
        )

    async def take_back(self, decision: Decision) -> None:
        """Put the revision back that was judged.

        Raises `Overtaken` if the sequence is another by now than the decision made it.
        """
        before, after = decision.change.before, decision.change.after
        made = await self._revisions.get(after["revision_id"])
        now = await self._present(decision.campaign_id)
        judged = await self._revisions.get(before["revision_id"])
        if now.content_hash == judged.content_hash:
            return
        if now.content_hash != made.content_hash:
            raise Overtaken("ETAG_MISMATCH")
        request = pb.RollbackSequenceRequest(
            campaign_id=decision.campaign_id,
            number=judged.number,
            base_revision_id=now.id,
            request_id=f"decision/{decision.id}/revert",
        )
        try:
            await self._sequences.RollbackSequence(request)
        except (EtagMismatch, FailedPrecondition) as error:
            raise Overtaken(error.reason) from error

    async def _present(self, campaign_id: str) -> Revision:
        campaign = await self._campaigns.get(campaign_id)
        return await self._revisions.get(campaign.revision_id)
