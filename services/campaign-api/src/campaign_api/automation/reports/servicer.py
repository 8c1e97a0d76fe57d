"""ReportService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from automation.listings.organization_pages import OrganizationPages
from automation.reports.report import Report, ReportKind
from outreach.automation.v1 import report_pb2, report_service_pb2_grpc
from outreach.automation.v1 import report_service_pb2 as pb
from servicekit.grpc.calls import Context
from servicekit.grpc.requests.rules import tells_the_rest
from servicekit.lists.listing import followed_of

from campaign_api.automation.reports.overview_wire import dimensions_of, overviews_to_proto
from campaign_api.automation.reports.overviews import OverviewReading, Weeks
from campaign_api.automation.reports.reports import Reports
from campaign_api.automation.reports.wire import report_to_proto


class ReportServicer(report_service_pb2_grpc.ReportServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self, reports: Reports, pages: OrganizationPages[Report], overviews: OverviewReading
    ) -> None:
        self._reports = reports
        self._pages = pages
        self._overviews = overviews

    async def GetReport(self, request: pb.GetReportRequest, _: Context) -> pb.GetReportResponse:
        report = await self._reports.get(request.report_id)
        content = await self._reports.content(report, request.view)
        return pb.GetReportResponse(report=report_to_proto(report), content=content)

    async def ListReports(
        self, request: pb.ListReportsRequest, _: Context
    ) -> pb.ListReportsResponse:
        campaign_ids = await self._reports.campaigns(request.organization_id)
        page = await self._pages.page(
            request.organization_id, followed_of(request), campaign_ids=campaign_ids
        )
        return pb.ListReportsResponse(reports=map(report_to_proto, page.rows), **page.answered())

    async def GetOverview(
        self, request: pb.GetOverviewRequest, _: Context
    ) -> pb.GetOverviewResponse:
        found = await self._overviews.of(
            request.organization_id,
            program_ids=request.program_ids,
            campaign_ids=request.campaign_ids,
            dimensions=dimensions_of(request),
            weeks=Weeks(first_day=request.first_week, last_day=request.last_week),
        )
        return overviews_to_proto(found)

    @tells_the_rest
    async def GenerateReport(
        self, request: pb.GenerateReportRequest, _: Context
    ) -> pb.GenerateReportResponse:
        kind = ReportKind.WEEKLY
        if request.kind:
            kind = ReportKind[report_pb2.ReportKind.Name(request.kind).removeprefix("REPORT_KIND_")]
        report = await self._reports.generate(request.program_id, kind, request.last_day)
        return pb.GenerateReportResponse(report=report_to_proto(report))
