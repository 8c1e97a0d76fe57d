"""Brings a decision about, or takes it back, until its row asks for nothing more."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from automation.decisions.contracts import (
        ApplyDecisionContract,
        ApplyDecisionInput,
        ApplyDecisionResult,
    )

    from outreach_worker.decisions.contracts import DecidedChange, DecisionActivitiesContract
    from outreach_worker.policies import RUN_STEP


@workflow.defn(name="ApplyDecision")
class ApplyDecisionWorkflow(ApplyDecisionContract):
    """Looks once more for each time that somebody has answered meanwhile."""

    def __init__(self) -> None:
        self._asked = False

    @workflow.run
    async def run(self, decision: ApplyDecisionInput) -> ApplyDecisionResult:
        """What has become of it."""
        while True:
            self._asked = False
            state = await workflow.execute_activity_method(
                DecisionActivitiesContract.bring_about,
                DecidedChange(decision_id=decision.decision_id),
                **RUN_STEP,
            )
            if not self._asked:
                return ApplyDecisionResult(state=state)

    @workflow.signal
    def look(self) -> None:
        """Somebody has answered, maybe after the row was read."""
        self._asked = True
