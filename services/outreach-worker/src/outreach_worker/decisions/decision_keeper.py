"""Ends proposals that nobody answered, and has done what rows still ask for."""

from __future__ import annotations

from datetime import timedelta

from automation.decisions.contracts import (
    ApplyDecisionContract,
    ApplyDecisionInput,
    apply_decision_workflow_id,
)
from automation.decisions.decision import Decision
from automation.decisions.decision_repository import DecisionRepository
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

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
        """Look once; each is tried. Raises what the database raises, and Temporal first has."""
        now = self._clock.now()
        expired = await self._decisions.expire(now=now)
        since = now - self._clock.virtual(_AWAITED_FOR)
        awaited = await self._decisions.awaited(since=since)
        refused: list[RPCError] = []
        for decision in awaited:
            try:
                await self._start(decision)
            except RPCError as error:
                refused.append(error)
        if expired or awaited:
            log.info("decisions_kept", expired=expired, awaited=len(awaited), failed=len(refused))
        if refused:
            raise refused[0]

    async def _start(self, decision: Decision) -> None:
        await self._temporal.start_workflow(
            ApplyDecisionContract.run,
            ApplyDecisionInput(decision_id=decision.id, organization_id=decision.organization_id),
            id=apply_decision_workflow_id(decision.id),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            task_queue=self._task_queue,
        )
