"""Reports are counted, kept and told of."""

from __future__ import annotations

from datetime import date
from typing import assert_never
from zoneinfo import ZoneInfo

from automation.programs.program import Program
from automation.programs.program_repository import ProgramRepository
from automation.programs.schedule import Timetable, days_since_due
from automation.reports.contracts import AskedReport, MadeReport
from automation.reports.counting import report_of
from automation.reports.page import Pages, headline_rows
from automation.reports.records import Subject
from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import ReportRepository
from outreach.webhook.v1 import event_pb2
from servicekit.auth import set_principal
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.events.contracts import REPORT_READY, CustomerEvent
from outreach_worker.events.publisher import Publisher
from outreach_worker.reports.contracts import ReportActivitiesContract
from outreach_worker.reports.records import ReportRecords

_WEEK_DAYS = 7

log = logs.get_logger(__name__)


class ReportActivities(ReportActivitiesContract):
    """Repeating one counts anew: the report keeps its id, and is told of once."""

    def __init__(
        self,
        programs: ProgramRepository,
        records: ReportRecords,
        reports: ReportRepository,
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        self._programs = programs
        self._records = records
        self._reports = reports
        self._publisher = publisher
        self._clock = clock
        self._pages = Pages()

    @activity.defn(name="make_report")
    async def make_report(self, asked: AskedReport) -> MadeReport:
        """Count a report, keep it, and tell of it once."""
        program = await self._programs.get(asked.program_id)
        # The audit of the gateway names the program.
        set_principal(f"program:{program.program_id}", program.organization_id)
        timetable, last_day = program.settings.timetable, date.fromisoformat(asked.last_day)
        now, time_zone = self._clock.now(), timetable.time_zone
        subject = Subject(
            report_id=new_id("rep"),
            organization_id=program.organization_id,
            program_id=program.program_id,
            campaign_id=program.campaign_id,
            kind=asked.kind,
            days=_days(asked.kind, timetable, last_day),
            last_day=last_day,
            time_zone=time_zone,
            began_on=program.created_at.astimezone(ZoneInfo(time_zone)).date(),
        )
        records = await self._records.of(program, subject, now=now)
        kept = await self._reports.put(report_of(subject, records, now=now))
        await self._publisher.publish(
            CustomerEvent(
                type=REPORT_READY,
                campaign_id=program.campaign_id,
                at=kept.created_at,
                key=kept.report_id,
            ),
            report=self._snapshot(program, kept),
        )
        log.info("report_made", report_id=kept.report_id, program_id=kept.program_id)
        return MadeReport(report_id=kept.report_id)

    def _snapshot(self, program: Program, report: Report) -> event_pb2.ReportSnapshot:
        return event_pb2.ReportSnapshot(
            id=report.report_id,
            program_id=report.program_id,
            kind=report.kind.value,
            first_day=report.first_day.isoformat(),
            last_day=report.last_day.isoformat(),
            headline=[
                f"{name}: {figure}; usual: {usual}"
                for name, figure, _, usual in headline_rows(report)
            ],
            markdown=self._pages.markdown(report, title=program.settings.name),
        )


def _days(kind: ReportKind, timetable: Timetable, last_day: date) -> int:
    match kind:
        case ReportKind.WEEKLY:
            return _WEEK_DAYS
        case ReportKind.DAILY:
            # Of a program that rests at weekends Monday's report is of Friday, too.
            return days_since_due(timetable, until=last_day)
        case _:
            assert_never(kind)
