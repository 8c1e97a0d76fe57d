"""Other shares of a step's variants, as another revision: archiving, hold-outs and their end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automation.decisions.decision import Change, Decision, DecisionKind, DecisionState
from automation.decisions.errors import DecisionNotRevertible
from automation.decisions.history_repository import DecisionHistory
from automation.optimisation.drawings import StepNotDrawn, config_of, with_config, with_shares
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.revision import Revision
from outreach.campaign.v1 import sequence_service_pb2 as pb
from outreach.campaign.v1 import sequence_service_pb2_grpc as rpc
from servicekit.errors import EtagMismatch, FailedPrecondition

from outreach_worker.decisions.effects import Overtaken

OF_SHARES = (
    DecisionKind.ARCHIVE_VARIANT,
    DecisionKind.SPLIT_AFTER_VERDICT,
    DecisionKind.END_HOLD_OUT,
)
"""What changes the shares of a step's variants."""


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
        history: DecisionHistory,
    ) -> None:
        self._sequences = sequences
        self._campaigns = campaigns
        self._revisions = revisions
        self._history = history

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
        """Put the step back as it was judged, in the revision that the campaign has now.

        Raises `Overtaken` if the step is another by now than the decision made it, and
        `DecisionNotRevertible` if that is by a later decision, which is to be taken back first.
        """
        step_id = decision.change.before["step_id"]
        made = await self._revisions.get(decision.change.after["revision_id"])
        judged = await self._revisions.get(decision.change.before["revision_id"])
        now = await self._present(decision.campaign_id)
        try:
            found, before, after = (
                config_of(each.source_json, step_id) for each in (now, judged, made)
            )
        except StepNotDrawn as error:
            raise Overtaken("STEP_NOT_FOUND") from error
        if found == before:
            return
        if found != after:
            if await self._is_later(decision, found):
                raise DecisionNotRevertible(metadata={"state": "CHANGED_BY_LATER_DECISION"})
            raise Overtaken("ETAG_MISMATCH")
        request = pb.UpdateSequenceRequest(
            campaign_id=decision.campaign_id,
            sequence_json=with_config(now.source_json, step_id, before),
            base_revision_id=now.id,
            request_id=f"decision/{decision.id}/revert",
        )
        try:
            await self._sequences.UpdateSequence(request)
        except (EtagMismatch, FailedPrecondition) as error:
            raise Overtaken(error.reason) from error

    async def _is_later(self, decision: Decision, config: Mapping[str, Any]) -> bool:
        """Whether the step is so by what a program has decided after this decision."""
        later = await self._history.of_campaign(
            decision.organization_id, decision.campaign_id, OF_SHARES, since=decision.created_at
        )
        for each in later:
            after = each.change.after
            if each.id == decision.id or each.state is not DecisionState.APPLIED:
                continue
            if after.get("step_id") == decision.change.before["step_id"]:
                made = await self._revisions.get(after["revision_id"])
                if config_of(made.source_json, after["step_id"]) == config:
                    return True
        return False

    async def _present(self, campaign_id: str) -> Revision:
        campaign = await self._campaigns.get(campaign_id)
        return await self._revisions.get(campaign.revision_id)
