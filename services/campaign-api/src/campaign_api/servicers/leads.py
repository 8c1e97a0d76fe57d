"""LeadService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import AsyncIterator
from contextlib import aclosing

from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2_grpc as rpc
from servicekit.auth import current_principal
from servicekit.grpc.calls import Context

from campaign_api.commands.lead_control import LeadRemoval, LeadRetry, StepSkips
from campaign_api.commands.lead_releases import LeadReleases
from campaign_api.commands.sender_replacement import SenderReplacement
from campaign_api.convert import files as convert_files
from campaign_api.convert import leads as convert
from campaign_api.convert import requests
from campaign_api.convert.lists import followed_from_proto
from campaign_api.convert.releases import release as convert_releases
from campaign_api.errors import InvalidFields, required
from campaign_api.imports.import_queries import ImportQueries
from campaign_api.imports.lead_import import LeadImport, into_campaign
from campaign_api.imports.result import ImportChoices
from campaign_api.people.finding import PersonFinder
from campaign_api.people.wire import asked_from_proto as person_from_proto
from campaign_api.people.wire import found_to_proto
from campaign_api.queries.leads import LeadFile, LeadQueries
from campaign_api.servicers.access import CampaignAccess, ImportAccess
from campaign_api.watch.leads import LeadWatch


class LeadServicer(rpc.LeadServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: CampaignAccess,
        into: ImportAccess,
        lead_import: LeadImport,
        imports: ImportQueries,
        queries: LeadQueries,
        finder: PersonFinder,
        lead_retry: LeadRetry,
        lead_removal: LeadRemoval,
        lead_releases: LeadReleases,
        step_skips: StepSkips,
        senders: SenderReplacement,
        watch: LeadWatch,
    ) -> None:
        self._access = access
        self._into = into
        self._lead_import = lead_import
        self._imports = imports
        self._queries = queries
        self._finder = finder
        self._lead_retry = lead_retry
        self._lead_removal = lead_removal
        self._releases = lead_releases
        self._step_skips = step_skips
        self._senders = senders
        self._watch = watch

    async def ImportLeads(
        self, request_iterator: AsyncIterator[pb.ImportLeadsRequest], _: Context
    ) -> pb.ImportLeadsResponse:
        messages = aiter(request_iterator)
        header = await requests.import_header(messages)
        choices = ImportChoices(
            column_by_field=dict(header.column_by_field),
            literal=tuple(header.allow_literal),
        )
        if header.lead_list_id:
            into = await self._into.destination(
                campaign_id=header.campaign_id, lead_list_id=header.lead_list_id, within="header."
            )
            content = requests.import_content(messages)
            result = await self._lead_import.validate_into_list(into, content, choices)
            return convert.import_result_to_proto(result)
        if not header.campaign_id:
            raise InvalidFields([required("header.campaign_id")])
        campaign = await self._access.campaign(header.campaign_id)
        read = self._lead_import.validate if header.validate_only else self._lead_import.add
        result = await read(campaign, requests.import_content(messages), choices)
        return convert.import_result_to_proto(result)

    async def GetImport(self, request: pb.GetImportRequest, _: Context) -> pb.GetImportResponse:
        campaign = await self._access.campaign(request.campaign_id)
        imported = await self._imports.get(into_campaign(campaign), request.import_id)
        return pb.GetImportResponse(lead_import=convert.import_to_proto(imported))

    async def ListImports(
        self, request: pb.ListImportsRequest, _: Context
    ) -> pb.ListImportsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        page = await self._imports.page(into_campaign(campaign), followed_from_proto(request))
        return pb.ListImportsResponse(
            imports=[convert.import_to_proto(each) for each in page.rows], **page.answered()
        )

    async def GetLead(self, request: pb.GetLeadRequest, _: Context) -> pb.GetLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        view, waits = await self._queries.get(campaign, request.lead_id)
        return pb.GetLeadResponse(
            lead=convert.lead_to_proto(view.lead),
            steps=convert.history_to_proto(view.history, view.sequence),
            waiting_for=convert.waits_to_proto(waits),
        )

    async def FindLeads(self, request: pb.FindLeadsRequest, _: Context) -> pb.FindLeadsResponse:
        found, next_page_token = await self._finder.find(
            request.organization_id,
            person_from_proto(request),
            page_size=request.page_size,
            token=request.page_token,
        )
        return pb.FindLeadsResponse(
            leads=map(found_to_proto, found), next_page_token=next_page_token
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

    async def ExportLeads(
        self, request: pb.ExportLeadsRequest, _: Context
    ) -> AsyncIterator[pb.ExportLeadsResponse]:
        campaign = await self._access.campaign(request.campaign_id)
        form, begins = convert_files.format_from_proto(request.format), not request.token
        variables = await self._queries.variables(campaign)
        file = LeadFile(
            state=convert.lead_state_from_proto(request.state),
            form=form,
            columns=variables if form.has_columns else (),
        )
        async for leads in self._queries.exported(campaign, file, token=request.token):
            lines = convert_files.file_lines(leads, form, variables=variables, begins=begins)
            for piece in convert_files.in_pieces(lines):
                token = ""
                if piece.place is not None:
                    token = await self._queries.export_token(campaign, file, place=piece.place)
                yield pb.ExportLeadsResponse(content=piece.content, next_token=token)
            begins = False

    async def StopLead(self, request: pb.StopLeadRequest, _: Context) -> pb.StopLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        lead = await self._lead_removal.stop(campaign, request.lead_id)
        return pb.StopLeadResponse(lead=convert.lead_to_proto(lead))

    async def RemoveLead(self, request: pb.RemoveLeadRequest, _: Context) -> pb.RemoveLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        await self._lead_removal.remove(
            campaign, request.lead_id, allow_missing=request.allow_missing
        )
        return pb.RemoveLeadResponse()

    async def MoveLead(self, request: pb.MoveLeadRequest, _: Context) -> pb.MoveLeadResponse:
        campaign = await self._access.campaign(request.campaign_id)
        await self._senders.move(
            campaign,
            request.lead_id,
            request.account_id,
            even_if_contacted=request.even_if_contacted,
        )
        view, _waits = await self._queries.get(campaign, request.lead_id)
        return pb.MoveLeadResponse(lead=convert.lead_to_proto(view.lead))

    async def SkipStep(self, request: pb.SkipStepRequest, _: Context) -> pb.SkipStepResponse:
        campaign = await self._access.campaign(request.campaign_id)
        lead = await self._step_skips.skip(
            campaign, request.lead_id, request.step_id, by=current_principal()
        )
        return pb.SkipStepResponse(lead=convert.lead_to_proto(lead))

    async def ReleaseLeads(
        self, request: pb.ReleaseLeadsRequest, _: Context
    ) -> pb.ReleaseLeadsResponse:
        asked = convert_releases.release_from_proto(request)
        campaign = await self._access.campaign(request.campaign_id)
        release = await self._releases.release(campaign, request.release_id, asked)
        return convert_releases.release_to_proto(release)

    async def WithdrawLeads(
        self, request: pb.WithdrawLeadsRequest, _: Context
    ) -> pb.WithdrawLeadsResponse:
        convert_releases.require_subject(request)
        campaign = await self._access.campaign(request.campaign_id)
        withdrawn = await self._releases.withdraw(
            campaign, release_id=request.release_id, lead_ids=request.lead_ids
        )
        return pb.WithdrawLeadsResponse(lead_ids=withdrawn)

    async def ListLeads(self, request: pb.ListLeadsRequest, _: Context) -> pb.ListLeadsResponse:
        campaign = await self._access.campaign(request.campaign_id)
        asked = followed_from_proto(request, state=convert.lead_state_from_proto(request.state))
        steps = request.include_steps
        if asked.changes is None:
            page = await self._queries.page(campaign, asked, include_steps=steps)
        else:
            page = await self._queries.changes(
                campaign, asked.changes, page_size=request.page_size, include_steps=steps
            )
        return pb.ListLeadsResponse(
            leads=[convert.view_to_proto(view) for view in page.leads],
            removed_leads=map(convert.removed_to_proto, page.removed),
            next_page_token=page.next_page_token,
            next_sync_token=page.next_sync_token,
        )

    async def WatchLeads(
        self, request: pb.WatchLeadsRequest, _: Context
    ) -> AsyncIterator[pb.WatchLeadsResponse]:
        campaign = await self._access.campaign(request.campaign_id)
        telling = self._watch.watch(campaign, resume_token=request.resume_token)
        async with aclosing(telling):
            async for told in telling:
                yield pb.WatchLeadsResponse(
                    leads=[convert.lead_to_proto(lead) for lead in told.leads],
                    removed_leads=map(convert.removed_to_proto, told.removed),
                    resume_token=told.resume_token,
                )
