"""Whether a campaign admits only who is released, as an edit of it."""

from automation.decisions.decision import Change, Decision
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from servicekit.errors import EtagMismatch, FailedPrecondition, NotFound

from outreach_worker.decisions.effects import Overtaken

_MASK = FieldMask(paths=["settings.admission", "settings.keep_open"])


class ChangedAdmission:
    """An edit of the campaign as it was read; of one that was edited since it is none."""

    def __init__(self, campaigns: rpc.CampaignServiceStub) -> None:
        self._campaigns = campaigns

    async def apply(self, decision: Decision) -> Change:
        """Edit the campaign. Raises `Overtaken` if somebody else has, or it has ended."""
        change = decision.change
        etag = await self._edit(decision.campaign_id, change)
        return Change(before=change.before, after={**change.after, "etag": etag})

    async def take_back(self, decision: Decision) -> None:
        """Edit it back. Raises `Overtaken` if somebody has edited it since, or it has ended."""
        await self._edit(decision.campaign_id, decision.change.inverse)

    async def _edit(self, campaign_id: str, change: Change) -> str:
        settings = campaign_pb2.CampaignSettings(
            admission=campaign_pb2.Admission.Value(
                f"ADMISSION_{change.after['admission'].upper()}"
            ),
            keep_open=change.after["keep_open"],
        )
        campaign = campaign_pb2.Campaign(
            campaign_id=campaign_id, etag=change.before.get("etag", ""), settings=settings
        )
        try:
            answer = await self._campaigns.UpdateCampaign(
                pb.UpdateCampaignRequest(campaign=campaign, update_mask=_MASK)
            )
        except (EtagMismatch, FailedPrecondition, NotFound) as error:
            raise Overtaken(error.reason) from error
        return answer.campaign.etag
