"""What guardrails stop: the campaign, or one of its senders."""

from __future__ import annotations

from automation.decisions.decision import Change, Decision
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as hold_pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as hold_rpc
from servicekit.errors import FailedPrecondition, NotFound

from outreach_worker.decisions.effects import Overtaken

_LONGEST_REASON = 1000


class CampaignPause:
    """Pausing what is paused, and resuming what runs, changes nothing."""

    def __init__(self, campaigns: rpc.CampaignServiceStub) -> None:
        self._campaigns = campaigns

    async def apply(self, decision: Decision) -> Change:
        """Pause the campaign. Raises `Overtaken` if it has not started, or has ended."""
        request = pb.PauseCampaignRequest(campaign_id=decision.campaign_id)
        try:
            await self._campaigns.PauseCampaign(request)
        except FailedPrecondition as error:
            raise Overtaken(error.reason) from error
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        """Resume the campaign. Raises `Overtaken` if it has ended meanwhile."""
        request = pb.ResumeCampaignRequest(campaign_id=decision.campaign_id)
        try:
            await self._campaigns.ResumeCampaign(request)
        except FailedPrecondition as error:
            raise Overtaken(error.reason) from error


class SenderPause:
    """A hold on the account, in the guardrail's words: it stops whatever the account sends."""

    def __init__(self, holds: hold_rpc.HoldServiceStub) -> None:
        self._holds = holds

    async def apply(self, decision: Decision) -> Change:
        """Put the hold. Raises `Overtaken` if there is no such account any more."""
        inputs = decision.inputs
        reason = f"Guardrail: {inputs['guardrail']}. {inputs['way_out']}"[:_LONGEST_REASON]
        request = hold_pb.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT,
            subject_id=decision.change.after["account_id"],
            reason=reason,
        )
        try:
            await self._holds.PutHold(request)
        except NotFound as error:
            raise Overtaken(error.reason) from error
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        """Lift the hold; one that somebody has lifted is not there, which is as well."""
        await self._holds.LiftHold(
            hold_pb.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT,
                subject_id=decision.change.after["account_id"],
            )
        )
