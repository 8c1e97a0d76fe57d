"""Whose person the senders turn to for one lead at a time: the gateway hears when it is over."""

from campaigns.repositories.campaign_repository import CampaignRepository
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import action_service_pb2_grpc as rpc


class Enrolments:
    def __init__(self, actions: rpc.ActionServiceStub, campaigns: CampaignRepository) -> None:
        self._actions = actions
        self._campaigns = campaigns

    async def end(self, campaign_id: str, lead_id: str) -> None:
        """Say that a lead is over; saying it again changes nothing."""
        campaign = await self._campaigns.get(campaign_id)
        await self._actions.EndLead(
            pb.EndLeadRequest(
                organization_id=campaign.organization_id,
                campaign_id=campaign_id,
                lead_id=lead_id,
            )
        )
