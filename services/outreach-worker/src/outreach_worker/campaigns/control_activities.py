"""Pause, resume and stop by an operator's signal, done as the RPCs do it."""

from datetime import timedelta

from campaigns.models import Campaign
from campaigns.workflow.contracts import CampaignContract, StopCampaign, campaign_workflow_id
from campaigns.workflow.control import CampaignControl, Halted, OnTheWire
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as rpc
from servicekit.telemetry import logs
from temporalio import activity
from temporalio.client import Client, WorkflowHandle

from outreach_worker.campaigns.contracts import CampaignControlActivitiesContract, ControlCommand
from outreach_worker.campaigns.operator_acts import OperatorActs

_TIMEOUT = timedelta(seconds=10)

log = logs.get_logger(__name__)


class GatewayHolds:
    """Holds on campaigns, at the gateway."""

    def __init__(self, holds: rpc.HoldServiceStub) -> None:
        self._holds = holds

    async def hold(self, campaign: Campaign, *, reason: str) -> OnTheWire:
        """Stop everything of the campaign; when it returns nothing more of it begins."""
        answer = await self._holds.PutHold(
            pb.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_CAMPAIGN,
                subject_id=campaign.id,
                organization_id=campaign.organization_id,
                reason=reason,
            )
        )
        # For the log: nobody waits for an operator's signal to be answered.
        return OnTheWire(actions=answer.on_the_wire.actions)

    async def lift_hold(self, campaign: Campaign) -> None:
        """Let the campaign go on, and wake what waited for it."""
        await self._holds.LiftHold(
            pb.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id=campaign.id, allow_missing=True
            )
        )


class CampaignSignals:
    """The workflows of campaigns, which run: it is they who ask."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def pause(self, campaign: Campaign) -> None:
        """Admit no lead until resumed."""
        await self._of(campaign).signal(CampaignContract.pause, rpc_timeout=_TIMEOUT)

    async def resume(self, campaign: Campaign) -> None:
        """Admit leads again."""
        await self._of(campaign).signal(CampaignContract.resume, rpc_timeout=_TIMEOUT)

    async def stop(self, campaign: Campaign, *, complete_current_executions: bool) -> None:
        """Admit no lead any more, and end."""
        stop = StopCampaign(complete_current_executions=complete_current_executions)
        await self._of(campaign).signal(CampaignContract.stop, stop, rpc_timeout=_TIMEOUT)

    def _of(self, campaign: Campaign) -> WorkflowHandle[CampaignContract, object]:
        return self._temporal.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign.id)
        )


class CampaignControlActivities(CampaignControlActivitiesContract):
    """Repeating one of them changes nothing."""

    def __init__(self, control: CampaignControl, acts: OperatorActs) -> None:
        self._control = control
        self._acts = acts

    @activity.defn(name="pause_campaign")
    async def pause_campaign(self, command: ControlCommand) -> None:
        """Hold the campaign, have its row say so, and signal its workflow."""
        halted = await self._control.pause(command.campaign_id, reason=command.reason)
        await self._acts.record_signal("pauseCampaign")
        _log("campaign_paused_by_signal", halted)

    @activity.defn(name="resume_campaign")
    async def resume_campaign(self, command: ControlCommand) -> None:
        """Lift the hold, have the campaign's row say so, and signal its workflow."""
        campaign = await self._control.resume(command.campaign_id)
        await self._acts.record_signal("resumeCampaign")
        log.info("campaign_resumed_by_signal", campaign_id=campaign.id, state=campaign.state)

    @activity.defn(name="stop_campaign")
    async def stop_campaign(self, command: ControlCommand) -> None:
        """Stop the campaign for good, and signal its workflow."""
        halted = await self._control.stop(
            command.campaign_id,
            complete_current_executions=command.complete_current_executions,
            reason=command.reason,
        )
        await self._acts.record_signal("stopCampaign")
        _log("campaign_stopped_by_signal", halted)


def _log(event: str, halted: Halted) -> None:
    campaign = halted.campaign
    log.info(
        event,
        campaign_id=campaign.id,
        state=campaign.state,
        on_the_wire=halted.on_the_wire.actions,
    )
