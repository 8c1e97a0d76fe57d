"""Actions at the gateway: ask for one, or call one off."""

from datetime import timedelta

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.sequences.time_limits import limit_of
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import action_service_pb2_grpc as rpc
from servicekit.clock import Clock

from outreach_worker.steps import gateway_requests as requests
from outreach_worker.steps.errors import AccountParked, ActionOnTheWire, StepUndecided, TimeOver
from outreach_worker.steps.results import OUTCOME_UNKNOWN, StepResult, not_performed
from outreach_worker.steps.task import StepTask
from outreach_worker.steps.texts import StepTexts

_UNDECIDED = frozenset(
    {
        action_pb2.ACTION_STATE_QUEUED,
        action_pb2.ACTION_STATE_SENDING,
        action_pb2.ACTION_STATE_UNKNOWN,
    }
)
_LOOK_AGAIN = timedelta(seconds=2)
"""Real time: how soon to ask again what became of an action that is on the wire."""


class GatewayActions:
    """One action per step and post, under an id made from ids."""

    def __init__(
        self,
        actions: rpc.ActionServiceStub,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        *,
        texts: StepTexts,
        clock: Clock,
    ) -> None:
        self._actions = actions
        self._campaigns = campaigns
        self._leads = leads
        self._texts = texts
        self._clock = clock

    async def perform(self, task: StepTask) -> action_pb2.ActionOutcome:
        """What the action came to.

        Raises `TimeOver` if nothing more is done for the lead, `AccountParked` if it was given to
        another account instead of this action, or is to be, `StepUnsayable` if there is no text
        for it, and else as the gateway does.
        """
        asked, step = task.asked, task.compiled
        campaign = await self._campaigns.get(asked.campaign_id)
        lead = await self._leads.get(asked.campaign_id, asked.lead_id)
        limit = limit_of(campaign.settings, lead)
        if limit is not None and self._clock.now() >= limit.at:
            raise TimeOver(limit.reason)
        if lead.reassigned_action_id == task.action_id or lead.replacement_account_id:
            raise AccountParked
        text = await self._texts.text_of(campaign, lead, step, n=asked.n, again=asked.again)
        request = requests.perform_action(
            task.action_id, campaign=campaign, lead=lead, step=step, text=text
        )
        answer: pb.PerformActionResponse = await self._actions.PerformAction(request)
        return answer.outcome

    async def call_off(self, task: StepTask) -> action_pb2.ActionOutcome | StepResult | None:
        """What the action came to before it could be called off; None if that was in time.

        Raises `ActionOnTheWire` while that is not known, and `StepUndecided` if the gateway
        names a state that is not known here.
        """
        campaign = await self._campaigns.get(task.asked.campaign_id)
        answer: pb.CancelActionResponse = await self._actions.CancelAction(
            pb.CancelActionRequest(
                organization_id=campaign.organization_id, action_id=task.action_id
            )
        )
        action = answer.action
        if action.state == action_pb2.ACTION_STATE_CANCELLED:
            return None
        if action.state == action_pb2.ACTION_STATE_DONE:
            return action.outcome
        if action.state == action_pb2.ACTION_STATE_FAILED:
            return not_performed(action.reason)
        if action.state == action_pb2.ACTION_STATE_UNKNOWN and action.HasField("finish_time"):
            return not_performed(OUTCOME_UNKNOWN)
        if action.state in _UNDECIDED:
            raise ActionOnTheWire(retry_after=self._clock.virtual(_LOOK_AGAIN))
        raise StepUndecided(f"The gateway has an action in state {action.state}.")
