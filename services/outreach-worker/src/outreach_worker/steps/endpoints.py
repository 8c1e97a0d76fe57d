"""The endpoints that webhook steps name."""

from campaigns.repositories.campaign_repository import CampaignRepository
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc

from outreach_worker.steps.task import StepTask


class Endpoints:
    """Asked before something is published to one alone."""

    def __init__(self, dispatcher: rpc.WebhookServiceStub, campaigns: CampaignRepository) -> None:
        self._dispatcher = dispatcher
        self._campaigns = campaigns

    async def require(self, task: StepTask) -> None:
        """Return if the endpoint that a step names is there; raises what the dispatcher does.

        That is `NotFound` of one that was deleted or never was.
        """
        campaign = await self._campaigns.get(task.asked.campaign_id)
        await self._dispatcher.GetEndpoint(
            pb.GetEndpointRequest(
                organization_id=campaign.organization_id, endpoint_id=task.compiled.endpoint_id
            )
        )
