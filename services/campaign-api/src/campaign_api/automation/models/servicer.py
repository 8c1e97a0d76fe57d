"""ModelService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from automation.listings.organization_pages import OrganizationPages
from automation.runs.run import RunType
from automation.training.trained_model import TrainedModel
from outreach.automation.v1 import model_service_pb2 as pb
from outreach.automation.v1 import model_service_pb2_grpc
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from campaign_api.automation.access import ProgramAccess
from campaign_api.automation.models.models import Models
from campaign_api.automation.models.wire import card_to_proto, model_to_proto
from campaign_api.automation.programs import ProgramCommands
from campaign_api.automation.wire import timestamp


class ModelServicer(model_service_pb2_grpc.ModelServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: ProgramAccess,
        commands: ProgramCommands,
        models: Models,
        pages: OrganizationPages[TrainedModel],
    ) -> None:
        self._access = access
        self._commands = commands
        self._models = models
        self._pages = pages

    async def TrainModel(self, request: pb.TrainModelRequest, _: Context) -> pb.TrainModelResponse:
        program = await self._access.program(request.program_id)
        begun = await self._commands.trigger(program, RunType.TRAINING)
        return pb.TrainModelResponse(
            nominal_time=timestamp(begun.nominal_at), workflow_id=begun.workflow_id
        )

    async def ListModels(self, request: pb.ListModelsRequest, _: Context) -> pb.ListModelsResponse:
        campaign_ids = await self._models.campaigns(request.organization_id)
        page = await self._pages.page(
            request.organization_id, followed_of(request), campaign_ids=campaign_ids
        )
        ranking = await self._models.ranking(request.organization_id, page.rows)
        return pb.ListModelsResponse(
            models=[model_to_proto(each, ranks=each.model_id in ranking) for each in page.rows],
            **page.answered(),
        )

    async def GetModelCard(
        self, request: pb.GetModelCardRequest, _: Context
    ) -> pb.GetModelCardResponse:
        model = await self._models.get(request.model_id)
        ranking = await self._models.ranking(model.organization_id, [model])
        return pb.GetModelCardResponse(card=card_to_proto(model, ranks=model.model_id in ranking))

    async def PromoteModel(
        self, request: pb.PromoteModelRequest, _: Context
    ) -> pb.PromoteModelResponse:
        model = await self._models.promote(request.model_id)
        return pb.PromoteModelResponse(model=model_to_proto(model, ranks=True))

    async def RollbackModel(
        self, request: pb.RollbackModelRequest, _: Context
    ) -> pb.RollbackModelResponse:
        model = await self._models.rollback(request.program_id)
        return pb.RollbackModelResponse(
            model=None if model is None else model_to_proto(model, ranks=True)
        )
