"""campaign_api.automation.reports: reports as people read them and ask for them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from automation.outcomes.intervals import share
from automation.reports.counting import report_of
from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import ReportRepository
from outreach.automation.v1 import program_pb2, report_pb2
from outreach.automation.v1 import report_service_pb2 as pb
from servicekit.errors import FailedPrecondition, InvalidArgument, NotFound
from servicekit.ids import new_id
from servicekit.postgres.pool import connect_pool
from temporalio.exceptions import ApplicationError

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.campaign_workflows import MADE_REPORT, REPORT_FAILURES
from tests.integration.campaign_api.automation.test_programs import created
from tests.integration.campaign_api.conftest import Api
from tests.unit.automation.reports.worlds import NOW, contacts, records, subject

HOSTILE = "Spring <script>alert(1)</script> [x](https://evil.example) <!channel>"


async def kept(
    api: Api, program: program_pb2.Program, kind: ReportKind, *, report_id: str = ""
) -> Report:
    """A report of the program, as the worker keeps it."""
    of = replace(
        subject(kind),
        report_id=report_id or new_id("rep"),
        organization_id=ORGANIZATION,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
    )
    later = timedelta(hours=1) if kind is ReportKind.DAILY else timedelta()
    people = contacts(days=30, a_day=4, accepted=0.4)
    counted = report_of(of, records(*people), now=NOW + later)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        return await ReportRepository(pool).put(counted)


async def test_every_view_has_the_same_figures_and_no_foreign_markup(api: Api) -> None:
    """A program's name is its author's: it is text on the page, and text in Markdown."""
    program = await created(api, await api.create(), name=HOSTILE)
    report = await kept(api, program, ReportKind.WEEKLY)

    async def get(view: report_pb2.ReportView) -> pb.GetReportResponse:
        return await api.stubs.reports.GetReport(
            pb.GetReportRequest(report_id=report.report_id, view=view)
        )

    figures = await get(report_pb2.REPORT_VIEW_UNSPECIFIED)
    page = await get(report_pb2.REPORT_VIEW_HTML)
    markdown = await get(report_pb2.REPORT_VIEW_MARKDOWN)

    assert figures.report == page.report == markdown.report
    accepted = figures.report.headline.accepted
    assert share(accepted.count, accepted.of) == report.headline.accepted
    assert figures.report.headline.contacted == report.headline.contacted == 28
    assert not figures.content
    assert f"{accepted.count:,}\u00a0of\u00a0{accepted.of:,}" in page.content
    assert f"{accepted.count:,}\u00a0of\u00a0{accepted.of:,}" in markdown.content
    assert "<script" not in page.content
    assert "&lt;script&gt;" in page.content
    assert "](https://" not in markdown.content
    assert "<!channel>" not in markdown.content


async def test_reports_are_listed_by_program_and_kind(api: Api) -> None:
    """The newest first; what is no report is not found."""
    program = await created(api, await api.create())
    weekly = await kept(api, program, ReportKind.WEEKLY)
    daily = await kept(api, program, ReportKind.DAILY)
    asked = pb.ListReportsRequest(
        organization_id=ORGANIZATION, filter=f"program_id = {program.program_id}"
    )

    both = (await api.stubs.reports.ListReports(asked)).reports
    asked.filter += " AND kind = WEEKLY"
    one = (await api.stubs.reports.ListReports(asked)).reports

    assert [each.report_id for each in both] == [daily.report_id, weekly.report_id]
    assert [each.report_id for each in one] == [weekly.report_id]
    for nobodys in ("rep_nobody", program.program_id):
        with pytest.raises(NotFound) as refused:
            await api.stubs.reports.GetReport(pb.GetReportRequest(report_id=nobodys))
        assert refused.value.reason == "REPORT_NOT_FOUND"


async def test_a_report_by_hand_is_of_days_that_are_over(api: Api) -> None:
    """Counted by the worker, of yesterday unless another day is named.

    One of today is refused, and one of a day on which there was no program.
    """
    program = await created(api, await api.create())
    weekly = await kept(api, program, ReportKind.WEEKLY, report_id=MADE_REPORT)
    today = datetime.now(UTC).date()
    asked = pb.GenerateReportRequest(program_id=program.program_id)

    long_ago = (today - timedelta(days=3)).isoformat()
    for day in ("2027-02-30", today.isoformat(), long_ago, "0001-01-02"):
        asked.last_day = day
        with pytest.raises(InvalidArgument):
            await api.stubs.reports.GenerateReport(asked)
    asked.last_day = ""
    made = (await api.stubs.reports.GenerateReport(asked)).report

    assert made.report_id == weekly.report_id == MADE_REPORT


@pytest.mark.parametrize(
    ("failure", "reason", "cause"),
    [
        (ApplicationError("", type="KeyError", non_retryable=True), "REPORT_NOT_MADE", "KeyError"),
        (
            ApplicationError("", type="CAMPAIGN_NOT_FOUND", non_retryable=True),
            "CAMPAIGN_NOT_FOUND",
            None,
        ),
    ],
)
async def test_a_report_that_cannot_be_counted_says_of_what(
    api: Api, failure: ApplicationError, reason: str, cause: str | None
) -> None:
    """A bug of ours, or a campaign that is gone by then; it is no answer without a reason."""
    program = await created(api, await api.create())
    REPORT_FAILURES[program.program_id] = failure

    with pytest.raises((FailedPrecondition, NotFound)) as refused:
        await api.stubs.reports.GenerateReport(
            pb.GenerateReportRequest(program_id=program.program_id)
        )

    assert (refused.value.reason, refused.value.metadata.get("cause")) == (reason, cause)


@pytest.mark.parametrize(("end", "cause"), [("terminate", "TerminatedError"), ("cancel", "Cancel")])
async def test_a_report_whose_workflow_somebody_ends_says_so(
    api: Api, end: str, cause: str
) -> None:
    """Whoever waits for it is told at once, and may ask again."""
    program = await created(api, await api.create())
    REPORT_FAILURES[program.program_id] = None
    asked = pb.GenerateReportRequest(program_id=program.program_id)

    async def generate() -> None:
        await api.stubs.reports.GenerateReport(asked)

    waiting = asyncio.create_task(generate())
    assert api.temporal is not None
    begins = f"report/{program.program_id}/"
    running: list[str] = []
    async with asyncio.timeout(20):
        while not running:
            await asyncio.sleep(0.05)
            found = api.temporal.list_workflows("ExecutionStatus = 'Running'")
            running = [each.id async for each in found if each.id.startswith(begins)]
    handle = api.temporal.get_workflow_handle(running[0])
    await (handle.terminate() if end == "terminate" else handle.cancel())
    with pytest.raises(FailedPrecondition) as refused:
        await waiting

    assert refused.value.reason == "REPORT_NOT_MADE"
    assert refused.value.metadata["cause"].startswith(cause)
