"""What a lead has queued at the gateway, taken back without knowing its step."""

from campaigns.repositories.campaign_repository import CampaignRepository
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import action_service_pb2_grpc as rpc

_MOST = 100
"""A lead has one at a time; those of steps that were taken up again are called off already."""


class QueuedActions:
    """Asked of the gateway, not told from the step: what has failed may be what knows the step."""

    def __init__(self, actions: rpc.ActionServiceStub, campaigns: CampaignRepository) -> None:
        self._actions = actions
        self._campaigns = campaigns

    async def withdraw(self, campaign_id: str, lead_id: str) -> int:
        """Call off what waits for its turn; returns how many. What is on the wire stays there."""
        campaign = await self._campaigns.get(campaign_id)
        queued = await self._actions.ListActions(
            pb.ListActionsRequest(
                organization_id=campaign.organization_id,
                campaign_id=campaign_id,
                lead_id=lead_id,
                state=action_pb2.ACTION_STATE_QUEUED,
                page_size=_MOST,
            )
        )
        for action in queued.actions:
            await self._actions.CancelAction(
                pb.CancelActionRequest(
                    organization_id=campaign.organization_id, action_id=action.action_id
                )
            )
        return len(queued.actions)
