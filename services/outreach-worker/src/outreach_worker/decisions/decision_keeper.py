"""Ends proposals that nobody answered, and has done what rows still ask for."""

from __future__ import annotations

from datetime import timedelta

from automation.decisions.contracts import (
    ApplyDecisionContract,
    ApplyDecisionInput,
    apply_decision_workflow_id,
)
from automation.decisions.decision_repository import DecisionRepository
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

EVERY = timedelta(seconds=30)
_AWAITED_FOR = timedelta(minutes=1)
"""Of real time: whoever has approved it, or the run that made it, is at it until then."""

log = logs.get_logger(__name__)


class DecisionKeeper:
    """The rows say what is to be done: asking for it twice is doing it once."""

    def __init__(
        self,
        decisions: DecisionRepository,
        temporal: Client,
        clock: Clock,
        *,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._decisions = decisions
        self._temporal = temporal
        self._clock = clock
        self._task_queue = task_queue

    async def keep(self) -> None:
        """Look once. Raises what the database or Temporal raises."""
        now = self._clock.now()
        expired = await self._decisions.expire(now=now)
        since = now - self._clock.virtual(_AWAITED_FOR)
        awaited = await self._decisions.awaited(since=since)
        for decision in awaited:
            await self._temporal.start_workflow(
                ApplyDecisionContract.run,
                ApplyDecisionInput(
                    decision_id=decision.id, organization_id=decision.organization_id
                ),
                id=apply_decision_workflow_id(decision.id),
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                task_queue=self._task_queue,
            )
        if expired or awaited:
            log.info("decisions_kept", expired=expired, awaited=len(awaited))
