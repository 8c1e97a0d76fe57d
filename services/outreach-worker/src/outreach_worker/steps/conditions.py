"""Conditions, evaluated by what the lead knows, its row, or LinkedIn."""

from typing import assert_never

from campaigns.models import Campaign, ConnectionState, Lead
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.sequences.sequence import Condition, Question
from campaigns.texts.render import values_of
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb
from outreach.linkedin.v1 import person_service_pb2_grpc as rpc

from outreach_worker.steps import gateway_requests as requests
from outreach_worker.steps.task import StepTask


class Conditions:
    """LinkedIn is asked only for what is not known here; its reads have a pace of their own."""

    def __init__(
        self,
        people: rpc.PersonServiceStub,
        campaigns: CampaignRepository,
        leads: LeadRepository,
    ) -> None:
        self._people = people
        self._campaigns = campaigns
        self._leads = leads

    async def holds(self, task: StepTask) -> bool:
        """Whether the step's condition holds for the lead, False if it has none.

        Raises as the gateway does.
        """
        condition = task.compiled.condition
        if condition is None:
            return False
        asked = task.asked
        campaign = await self._campaigns.get(asked.campaign_id)
        lead = await self._leads.get(asked.campaign_id, asked.lead_id)
        match condition.question:
            case Question.CONNECTED:
                known = asked.connected or lead.connection is ConnectionState.CONNECTED
                return known or (await self._profile(campaign, lead)).connected
            case Question.REPLIED:
                return asked.replied or bool(lead.reply)
            case Question.HAS_POSTS:
                listed = await self._people.ListPosts(
                    requests.list_posts(campaign, lead, task.compiled)
                )
                return bool(listed.posts)
            case Question.OPEN_PROFILE:
                return (await self._profile(campaign, lead)).open_profile
            case Question.VARIABLE_EQUALS:
                return is_equal(lead, condition)
            case _:
                assert_never(condition.question)

    async def _profile(self, campaign: Campaign, lead: Lead) -> person_pb2.Profile:
        answer: pb.GetProfileResponse = await self._people.GetProfile(
            requests.get_profile(campaign, lead)
        )
        return answer.profile


def is_equal(lead: Lead, condition: Condition) -> bool:
    """Whether the lead's variable has the value, whatever its case and the space around it."""
    value = values_of(lead.person).get(condition.variable, "")
    return _plain(value) == _plain(condition.value)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
