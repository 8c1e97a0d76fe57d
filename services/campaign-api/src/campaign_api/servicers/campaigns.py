"""CampaignService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator

from campaigns.models import Campaign
from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2_grpc as rpc
from servicekit.auth import require_organization
from servicekit.grpc.calls import Context

from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lead_import import LeadImport
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sequence_updates import Revising
from campaign_api.convert import campaigns as convert
from campaign_api.convert import requests
from campaign_api.convert import texts as convert_texts
from campaign_api.queries.campaigns import Reading
from campaign_api.queries.experiments import Experiments
from campaign_api.queries.message_previews import Previews
from campaign_api.queries.sequence_rendering import rendered, rendered_compilation
from campaign_api.queries.status import StatusReader
from campaign_api.queries.watch import CampaignWatch
from campaign_api.servicers.access import CampaignAccess


class CampaignServicer(rpc.CampaignServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        drafts: Drafts,
        experiments: Experiments,
        lead_import: LeadImport,
        lifecycle: CampaignLifecycle,
        previews: Previews,
        reading: Reading,
        revising: Revising,
        revisions: RevisionCache,
        statuses: StatusReader,
        watch: CampaignWatch,
    ) -> None:
        self._access = access
        self._drafts = drafts
        self._experiments = experiments
        self._lead_import = lead_import
        self._lifecycle = lifecycle
        self._previews = previews
        self._reading = reading
        self._revising = revising
        self._revisions = revisions
        self._statuses = statuses
        self._watch = watch

    async def CreateCampaign(
        self, request: pb.CreateCampaignRequest, _: Context
    ) -> pb.CreateCampaignResponse:
        require_organization(request.organization_id)
        draft = requests.draft_from_proto(request)
        campaign, revision, warnings = await self._drafts.create(draft)
        return pb.CreateCampaignResponse(
            campaign=convert.campaign_to_proto(campaign, revision),
            warnings=convert.warnings_to_proto(warnings),
        )

    async def ValidateSequence(
        self, request: pb.ValidateSequenceRequest, _: Context
    ) -> pb.ValidateSequenceResponse:
        require_organization(request.organization_id)
        requests.check_validate_sequence(request)
        compilation = await self._drafts.validate(request.organization_id, request.sequence_json)
        return pb.ValidateSequenceResponse(
            violations=convert.violations_to_proto(compilation.violations),
            warnings=convert.warnings_to_proto(compilation.warnings),
            steps=convert.steps_to_proto(compilation.sequence) if compilation.sequence else [],
        )

    async def RenderSequence(
        self, request: pb.RenderSequenceRequest, _: Context
    ) -> pb.RenderSequenceResponse:
        if requests.renders_campaign(request):
            campaign = await self._access.campaign(request.campaign_id)
            rendering = rendered((await self._revisions.get(campaign.revision_id)).sequence)
        else:
            drawing = request.drawing
            require_organization(drawing.organization_id)
            requests.check_drawing(drawing)
            compilation = await self._drafts.validate(
                drawing.organization_id, drawing.sequence_json
            )
            rendering = rendered_compilation(compilation)
        return convert.rendering_to_proto(rendering)

    async def ImportLeads(
        self, request_iterator: AsyncIterator[pb.ImportLeadsRequest], _: Context
    ) -> pb.ImportLeadsResponse:
        messages = aiter(request_iterator)
        header = await requests.import_header(messages)
        campaign = await self._access.campaign(header.campaign_id)
        imported = await self._lead_import.add(
            campaign,
            requests.import_content(messages),
            column_by_field=dict(header.column_by_field),
        )
        return convert.imported_to_proto(imported)

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
        campaign = await self._lifecycle.pause(request.campaign_id, reason=request.reason)
        return pb.PauseCampaignResponse(campaign=await self._packed(campaign))

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
        campaign = await self._lifecycle.stop(
            request.campaign_id,
            complete_current_executions=request.complete_current_executions,
            reason=request.reason,
        )
        return pb.StopCampaignResponse(campaign=await self._packed(campaign))

    async def DeleteCampaign(
        self, request: pb.DeleteCampaignRequest, _: Context
    ) -> pb.DeleteCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id, deleted=True)
        await self._lifecycle.delete(campaign.id)
        return pb.DeleteCampaignResponse()

    async def UpdateSequence(
        self, request: pb.UpdateSequenceRequest, _: Context
    ) -> pb.UpdateSequenceResponse:
        campaign = await self._access.campaign(request.campaign_id)
        requests.check_sequence(request.sequence_json)
        revision, warnings = await self._revising.update(campaign, request.sequence_json)
        return pb.UpdateSequenceResponse(
            revision=convert.revision_to_proto(revision),
            warnings=convert.warnings_to_proto(warnings),
        )

    async def RollbackSequence(
        self, request: pb.RollbackSequenceRequest, _: Context
    ) -> pb.RollbackSequenceResponse:
        campaign = await self._access.campaign(request.campaign_id)
        revision = await self._revising.roll_back(campaign, request.number)
        return pb.RollbackSequenceResponse(revision=convert.revision_to_proto(revision))

    async def PreviewRevision(
        self, request: pb.PreviewRevisionRequest, _: Context
    ) -> pb.PreviewRevisionResponse:
        campaign = await self._access.campaign(request.campaign_id)
        if request.WhichOneof("content") != "number":
            requests.check_sequence(request.sequence_json)
        preview = await self._revising.preview(
            campaign, sequence_json=request.sequence_json, number=request.number
        )
        return convert.preview_to_proto(preview)

    async def ListRevisions(
        self, request: pb.ListRevisionsRequest, _: Context
    ) -> pb.ListRevisionsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._revising.page(
            campaign, page_size=request.page_size, token=request.page_token
        )
        return pb.ListRevisionsResponse(
            revisions=[convert.revision_in_use_to_proto(*each) for each in page.revisions],
            next_page_token=page.next_page_token,
        )

    async def GetCampaign(
        self, request: pb.GetCampaignRequest, _: Context
    ) -> pb.GetCampaignResponse:
        campaign = await self._access.campaign(request.campaign_id)
        return pb.GetCampaignResponse(campaign=await self._packed(campaign))

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, _: Context
    ) -> pb.ListCampaignsResponse:
        requests.check_organization(request.organization_id)
        require_organization(request.organization_id)
        page = await self._reading.campaigns(
            request.organization_id,
            state=convert.campaign_state_from_proto(request.state),
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

    async def GetLead(self, request: pb.GetLeadRequest, _: Context) -> pb.GetLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        view, waits = await self._reading.lead(campaign, request.lead_id)
        return pb.GetLeadResponse(
            lead=convert.lead_to_proto(view.lead),
            steps=convert.history_to_proto(view.history, view.sequence),
            waiting_for=convert.waits_to_proto(waits),
        )

    async def ListLeads(self, request: pb.ListLeadsRequest, _: Context) -> pb.ListLeadsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._reading.leads(
            campaign,
            state=convert.lead_state_from_proto(request.state),
            page_size=request.page_size,
            token=request.page_token,
            include_steps=request.include_steps,
        )
        return pb.ListLeadsResponse(
            leads=[
                pb.LeadWithSteps(
                    lead=convert.lead_to_proto(view.lead),
                    steps=convert.history_to_proto(view.history, view.sequence),
                )
                for view in page.leads
            ],
            next_page_token=page.next_page_token,
        )

    async def PreviewMessages(
        self, request: pb.PreviewMessagesRequest, _: Context
    ) -> pb.PreviewMessagesResponse:
        campaign = await self._access.campaign(request.campaign_id)
        previews = await self._previews.preview(
            campaign,
            lead_ids=list(request.lead_ids),
            leads=requests.leads_to_preview(request),
        )
        return pb.PreviewMessagesResponse(
            leads=[convert_texts.preview_to_proto(each) for each in previews]
        )

    async def GetExperiment(
        self, request: pb.GetExperimentRequest, _: Context
    ) -> pb.GetExperimentResponse:
        campaign = await self._access.campaign(request.campaign_id)
        experiment = await self._experiments.get(campaign, request.step_id)
        return pb.GetExperimentResponse(experiment=convert_texts.experiment_to_proto(experiment))

    async def _packed(self, campaign: Campaign) -> campaign_pb2.Campaign:
        return convert.campaign_to_proto(campaign, await self._revisions.get(campaign.revision_id))
