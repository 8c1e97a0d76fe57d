"""Reports that a caller may see, in the view that is asked for, and those that they have made."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from automation.errors import ProgramDeleted, ProgramNotFound
from automation.programs.program import Program, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.reports.contracts import AskedReport
from automation.reports.errors import ReportNotFound
from automation.reports.page import Pages
from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import ReportRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from outreach.automation.v1 import report_pb2
from servicekit.clock import Clock
from servicekit.ids import has_prefix
from servicekit.telemetry import logs

from campaign_api.automation.access import ProgramAccess
from campaign_api.automation.reports.temporal import ReportRuns
from campaign_api.errors import InvalidFields, invalid


class Reports:
    """A report is of its program, and so of its campaign's accounts."""

    def __init__(
        self,
        *,
        access: ProgramAccess,
        programs: ProgramRepository,
        campaigns: CampaignRepository,
        reports: ReportRepository,
        runs: ReportRuns,
        clock: Clock,
    ) -> None:
        self._access = access
        self._programs = programs
        self._campaigns = campaigns
        self._reports = reports
        self._runs = runs
        self._clock = clock
        self._pages = Pages()

    async def get(self, report_id: str) -> Report:
        """The report; raises `ReportNotFound` if there is none that the caller may see."""
        if not has_prefix(report_id, "rep"):
            raise ReportNotFound
        logs.bind(report_id=report_id)
        report = await self._reports.get(report_id)
        try:
            await self._access.program(report.program_id)
        except ProgramNotFound as error:
            raise ReportNotFound from error
        return report

    async def content(self, report: Report, view: "report_pb2.ReportView.ValueType") -> str:
        """The report as it is to be shown; empty where its figures are all."""
        if view == report_pb2.REPORT_VIEW_HTML:
            return self._pages.html(report, title=await self._title(report))
        if view == report_pb2.REPORT_VIEW_MARKDOWN:
            return self._pages.markdown(report, title=await self._title(report))
        return ""

    async def generate(self, program_id: str, kind: ReportKind, last_day: str) -> Report:
        """The program's report of these days, counted now.

        Raises `ProgramNotFound`, `ProgramDeleted`, `CampaignNotFound` if its campaign is gone,
        `InvalidFields` for a day that is none or is not over, `ReportNotMade`, and
        `TemporalUnavailable`.
        """
        program = await self._access.program(program_id)
        if program.state is ProgramState.DELETED:
            raise ProgramDeleted
        asked = AskedReport(
            organization_id=program.organization_id,
            program_id=program.program_id,
            kind=kind,
            last_day=last_day_of(program, last_day, now=self._clock.now()).isoformat(),
        )
        await self._campaigns.get(program.campaign_id)
        made = await self._runs.make(asked)
        return await self._reports.get(made.report_id)

    async def campaigns(self, organization_id: str) -> Sequence[str] | None:
        """The campaigns whose reports alone are the caller's to see; None: all."""
        return await self._access.campaigns(organization_id)

    async def _title(self, report: Report) -> str:
        return (await self._programs.get(report.program_id)).settings.name


def last_day_of(program: Program, asked: str, *, now: datetime) -> date:
    """The day that a report ends with, yesterday if none is asked for.

    Raises `InvalidFields` for one that is none, is not over in the program's zone, or was over
    before there was the program.
    """
    zone = ZoneInfo(program.settings.timetable.time_zone)
    today = now.astimezone(zone).date()
    if not asked:
        return today - timedelta(days=1)
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise _wrong("A day, for example 2027-03-28.") from error
    if day >= today:
        raise _wrong("A day that is over in the program's time zone.")
    if day < program.created_at.astimezone(zone).date() - timedelta(days=1):
        raise _wrong("A day since the program was made.")
    return day


def _wrong(told: str) -> InvalidFields:
    return InvalidFields([invalid("last_day", told)])
