"""A program's day, step after step; its row is begun first and ended last."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.runs.contracts import DailyProgramContract, RunInput, RunResult
    from automation.runs.run import RunTrigger, RunType

    from outreach_worker.policies import RUN_STEP
    from outreach_worker.programs.contracts import BegunRun, ProgramDay, RunActivitiesContract
    from outreach_worker.programs.frame import RunFrame
    from outreach_worker.programs.looks import look
    from outreach_worker.programs.review_contracts import (
        ReviewActivitiesContract,
        ReviewedProgram,
    )


@workflow.defn(name="DailyProgram")
class DailyProgramWorkflow(DailyProgramContract):
    """Whoever comes second with a nominal time does nothing."""

    def __init__(self) -> None:
        self._frame = RunFrame(RunType.DAILY)

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        async def day(begun: BegunRun) -> None:
            await self._day(
                ProgramDay(
                    organization_id=asked.organization_id,
                    program_id=asked.program_id,
                    run_id=begun.run_id,
                    day=begun.day,
                )
            )
            # Of a day that is over nothing is decided any more.
            collects_only = asked.trigger is RunTrigger.BACKFILL
            if not collects_only and workflow.patched("guardrails-each-day"):
                program = ReviewedProgram(
                    organization_id=asked.organization_id,
                    program_id=asked.program_id,
                    run_id=begun.run_id,
                )
                await look(self._frame, ReviewActivitiesContract.check_guardrails, program)

        return await self._frame.once(asked, day)

    async def _day(self, day: ProgramDay) -> None:
        collected = await workflow.execute_activity_method(
            RunActivitiesContract.collect_outcomes, day, **RUN_STEP
        )
        by_state = collected.by_state.items()
        self._frame.counts |= {f"leads_{state}": number for state, number in by_state}
