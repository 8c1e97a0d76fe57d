"""LeadService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator

from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from campaign_api.commands.import_result import ImportChoices
from campaign_api.commands.lead_import import LeadImport
from campaign_api.commands.lead_retry import LeadRetry
from campaign_api.convert import leads as convert
from campaign_api.convert import requests
from campaign_api.queries.imports import ImportQueries
from campaign_api.queries.leads import LeadQueries
from campaign_api.servicers.access import CampaignAccess


class LeadServicer(rpc.LeadServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        lead_import: LeadImport,
        imports: ImportQueries,
        queries: LeadQueries,
        lead_retry: LeadRetry,
    ) -> None:
        self._access = access
        self._lead_import = lead_import
        self._imports = imports
        self._queries = queries
        self._lead_retry = lead_retry

    async def ImportLeads(
        self, request_iterator: AsyncIterator[pb.ImportLeadsRequest], _: Context
    ) -> pb.ImportLeadsResponse:
        messages = aiter(request_iterator)
        header = await requests.import_header(messages)
        campaign = await self._access.campaign(header.campaign_id)
        choices = ImportChoices(
            column_by_field=dict(header.column_by_field),
            literal=requests.literal(header.allow_literal, of="header."),
        )
        read = self._lead_import.validate if header.validate_only else self._lead_import.add
        result = await read(campaign, requests.import_content(messages), choices)
        return convert.import_result_to_proto(result)

    async def GetImport(self, request: pb.GetImportRequest, _: Context) -> pb.GetImportResponse:
        campaign = await self._access.campaign(request.campaign_id)
        imported = await self._imports.get(campaign, request.import_id)
        return pb.GetImportResponse(lead_import=convert.import_to_proto(imported))

    async def ListImports(
        self, request: pb.ListImportsRequest, _: Context
    ) -> pb.ListImportsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._imports.page(
            campaign, page_size=request.page_size, token=request.page_token
        )
        return pb.ListImportsResponse(
            imports=[convert.import_to_proto(each) for each in page.imports],
            next_page_token=page.next_page_token,
        )

    async def GetLead(self, request: pb.GetLeadRequest, _: Context) -> pb.GetLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        view, waits = await self._queries.get(campaign, request.lead_id)
        return pb.GetLeadResponse(
            lead=convert.lead_to_proto(view.lead),
            steps=convert.history_to_proto(view.history, view.sequence),
            waiting_for=convert.waits_to_proto(waits),
        )

    async def RetryLead(self, request: pb.RetryLeadRequest, _: Context) -> pb.RetryLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        lead = await self._lead_retry.retry(campaign, request.lead_id)
        return pb.RetryLeadResponse(lead=convert.lead_to_proto(lead))

    async def RetryParkedLeads(
        self, request: pb.RetryParkedLeadsRequest, _: Context
    ) -> pb.RetryParkedLeadsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._lead_retry.retry_parked(
            campaign, page_size=request.page_size, token=request.page_token
        )
        return pb.RetryParkedLeadsResponse(
            sent_on=page.sent_on, gone=page.gone, next_page_token=page.next_page_token
        )

    async def ListLeads(self, request: pb.ListLeadsRequest, _: Context) -> pb.ListLeadsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._queries.page(
            campaign,
            state=convert.lead_state_from_proto(request.state),
            page_size=request.page_size,
            token=request.page_token,
            include_steps=request.include_steps,
        )
        return pb.ListLeadsResponse(
            leads=[convert.view_to_proto(view) for view in page.leads],
            next_page_token=page.next_page_token,
        )
