"""A program's week looked at: what is to stop, what its experiments say, and what follows."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.reports.report import ReportKind
    from automation.runs.contracts import RunInput, RunResult, WeeklyReviewContract
    from automation.runs.run import RunTrigger, RunType

    from outreach_worker.programs.contracts import BegunRun
    from outreach_worker.programs.frame import RunFrame
    from outreach_worker.programs.looks import look
    from outreach_worker.programs.review_contracts import (
        ReviewActivitiesContract,
        ReviewedProgram,
    )
    from outreach_worker.reports.contracts import ReportActivitiesContract, report_of_run


@workflow.defn(name="WeeklyReview")
class WeeklyReviewWorkflow(WeeklyReviewContract):
    """Stops come first: what is paused today is given no more people in the same breath.

    Last comes the report of the seven days before, with what was decided now.
    """

    def __init__(self) -> None:
        self._frame = RunFrame(RunType.WEEKLY)

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        async def week(begun: BegunRun) -> None:
            # Of a week that is over nothing is decided any more.
            if asked.trigger is RunTrigger.BACKFILL:
                return
            program = ReviewedProgram(
                organization_id=asked.organization_id,
                program_id=asked.program_id,
                run_id=begun.run_id,
            )
            await look(self._frame, ReviewActivitiesContract.check_guardrails, program)
            await look(self._frame, ReviewActivitiesContract.judge_experiments, program)

        async def reporting(begun: BegunRun) -> None:
            if asked.trigger is not RunTrigger.BACKFILL and workflow.patched("makes-reports"):
                await workflow.execute_activity_method(
                    ReportActivitiesContract.make_report,
                    report_of_run(asked, ReportKind.WEEKLY, day=begun.day),
                    **self._frame.report,
                )

        return await self._frame.once(asked, week, reporting=reporting)
