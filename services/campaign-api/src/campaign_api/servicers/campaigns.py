"""CampaignService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator

from campaigns.models import Campaign
from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from servicekit.auth import require_accounts, visible_accounts
from servicekit.grpc.calls import Context

from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sender_replacement import SenderReplacement
from campaign_api.convert import campaigns as convert
from campaign_api.convert import requests
from campaign_api.convert import senders as convert_senders
from campaign_api.convert.sequences import warnings_to_proto
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.queries.campaigns import CampaignQueries
from campaign_api.queries.watch import CampaignWatch
from campaign_api.servicers.access import CampaignAccess


class CampaignServicer(rpc.CampaignServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        drafts: Drafts,
        lifecycle: CampaignLifecycle,
        senders: SenderReplacement,
        queries: CampaignQueries,
        revisions: RevisionCache,
        statuses: CampaignStatuses,
        watch: CampaignWatch,
    ) -> None:
        self._access = access
        self._drafts = drafts
        self._lifecycle = lifecycle
        self._senders = senders
        self._queries = queries
        self._revisions = revisions
        self._statuses = statuses
        self._watch = watch

    async def CreateCampaign(
        self, request: pb.CreateCampaignRequest, _: Context
    ) -> pb.CreateCampaignResponse:
        draft = requests.draft_from_proto(request)
        require_accounts(draft.account_ids)
        campaign, revision, warnings = await self._drafts.create(draft)
        return pb.CreateCampaignResponse(
            campaign=convert.campaign_to_proto(campaign, revision),
            warnings=warnings_to_proto(warnings),
        )

    async def StartCampaign(
        self, request: pb.StartCampaignRequest, _: Context
    ) -> pb.StartCampaignResponse:
        await self._access.campaign(request.campaign_id)
        campaign = await self._lifecycle.start(request.campaign_id)
        return pb.StartCampaignResponse(campaign=await self._packed(campaign))

    async def PauseCampaign(
        self, request: pb.PauseCampaignRequest, _: Context
    ) -> pb.PauseCampaignResponse:
        await self._access.campaign(request.campaign_id)
        halted = await self._lifecycle.pause(request.campaign_id, reason=request.reason)
        return pb.PauseCampaignResponse(
            campaign=await self._packed(halted.campaign),
            on_the_wire=convert.wire_to_proto(halted.on_the_wire),
        )

    async def ResumeCampaign(
        self, request: pb.ResumeCampaignRequest, _: Context
    ) -> pb.ResumeCampaignResponse:
        await self._access.campaign(request.campaign_id)
        campaign = await self._lifecycle.resume(request.campaign_id)
        return pb.ResumeCampaignResponse(campaign=await self._packed(campaign))

    async def StopCampaign(
        self, request: pb.StopCampaignRequest, _: Context
    ) -> pb.StopCampaignResponse:
        await self._access.campaign(request.campaign_id)
        halted = await self._lifecycle.stop(
            request.campaign_id,
            complete_current_executions=request.complete_current_executions,
            reason=request.reason,
        )
        return pb.StopCampaignResponse(
            campaign=await self._packed(halted.campaign),
            on_the_wire=convert.wire_to_proto(halted.on_the_wire),
        )

    async def DeleteCampaign(
        self, request: pb.DeleteCampaignRequest, _: Context
    ) -> pb.DeleteCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id, deleted=True)
        begun = await self._lifecycle.delete(campaign.id)
        return pb.DeleteCampaignResponse(on_the_wire=convert.wire_to_proto(begun))

    async def ReplaceSender(
        self, request: pb.ReplaceSenderRequest, _: Context
    ) -> pb.ReplaceSenderResponse:
        await self._access.campaign(request.campaign_id)
        replacement = convert_senders.replacement_from_proto(request)
        if request.replacement_account_id:
            require_accounts([request.replacement_account_id])
        campaign, replaced = await self._senders.replace(request.campaign_id, replacement)
        return convert_senders.replaced_to_proto(await self._packed(campaign), replaced)

    async def GetCampaign(
        self, request: pb.GetCampaignRequest, _: Context
    ) -> pb.GetCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id)
        return pb.GetCampaignResponse(campaign=await self._packed(campaign))

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, _: Context
    ) -> pb.ListCampaignsResponse:
        requests.check_organization(request.organization_id)
        page = await self._queries.page(
            request.organization_id,
            state=convert.campaign_state_from_proto(request.state),
            account_ids=visible_accounts(),
            page_size=request.page_size,
            token=request.page_token,
        )
        return pb.ListCampaignsResponse(
            campaigns=[convert.campaign_to_proto(*each) for each in page.campaigns],
            next_page_token=page.next_page_token,
        )

    async def GetCampaignStatus(
        self, request: pb.GetCampaignStatusRequest, _: Context
    ) -> pb.GetCampaignStatusResponse:
        await self._access.campaign(request.campaign_id)
        status = await self._statuses.read(request.campaign_id)
        return pb.GetCampaignStatusResponse(status=convert.status_to_proto(status))

    async def WatchCampaign(
        self, request: pb.WatchCampaignRequest, _: Context
    ) -> AsyncIterator[pb.WatchCampaignResponse]:
        await self._access.campaign(request.campaign_id)
        async for status in self._watch.watch(request.campaign_id):
            yield pb.WatchCampaignResponse(status=convert.status_to_proto(status))

    async def _packed(self, campaign: Campaign) -> campaign_pb2.Campaign:
        return convert.campaign_to_proto(campaign, await self._revisions.get(campaign.revision_id))
