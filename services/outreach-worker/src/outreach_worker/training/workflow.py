"""A model learned and compared with what ranks; what follows is a decision."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.runs.contracts import (
        TRAINING_QUEUE,
        RunInput,
        RunResult,
        TrainModelContract,
    )
    from automation.runs.run import RunType

    from outreach_worker.policies import FIT
    from outreach_worker.programs.contracts import BegunRun
    from outreach_worker.programs.frame import RunFrame
    from outreach_worker.programs.looks import look
    from outreach_worker.programs.review_contracts import ReviewedProgram
    from outreach_worker.training.contracts import (
        FittingActivitiesContract,
        SuccessionActivitiesContract,
    )


@workflow.defn(name="TrainModel")
class TrainModelWorkflow(TrainModelContract):
    """Fitting alone is done elsewhere: its row is begun and ended also while nobody fits."""

    def __init__(self) -> None:
        self._frame = RunFrame(RunType.TRAINING)

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        async def training(begun: BegunRun) -> None:
            program = ReviewedProgram(
                organization_id=asked.organization_id,
                program_id=asked.program_id,
                run_id=begun.run_id,
            )
            learned = await workflow.execute_activity_method(
                FittingActivitiesContract.fit_model, program, task_queue=TRAINING_QUEUE, **FIT
            )
            self._frame.counts |= {
                "matured": learned.matured,
                "accepted": learned.accepted,
                f"verdict_{learned.verdict}": 1,
            }
            await look(self._frame, SuccessionActivitiesContract.decide_champion, program)

        return await self._frame.once(asked, training)
