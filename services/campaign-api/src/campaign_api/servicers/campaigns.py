"""CampaignService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator
from contextlib import aclosing

from campaigns.models import Campaign
from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from servicekit.auth import require_accounts, visible_accounts
from servicekit.grpc.calls import Context
from servicekit.grpc.requests.rules import tells_the_rest

from campaign_api.commands.campaign_edits import CampaignEdits
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sender_replacement import SenderReplacement
from campaign_api.convert import campaign_edits as convert_edits
from campaign_api.convert import campaigns as convert
from campaign_api.convert import requests
from campaign_api.convert import senders as convert_senders
from campaign_api.convert.files import export_lines, in_pieces
from campaign_api.convert.lists import followed_from_proto
from campaign_api.convert.sequences import warnings_to_proto
from campaign_api.queries.campaign_export import CampaignExport
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.queries.campaigns import CampaignQueries
from campaign_api.servicers.access import CampaignAccess
from campaign_api.watch.resumption import WatchTokens
from campaign_api.watch.statuses import CampaignWatch


class CampaignServicer(rpc.CampaignServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        drafts: Drafts,
        edits: CampaignEdits,
        export: CampaignExport,
        lifecycle: CampaignLifecycle,
        senders: SenderReplacement,
        queries: CampaignQueries,
        revisions: RevisionCache,
        statuses: CampaignStatuses,
        watch: CampaignWatch,
        watch_tokens: WatchTokens,
    ) -> None:
        self._access = access
        self._drafts = drafts
        self._edits = edits
        self._export = export
        self._lifecycle = lifecycle
        self._senders = senders
        self._queries = queries
        self._revisions = revisions
        self._statuses = statuses
        self._watch = watch
        self._watch_tokens = watch_tokens

    @tells_the_rest
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

    async def DuplicateCampaign(
        self, request: pb.DuplicateCampaignRequest, _: Context
    ) -> pb.DuplicateCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id)
        made = await self._drafts.duplicate(
            campaign, name=request.name.strip(), request_id=request.request_id
        )
        return pb.DuplicateCampaignResponse(campaign=convert.campaign_to_proto(*made))

    @tells_the_rest
    async def UpdateCampaign(
        self, request: pb.UpdateCampaignRequest, _: Context
    ) -> pb.UpdateCampaignResponse:
        edit = convert_edits.edit_from_proto(request)
        await self._access.campaign(request.campaign.campaign_id)
        if edit.account_ids is not None:
            require_accounts(edit.account_ids)
        campaign = await self._edits.update(request.campaign.campaign_id, edit)
        return pb.UpdateCampaignResponse(campaign=await self._packed(campaign))

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
        begun = await self._lifecycle.delete(campaign.id, force=request.force, etag=request.etag)
        return pb.DeleteCampaignResponse(on_the_wire=convert.wire_to_proto(begun))

    async def UndeleteCampaign(
        self, request: pb.UndeleteCampaignRequest, _: Context
    ) -> pb.UndeleteCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id, deleted=True)
        campaign = await self._lifecycle.undelete(campaign.id)
        return pb.UndeleteCampaignResponse(campaign=await self._packed(campaign))

    async def ReplaceSender(
        self, request: pb.ReplaceSenderRequest, _: Context
    ) -> pb.ReplaceSenderResponse:
        await self._access.campaign(request.campaign_id)
        replacement = convert_senders.replacement_from_proto(request)
        require_accounts([request.replacement_account_id])
        campaign, replaced = await self._senders.replace(request.campaign_id, replacement)
        return convert_senders.replaced_to_proto(await self._packed(campaign), replaced)

    async def GetCampaign(
        self, request: pb.GetCampaignRequest, _: Context
    ) -> pb.GetCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id, deleted=request.show_deleted)
        return pb.GetCampaignResponse(campaign=await self._packed(campaign))

    async def ExportCampaign(
        self, request: pb.ExportCampaignRequest, _: Context
    ) -> AsyncIterator[pb.ExportCampaignResponse]:
        campaign = await self._access.campaign(request.campaign_id)
        present = await self._revisions.get(campaign.revision_id)
        async for piece in self._export.pieces(campaign, token=request.token):
            for each in in_pieces(export_lines(campaign, present, piece)):
                token = "" if each.place is None else await self._export.token(campaign, each.place)
                yield pb.ExportCampaignResponse(content=each.content, next_token=token)

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, _: Context
    ) -> pb.ListCampaignsResponse:
        asked = followed_from_proto(request, state=convert.campaign_state_from_proto(request.state))
        organization_id = request.organization_id
        if asked.changes is None:
            page = await self._queries.page(
                organization_id,
                asked,
                account_ids=visible_accounts(),
                show_deleted=request.show_deleted,
            )
        else:
            page = await self._queries.changes(
                organization_id,
                asked.changes,
                page_size=request.page_size,
                account_ids=visible_accounts(),
            )
        return pb.ListCampaignsResponse(
            campaigns=[convert.campaign_to_proto(*each) for each in page.campaigns],
            next_page_token=page.next_page_token,
            next_sync_token=page.next_sync_token,
            removed_campaigns=[pb.RemovedCampaign(campaign_id=each) for each in page.removed],
            more_changes=page.more_changes,
        )

    async def GetCampaignStatus(
        self, request: pb.GetCampaignStatusRequest, _: Context
    ) -> pb.GetCampaignStatusResponse:
        await self._access.campaign(request.campaign_id)
        status = await self._statuses.read(request.campaign_id)
        return pb.GetCampaignStatusResponse(status=convert.status_to_proto(status))

    async def BatchGetCampaignStatus(
        self, request: pb.BatchGetCampaignStatusRequest, _: Context
    ) -> pb.BatchGetCampaignStatusResponse:
        campaign_ids = request.campaign_ids
        campaigns = await self._access.campaigns(request.organization_id, campaign_ids)
        statuses = await self._statuses.read_all([*campaigns.values()])
        return convert.statuses_to_proto(campaign_ids, statuses)

    async def WatchCampaign(
        self, request: pb.WatchCampaignRequest, _: Context
    ) -> AsyncIterator[pb.WatchCampaignResponse]:
        campaign = await self._access.campaign(request.campaign_id)
        told = await self._watch_tokens.told(campaign, request.resume_token)
        statuses = self._watch.watch(campaign)
        async with aclosing(statuses):
            async for each in statuses:
                status = convert.status_to_proto(each)
                token = await self._watch_tokens.token(campaign, convert.status_digest(status))
                if token == told:
                    # Whoever has come back hears at once that nothing is new.
                    yield pb.WatchCampaignResponse(resume_token=token)
                else:
                    yield pb.WatchCampaignResponse(status=status, resume_token=token)
                told = ""

    async def _packed(self, campaign: Campaign) -> campaign_pb2.Campaign:
        return convert.campaign_to_proto(campaign, await self._revisions.get(campaign.revision_id))
