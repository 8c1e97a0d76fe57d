"""WorkflowService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from outreach.campaign.v1 import workflow_service_pb2 as pb
from outreach.campaign.v1 import workflow_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from campaign_api.convert.lists import asked_from_proto
from campaign_api.convert.workflows import health as convert_health
from campaign_api.convert.workflows import runs as convert
from campaign_api.workflows.deeds import WorkflowDeeds
from campaign_api.workflows.health import TemporalHealth
from campaign_api.workflows.queries import WorkflowQueries


class WorkflowServicer(rpc.WorkflowServiceServicer):
    """What names a workflow is asked whose it is, before Temporal is asked anything."""

    def __init__(
        self, *, queries: WorkflowQueries, deeds: WorkflowDeeds, health: TemporalHealth
    ) -> None:
        self._queries = queries
        self._deeds = deeds
        self._health = health

    async def ListWorkflows(
        self, request: pb.ListWorkflowsRequest, _: Context
    ) -> pb.ListWorkflowsResponse:
        page = await self._queries.page(asked_from_proto(request))
        return pb.ListWorkflowsResponse(
            workflows=convert.workflows_to_proto(page.runs), next_page_token=page.next_page_token
        )

    async def GetWorkflow(
        self, request: pb.GetWorkflowRequest, _: Context
    ) -> pb.GetWorkflowResponse:
        found = await self._queries.get(request.workflow_id, request.run_id)
        return convert.described_to_proto(found)

    async def GetWorkflowHistory(
        self, request: pb.GetWorkflowHistoryRequest, _: Context
    ) -> pb.GetWorkflowHistoryResponse:
        page = await self._queries.history(
            request.workflow_id,
            request.run_id,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return convert.history_to_proto(page)

    async def CancelWorkflow(
        self, request: pb.CancelWorkflowRequest, _: Context
    ) -> pb.CancelWorkflowResponse:
        run = await self._deeds.cancel(convert.asking_from_proto(request, reason=request.reason))
        return pb.CancelWorkflowResponse(workflow=convert.workflow_to_proto(run))

    async def TerminateWorkflow(
        self, request: pb.TerminateWorkflowRequest, _: Context
    ) -> pb.TerminateWorkflowResponse:
        run = await self._deeds.terminate(convert.asking_from_proto(request, reason=request.reason))
        return pb.TerminateWorkflowResponse(workflow=convert.workflow_to_proto(run))

    async def RetryWorkflow(
        self, request: pb.RetryWorkflowRequest, _: Context
    ) -> pb.RetryWorkflowResponse:
        retried = await self._deeds.retry(convert.asking_from_proto(request))
        return convert.retried_to_proto(retried)

    async def GetTemporalHealth(
        self, _request: pb.GetTemporalHealthRequest, _: Context
    ) -> pb.GetTemporalHealthResponse:
        seen = await self._health.look()
        return pb.GetTemporalHealthResponse(health=convert_health.health_to_proto(seen))
