"""What people answer to decisions: the row first, then the workflow that brings it about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from automation.decisions.contracts import (
    ApplyDecisionContract,
    ApplyDecisionInput,
    apply_decision_workflow_id,
)
from automation.decisions.decision import Decision
from automation.decisions.decision_repository import DecisionRepository
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import FailedPrecondition
from servicekit.telemetry import logs
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from campaign_api.clients.temporal import TemporalConnection, answering

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What became of one of several answers."""

    decision: Decision
    refusal: str = ""
    """Why it is not answered, as errors have it."""


class DecisionAnswers:
    """Who may answer is asked before.

    A crash between row and workflow is mended by repeating the call, and without it by the
    worker's decision keeper, within a minute.
    """

    def __init__(
        self,
        decisions: DecisionRepository,
        temporal_connection: TemporalConnection,
        clock: Clock,
        *,
        timeout: timedelta,
    ) -> None:
        self._decisions = decisions
        self._temporal = temporal_connection
        self._clock = clock
        self._timeout = timeout

    async def approve(self, decision: Decision) -> Decision:
        """Have it be done.

        Raises `DecisionNotProposed`, `ProgramDeleted`, and `TemporalUnavailable`: then the answer
        is kept.
        """
        by, now = current_principal(), self._clock.now()
        answered = await self._decisions.approve(decision.id, by=by, now=now)
        log.info("decision_approved", decision_id=decision.id)
        return await self._brought_about(answered)

    async def reject(self, decision: Decision) -> Decision:
        """End it without an effect; raises `DecisionNotProposed`."""
        by, now = current_principal(), self._clock.now()
        answered = await self._decisions.reject(decision.id, by=by, now=now)
        log.info("decision_rejected", decision_id=decision.id)
        return answered

    async def revert(self, decision: Decision) -> Decision:
        """Have it be taken back; raises `DecisionNotRevertible`, and `TemporalUnavailable`."""
        by, now = current_principal(), self._clock.now()
        answered = await self._decisions.revert(decision.id, by=by, now=now)
        log.info("decision_revert_asked", decision_id=decision.id)
        return await self._brought_about(answered)

    async def answer(self, decisions: Sequence[Decision], *, approves: bool) -> list[Answered]:
        """Approve or reject each by itself, in their order.

        Raises `TemporalUnavailable`: those before it, and the one at which it was, are answered.
        """
        one = self.approve if approves else self.reject
        answers: list[Answered] = []
        for each in decisions:
            try:
                answers.append(Answered(decision=await one(each)))
            except FailedPrecondition as error:
                found = await self._decisions.get(each.id)
                answers.append(Answered(decision=found, refusal=error.reason))
        return answers

    async def _brought_about(self, answered: Decision) -> Decision:
        if not (answered.is_approved or answered.is_reverting):
            return answered
        async with answering(self._timeout):
            await self._temporal.client.start_workflow(
                ApplyDecisionContract.run,
                ApplyDecisionInput(
                    decision_id=answered.id, organization_id=answered.organization_id
                ),
                id=apply_decision_workflow_id(answered.id),
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=ApplyDecisionContract.look.__name__,
            )
        return answered
