"""A report that somebody asks for."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.reports.contracts import AskedReport, MadeReport, MakeReportContract

    from outreach_worker.policies import RUN_STEP
    from outreach_worker.reports.contracts import ReportActivitiesContract


@workflow.defn(name="MakeReport")
class MakeReportWorkflow(MakeReportContract):
    """Counts it anew, as a run does."""

    @workflow.run
    async def run(self, asked: AskedReport) -> MadeReport:
        return await workflow.execute_activity_method(
            ReportActivitiesContract.make_report, asked, **RUN_STEP
        )
