"""Conditions, evaluated by what the lead knows, its row, or LinkedIn."""

from campaigns.models import Campaign, ConnectionState, Lead
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.sequences.sequence import Condition, Question, Step
from campaigns.texts.render import values_of
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc

from outreach_worker.steps import gateway_requests as requests
from outreach_worker.steps.contracts import PerformStep


class Conditions:
    """LinkedIn is asked only for what is not known here; its reads have a pace of their own."""

    def __init__(
        self,
        gateway: rpc.LinkedInServiceStub,
        campaigns: CampaignRepository,
        leads: LeadRepository,
    ) -> None:
        self._gateway = gateway
        self._campaigns = campaigns
        self._leads = leads

    async def holds(self, action: PerformStep, step: Step, condition: Condition) -> bool:
        """Whether the condition holds for the lead; raises as the gateway does."""
        campaign = await self._campaigns.get(action.campaign_id)
        lead = await self._leads.get(action.campaign_id, action.lead_id)
        match condition.question:
            case Question.CONNECTED:
                known = action.connected or lead.connection is ConnectionState.CONNECTED
                return known or (await self._profile(campaign, lead)).connected
            case Question.REPLIED:
                return action.replied or bool(lead.reply)
            case Question.HAS_POSTS:
                listed = await self._gateway.ListPosts(requests.list_posts(campaign, lead, step))
                return bool(listed.posts)
            case Question.OPEN_PROFILE:
                return (await self._profile(campaign, lead)).open_profile
            case Question.VARIABLE_EQUALS:
                return is_equal(lead, condition)

    async def _profile(self, campaign: Campaign, lead: Lead) -> pb.Profile:
        answer: pb.GetProfileResponse = await self._gateway.GetProfile(
            requests.get_profile(campaign, lead)
        )
        return answer.profile


def is_equal(lead: Lead, condition: Condition) -> bool:
    """Whether the lead's variable has the value, whatever its case and the space around it."""
    value = values_of(lead.person).get(condition.variable, "")
    return _plain(value) == _plain(condition.value)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
