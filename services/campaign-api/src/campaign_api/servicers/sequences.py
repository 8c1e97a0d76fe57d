"""SequenceService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import sequence_service_pb2 as pb
from outreach.campaign.v1 import sequence_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_updates import SequenceUpdates
from campaign_api.convert import sequences as convert
from campaign_api.convert import texts as convert_texts
from campaign_api.queries.experiments import ExperimentQueries
from campaign_api.queries.message_previews import MessagePreviews
from campaign_api.queries.sequence_rendering import render_compilation, render_sequence
from campaign_api.queries.sequence_revisions import RevisionQueries
from campaign_api.servicers.access import CampaignAccess

_LEADS_PREVIEWED = 3
"""Where neither leads are named nor how many."""


class SequenceServicer(rpc.SequenceServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        compiler: SequenceCompiler,
        updates: SequenceUpdates,
        revisions: RevisionCache,
        revision_queries: RevisionQueries,
        previews: MessagePreviews,
        experiments: ExperimentQueries,
    ) -> None:
        self._access = access
        self._compiler = compiler
        self._updates = updates
        self._revisions = revisions
        self._revision_queries = revision_queries
        self._previews = previews
        self._experiments = experiments

    async def ValidateSequence(
        self, request: pb.ValidateSequenceRequest, _: Context
    ) -> pb.ValidateSequenceResponse:
        compilation = await self._compiler.validate(
            request.organization_id,
            request.sequence_json,
            literal=tuple(request.allow_literal),
        )
        return pb.ValidateSequenceResponse(
            violations=convert.violations_to_proto(compilation.violations),
            warnings=convert.warnings_to_proto(compilation.warnings),
            steps=convert.steps_to_proto(compilation.sequence) if compilation.sequence else [],
        )

    async def RenderSequence(
        self, request: pb.RenderSequenceRequest, _: Context
    ) -> pb.RenderSequenceResponse:
        if request.WhichOneof("source") == "campaign_id":
            campaign = await self._access.campaign(request.campaign_id)
            rendering = render_sequence((await self._revisions.get(campaign.revision_id)).sequence)
        else:
            drawing = request.drawing
            compilation = await self._compiler.validate(
                drawing.organization_id,
                drawing.sequence_json,
                literal=tuple(drawing.allow_literal),
            )
            rendering = render_compilation(compilation)
        return convert.rendering_to_proto(rendering)

    async def UpdateSequence(
        self, request: pb.UpdateSequenceRequest, _: Context
    ) -> pb.UpdateSequenceResponse:
        campaign = await self._access.campaign(request.campaign_id)
        revision, warnings = await self._updates.update(
            campaign,
            request.sequence_json,
            base_id=request.base_revision_id,
            literal=tuple(request.allow_literal),
        )
        return pb.UpdateSequenceResponse(
            revision=convert.revision_to_proto(revision),
            warnings=convert.warnings_to_proto(warnings),
        )

    async def RollbackSequence(
        self, request: pb.RollbackSequenceRequest, _: Context
    ) -> pb.RollbackSequenceResponse:
        campaign = await self._access.campaign(request.campaign_id)
        revision = await self._updates.roll_back(
            campaign, request.number, base_id=request.base_revision_id
        )
        return pb.RollbackSequenceResponse(revision=convert.revision_to_proto(revision))

    async def PreviewRevision(
        self, request: pb.PreviewRevisionRequest, _: Context
    ) -> pb.PreviewRevisionResponse:
        campaign = await self._access.campaign(request.campaign_id)
        preview = await self._revision_queries.preview(
            campaign,
            sequence_json=request.sequence_json,
            number=request.number,
            literal=tuple(request.allow_literal),
        )
        return convert.preview_to_proto(preview)

    async def ListRevisions(
        self, request: pb.ListRevisionsRequest, _: Context
    ) -> pb.ListRevisionsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._revision_queries.page(
            campaign, page_size=request.page_size, token=request.page_token
        )
        return pb.ListRevisionsResponse(
            revisions=[convert.revision_in_use_to_proto(*each) for each in page.revisions],
            next_page_token=page.next_page_token,
        )

    async def PreviewMessages(
        self, request: pb.PreviewMessagesRequest, _: Context
    ) -> pb.PreviewMessagesResponse:
        campaign = await self._access.campaign(request.campaign_id)
        previews = await self._previews.preview(
            campaign,
            lead_ids=list(request.lead_ids),
            leads=request.leads or _LEADS_PREVIEWED,
        )
        return pb.PreviewMessagesResponse(
            leads=[convert_texts.lead_preview_to_proto(each) for each in previews]
        )

    async def GetExperiment(
        self, request: pb.GetExperimentRequest, _: Context
    ) -> pb.GetExperimentResponse:
        campaign = await self._access.campaign(request.campaign_id)
        experiment = await self._experiments.get(campaign, request.step_id)
        return pb.GetExperimentResponse(experiment=convert_texts.experiment_to_proto(experiment))
