"""What a run, or somebody, asks of reports: ids and days. No bodies."""

from __future__ import annotations

from datetime import date, timedelta

from automation.reports.contracts import AskedReport, MadeReport
from automation.reports.report import ReportKind
from automation.runs.contracts import RunInput
from campaigns.workflow.contracts import no_body
from temporalio import activity


def report_of_run(asked: RunInput, kind: ReportKind, *, day: str) -> AskedReport:
    """The report that a run makes: of the days before its own, which is not over."""
    last_day = date.fromisoformat(day) - timedelta(days=1)
    return AskedReport(
        organization_id=asked.organization_id,
        program_id=asked.program_id,
        kind=kind,
        last_day=last_day.isoformat(),
    )


class ReportActivitiesContract:
    """Implemented by `outreach_worker.reports.activities`."""

    @activity.defn(name="make_report")
    async def make_report(self, asked: AskedReport) -> MadeReport:
        """Count a report, keep it, and tell of it once."""
        no_body()
