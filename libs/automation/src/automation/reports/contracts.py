"""The contract of the workflow that makes a report by hand: id, input and result. No body."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.workflow.contracts import no_body
from temporalio import workflow

from automation.reports.report import ReportKind


@dataclass(frozen=True, kw_only=True)
class AskedReport:
    """Whose report, of which days: `last_day` is of the program's zone, as ISO 8601 has it."""

    organization_id: str
    program_id: str
    kind: ReportKind
    last_day: str


@dataclass(frozen=True, kw_only=True)
class MadeReport:
    """Under which id it is kept."""

    report_id: str


def report_workflow_id(asked: AskedReport) -> str:
    """One report, one workflow at a time: whoever asks meanwhile waits for the same."""
    return f"report/{asked.program_id}/{asked.kind.value}/{asked.last_day}"


@workflow.defn(name="MakeReport")
class MakeReportContract:
    """Counts a report because somebody asks for it."""

    @workflow.run
    async def run(self, asked: AskedReport) -> MadeReport:
        """Anew each time; the report keeps its id."""
        no_body()
