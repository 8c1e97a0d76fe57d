"""What guardrails stop: the campaign, or one of its senders.

Either is a hold at the gateway, whose reason tells why and ends with the decision's id: by it
a hold that is the decision's own is known from one that somebody else has put. Those stay.
"""

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
_HELD = "HELD"


class CampaignPause:
    """Pausing twice is pausing once; whoever paused or resumed it meanwhile is left to it."""

    def __init__(self, campaigns: rpc.CampaignServiceStub, holds: hold_rpc.HoldServiceStub) -> None:
        self._campaigns = campaigns
        self._holds = holds

    async def apply(self, decision: Decision) -> Change:
        """Pause the campaign.

        Raises `Overtaken` if somebody has paused it already, if it has not started, or has ended.
        """
        held = await self._held(decision)
        if held is not None and not _is_of(decision, held):
            raise Overtaken(_HELD)
        request = pb.PauseCampaignRequest(
            campaign_id=decision.campaign_id, reason=_reason(decision)
        )
        try:
            await self._campaigns.PauseCampaign(request)
        except FailedPrecondition as error:
            raise Overtaken(error.reason) from error
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        """Resume the campaign, if it is still this pause; one that was resumed goes on as it is.

        Raises `Overtaken` if somebody has paused it since, or it has ended.
        """
        held = await self._held(decision)
        if held is None:
            return
        if not _is_of(decision, held):
            raise Overtaken(_HELD)
        request = pb.ResumeCampaignRequest(campaign_id=decision.campaign_id)
        try:
            await self._campaigns.ResumeCampaign(request)
        except FailedPrecondition as error:
            raise Overtaken(error.reason) from error

    async def _held(self, decision: Decision) -> hold_pb2.Hold | None:
        return await _found(self._holds, "CAMPAIGN", decision.campaign_id)


class SenderPause:
    """A hold on the account: it stops whatever the account sends."""

    def __init__(self, holds: hold_rpc.HoldServiceStub) -> None:
        self._holds = holds

    async def apply(self, decision: Decision) -> Change:
        """Put the hold.

        Raises `Overtaken` if somebody holds the account already, or there is none any more.
        """
        request = hold_pb.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT,
            subject_id=decision.change.after["account_id"],
            reason=_reason(decision),
        )
        try:
            held = (await self._holds.PutHold(request)).hold
        except NotFound as error:
            raise Overtaken(error.reason) from error
        # Putting a hold that is there leaves it as it was.
        if not _is_of(decision, held):
            raise Overtaken(_HELD)
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        """Lift the hold; one that somebody has lifted is not there, which is as well.

        Raises `Overtaken` if somebody has put another one since.
        """
        account_id = decision.change.after["account_id"]
        held = await _found(self._holds, "ACCOUNT", account_id)
        if held is None:
            return
        if not _is_of(decision, held):
            raise Overtaken(_HELD)
        await self._holds.LiftHold(
            hold_pb.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=account_id, allow_missing=True
            )
        )


async def _found(
    holds: hold_rpc.HoldServiceStub, scope: str, subject_id: str
) -> hold_pb2.Hold | None:
    """The hold in force on just this; None if there is none."""
    request = hold_pb.ListHoldsRequest(
        page_size=1, filter=f"scope = {scope} AND subject_id = {subject_id}"
    )
    return next(iter((await holds.ListHolds(request)).holds), None)


def _reason(decision: Decision) -> str:
    """The guardrail's words, and whose hold it is."""
    inputs, mark = decision.inputs, _mark(decision)
    told = f"Guardrail: {inputs['guardrail']}. {inputs['way_out']}"
    return told[: _LONGEST_REASON - len(mark)] + mark


def _is_of(decision: Decision, held: hold_pb2.Hold) -> bool:
    return held.reason.endswith(_mark(decision))


def _mark(decision: Decision) -> str:
    return f" ({decision.id})"
