"""The activities of a step: have it performed, or take it back, and record what became of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import assert_never

from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import StepCategory, StepKind, StepOutcome
from campaigns.workflow.contracts import PERFORM_STEP
from outreach.linkedin.v1 import action_pb2
from servicekit.clock import Clock
from servicekit.errors import NotFound, RemoteError, ServiceError
from servicekit.telemetry import logs
from servicekit.temporal.heartbeat import heartbeating
from temporalio import activity

from outreach_worker.events.contracts import SEQUENCE_WEBHOOK, CustomerEvent
from outreach_worker.metrics import Metrics
from outreach_worker.steps.conditions import Conditions
from outreach_worker.steps.contracts import (
    CallOff,
    LinkedInActivitiesContract,
    PerformStep,
    StepPerformed,
    TakenBack,
)
from outreach_worker.steps.endpoints import Endpoints
from outreach_worker.steps.errors import ActionCalledOff, StepUndecided, TimeOver
from outreach_worker.steps.gateway_actions import GatewayActions
from outreach_worker.steps.reassignment import SenderReassignment
from outreach_worker.steps.recorder import Connection, StepRecorder
from outreach_worker.steps.results import (
    ACTION_CANCELLED,
    ALREADY_SO,
    NOTHING_TO_WITHDRAW,
    SENT_AS_MESSAGE,
    StepResult,
    after_posts,
    by_colleague,
    not_performed,
    result_of,
)
from outreach_worker.steps.task import StepTask

_DONE = StepResult(outcome=StepOutcome.DONE, reason="")

log = logs.get_logger(__name__)


class LinkedInActivities(LinkedInActivitiesContract):
    """One action of the gateway each, under a name made from ids."""

    def __init__(
        self,
        actions: GatewayActions,
        *,
        revisions: RevisionCache,
        conditions: Conditions,
        recorder: StepRecorder,
        reassignment: SenderReassignment,
        endpoints: Endpoints,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._actions = actions
        self._revisions = revisions
        self._conditions = conditions
        self._recorder = recorder
        self._reassignment = reassignment
        self._endpoints = endpoints
        self._metrics = metrics
        self._clock = clock

    @activity.defn(name=PERFORM_STEP)
    async def perform_step(self, step: PerformStep) -> StepPerformed:
        """Perform a step and record what became of it.

        Safe to retry: the gateway performs an action once per `action_id`, and
        every attempt presents the same one. Recording belongs to it because a
        step costs a workflow six events this way instead of twenty.
        """
        info = activity.info()
        lag = info.started_time - info.current_attempt_scheduled_time
        self._metrics.step_lag.observe(max(0.0, lag.total_seconds()))
        async with self._at_work(step) as task:
            try:
                return await self._perform(task)
            except TimeOver as over:
                return await self._left_out(task, reason=over.reason)
            except (PersonUnreadable, TextUnreadable):
                # No end of the step: the sequence would go on without what was to be said.
                raise
            except ServiceError as error:
                return await self._refused(task, error)

    @activity.defn(name="call_off_step")
    async def call_off_step(self, call_off: CallOff) -> StepPerformed:
        """Take back a step that waits for its turn, and record what is true of it.

        Returns once that is known: an action that is on the wire is waited for.
        """
        async with self._at_work(call_off.step) as task:
            return await self._left_out(task, reason=call_off.reason, by=call_off.by)

    @activity.defn(name="take_back_step")
    async def take_back_step(self, call_off: CallOff) -> TakenBack:
        """Take back a step that has changed; what it came to if it has ended, and had to or not.

        A step that has ended stays as it ended, though nobody heard of it. Returns once that is
        known: an action that is on the wire is waited for.
        """
        async with self._at_work(call_off.step) as task:
            performed = None
            if task.category is StepCategory.ACTION:
                performed = await self._called_off(task)
            return TakenBack(performed=performed or await self._recorder.recorded(task))

    async def _left_out(self, task: StepTask, *, reason: str, by: str = "") -> StepPerformed:
        performed = None
        if task.category is StepCategory.ACTION:
            performed = await self._called_off(task)
        if performed is not None and performed.ended:
            return performed
        asked_for = f"Skipped by {by}." if by else ""
        skipped = StepResult(outcome=StepOutcome.SKIPPED, reason=reason, detail=asked_for)
        return await self._not_performed(task, skipped, this_post=performed is not None)

    @asynccontextmanager
    async def _at_work(self, step: PerformStep) -> AsyncIterator[StepTask]:
        """The step with all that belongs to it; names the lead in the log, and beats."""
        with logs.bound(campaign_id=step.campaign_id, lead_id=step.lead_id):
            async with heartbeating():
                sequence = await self._revisions.sequence(step.revision_id)
                yield StepTask(asked=step, compiled=sequence.step(step.step_id))

    async def _perform(self, task: StepTask) -> StepPerformed:
        match task.category:
            case StepCategory.ACTION:
                if task.nothing_to_withdraw:
                    return await self._not_performed(task, not_performed(NOTHING_TO_WITHDRAW))
                return await self._performed(task, await self._actions.perform(task))
            case StepCategory.WEBHOOK:
                await self._endpoints.require(task)
                webhook = self._webhook(task)
                return await self._recorder.record(task, _DONE, at=webhook.at, webhook=webhook)
            case StepCategory.CONDITION:
                holds = await self._conditions.holds(task)
                return await self._recorder.record(
                    task, _DONE, at=self._clock.now(), condition_holds=holds
                )
            case StepCategory.WAIT | StepCategory.SPLIT:
                return await self._recorder.record(task, _DONE, at=self._clock.now())
            case _:
                assert_never(task.category)

    async def _refused(self, task: StepTask, error: ServiceError) -> StepPerformed:
        """Record what the error means for the step; raises what means to try again."""
        lead = await self._reassignment.reassigned(task, error)
        if lead is None:
            return await self._not_performed(task, self._result_of(error, task))
        performed = await self._called_off(task)
        if performed is not None:
            # Too late: the lead stays with the account that has contacted it.
            await self._reassignment.undo(lead, task)
            return performed
        await self._reassignment.complete(lead, task)
        return StepPerformed(
            outcome=StepOutcome.SKIPPED,
            at=self._clock.now(),
            ended=False,
            reassigned_to=lead.account_id,
            strangers=lead.replaced_if_contacted,
        )

    async def _called_off(self, task: StepTask) -> StepPerformed | None:
        """Call the action off; what it came to, as if performed, or None if that was in time."""
        if task.nothing_to_withdraw:
            return None
        became = await self._actions.call_off(task)
        if became is None:
            return None
        if isinstance(became, StepResult):
            return await self._not_performed(task, became)
        return await self._performed(task, became)

    def _webhook(self, task: StepTask) -> CustomerEvent:
        """The event for the one endpoint that the step names."""
        return CustomerEvent(
            type=SEQUENCE_WEBHOOK,
            campaign_id=task.asked.campaign_id,
            lead_id=task.asked.lead_id,
            step_id=task.asked.step_id,
            at=self._clock.now(),
            state="done",
        )

    def _result_of(self, error: ServiceError, task: StepTask) -> StepResult:
        """What the error means for the step; raises what means to try again."""
        if error.reason == ACTION_CANCELLED:
            raise ActionCalledOff(error.message) from error
        result = result_of(error)
        calls_webhook = task.category is StepCategory.WEBHOOK
        if calls_webhook and isinstance(error, NotFound) and isinstance(error, RemoteError):
            # The endpoint was deleted.
            result = not_performed(error.reason, error.message)
        if result is not None:
            return result
        self._metrics.steps_postponed.labels(task.kind, error.reason).inc()
        if error.retried:
            raise error
        log.error("gateway_refused", action_id=task.action_id, reason=error.reason)
        raise StepUndecided(error.message) from error

    async def _performed(self, task: StepTask, outcome: action_pb2.ActionOutcome) -> StepPerformed:
        """Record that the step is done, unless it has more posts to go."""
        if task.asked.n < task.asked.posts:
            return StepPerformed(
                outcome=StepOutcome.DONE, at=self._performed_at(outcome), ended=False
            )
        inviting = task.kind is StepKind.SEND_CONNECTION_REQUEST
        withdrawing = task.kind is StepKind.WITHDRAW_REQUEST
        sent = not outcome.already_so
        return await self._recorder.record(
            task,
            StepResult(outcome=StepOutcome.DONE, reason=_how(outcome)),
            at=self._performed_at(outcome),
            connection=Connection(
                invited=inviting and (sent or not outcome.connected),
                connected=inviting and outcome.connected,
                accepted=inviting and outcome.connected and sent,
                withdrawn=withdrawing and sent,
            ),
        )

    async def _not_performed(
        self, task: StepTask, result: StepResult, *, this_post: bool = False
    ) -> StepPerformed:
        """Record what stopped the step; `this_post` says that the present post was performed."""
        result = by_colleague(result, invited=task.asked.invited)
        performed = task.asked.n if this_post else task.asked.n - 1
        result = after_posts(result, performed=performed, posts=task.asked.posts)
        return await self._recorder.record(task, result, at=self._clock.now())

    def _performed_at(self, outcome: action_pb2.ActionOutcome) -> datetime:
        if not outcome.HasField("performed_time"):
            return self._clock.now()
        return outcome.performed_time.ToDatetime(UTC)


def _how(outcome: action_pb2.ActionOutcome) -> str:
    """In what way a step was done, if not in the plain one."""
    if outcome.already_so:
        return ALREADY_SO
    return SENT_AS_MESSAGE if outcome.sent_as_message else ""
