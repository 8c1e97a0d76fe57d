"""How many people a campaign begins with a day, where somebody has approved another number."""

from __future__ import annotations

from automation.decisions.decision import Change, Decision
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from servicekit.errors import EtagMismatch, FailedPrecondition

from outreach_worker.decisions.effects import Overtaken


class LeadsPerDay:
    """An edit of the campaign as it was read; of a campaign that was edited since it is none."""

    def __init__(self, campaigns: rpc.CampaignServiceStub) -> None:
        self._campaigns = campaigns

    async def apply(self, decision: Decision) -> Change:
        """Give the campaign the number. Raises `Overtaken` if it was edited, or has ended."""
        before, after = decision.change.before, decision.change.after
        etag = await self._set(decision, after["leads_per_day"], etag=before["etag"])
        return Change(before=before, after={**after, "etag": etag})

    async def take_back(self, decision: Decision) -> None:
        """Give it the number from before. Raises `Overtaken` if it was edited, or has ended."""
        before, after = decision.change.before, decision.change.after
        await self._set(decision, before["leads_per_day"], etag=after["etag"])

    async def _set(self, decision: Decision, leads_per_day: int, *, etag: str) -> str:
        campaign = campaign_pb2.Campaign(
            campaign_id=decision.campaign_id,
            etag=etag,
            settings=campaign_pb2.CampaignSettings(leads_per_day=leads_per_day),
        )
        request = pb.UpdateCampaignRequest(
            campaign=campaign, update_mask=FieldMask(paths=["settings.leads_per_day"])
        )
        try:
            return (await self._campaigns.UpdateCampaign(request)).campaign.etag
        except (EtagMismatch, FailedPrecondition) as error:
            raise Overtaken(error.reason) from error
