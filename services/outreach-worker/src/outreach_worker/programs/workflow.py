"""A program's day, step after step; its row is begun first and ended last."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.reports.contracts import AskedReport
    from automation.reports.report import ReportKind
    from automation.runs.contracts import DailyProgramContract, RunInput, RunResult
    from automation.runs.run import RunTrigger, RunType
    from automation.selection.capacity import Bound

    from outreach_worker.programs.contracts import BegunRun, ProgramDay, RunActivitiesContract
    from outreach_worker.programs.day_contracts import DayActivitiesContract
    from outreach_worker.programs.frame import RunFrame
    from outreach_worker.programs.looks import bring_about, look
    from outreach_worker.programs.review_contracts import (
        ReviewActivitiesContract,
        ReviewedProgram,
    )
    from outreach_worker.reports.contracts import ReportActivitiesContract, report_of_run


@workflow.defn(name="DailyProgram")
class DailyProgramWorkflow(DailyProgramContract):
    """Whoever comes second with a nominal time does nothing."""

    def __init__(self) -> None:
        self._frame = RunFrame(RunType.DAILY)

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        async def day(begun: BegunRun) -> None:
            today = ProgramDay(
                organization_id=asked.organization_id,
                program_id=asked.program_id,
                run_id=begun.run_id,
                day=begun.day,
            )
            await self._day(today)
            # Of a day that is over nothing is decided any more.
            collects_only = asked.trigger is RunTrigger.BACKFILL
            if not collects_only and workflow.patched("guardrails-each-day"):
                program = ReviewedProgram(
                    organization_id=asked.organization_id,
                    program_id=asked.program_id,
                    run_id=begun.run_id,
                )
                await look(self._frame, ReviewActivitiesContract.check_guardrails, program)
            if begun.current and workflow.patched("selects-leads"):
                await self._select(today)
            if not begun.current and not collects_only:
                self._frame.counts |= {f"unused_{Bound.DAY_OVER}": 0}

        async def reporting(begun: BegunRun) -> None:
            if begun.current and workflow.patched("makes-reports"):
                await self._report(report_of_run(asked, ReportKind.DAILY, day=begun.day))

        return await self._frame.once(asked, day, reporting=reporting)

    async def _day(self, day: ProgramDay) -> None:
        collected = await workflow.execute_activity_method(
            RunActivitiesContract.collect_outcomes, day, **self._frame.step
        )
        by_state = collected.by_state.items()
        self._frame.counts |= {f"leads_{state}": number for state, number in by_state}

    async def _report(self, asked: AskedReport) -> None:
        """Yesterday's digest, which has what was decided today."""
        await workflow.execute_activity_method(
            ReportActivitiesContract.make_report, asked, **self._frame.report
        )

    async def _select(self, day: ProgramDay) -> None:
        """Who can be taken on and who is; what the program may do by itself is brought about."""
        counts = self._frame.counts
        read = await workflow.execute_activity_method(
            DayActivitiesContract.read_senders, day, **self._frame.step
        )
        counts |= {"senders_read": read.read, "senders_failed": len(read.failed)}
        selected = await workflow.execute_activity_method(
            DayActivitiesContract.select_leads, day, **self._frame.step
        )
        counts |= {
            "candidates": selected.candidates,
            "selected": selected.selected,
            "explored": selected.explored,
        }
        if selected.suppressed is not None:
            counts["suppressed"] = selected.suppressed
        counts |= {f"unused_{why}": slots for why, slots in selected.unused.items()}
        if selected.applies:
            await bring_about(self._frame, selected.decision_id)
