"""Perform a step of a lead at the gateway, or take it back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.sequences.sequence import Sequence, Step, StepKind, StepOutcome
from campaigns.workflow.contracts import PERFORM_STEP
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc
from servicekit.clock import Clock
from servicekit.errors import (
    FailedPrecondition,
    NotFound,
    NotYet,
    RemoteError,
    ServiceError,
    Unavailable,
)
from servicekit.telemetry import logs
from servicekit.temporal.heartbeat import heartbeating
from temporalio import activity

from outreach_worker.events.contracts import SEQUENCE_WEBHOOK, CustomerEvent
from outreach_worker.events.publisher import Publisher
from outreach_worker.metrics import Metrics
from outreach_worker.revision_cache import Revisions
from outreach_worker.steps import gateway_requests as requests
from outreach_worker.steps.conditions import Conditions
from outreach_worker.steps.contracts import (
    CallOff,
    LinkedInActivitiesContract,
    PerformStep,
    StepPerformed,
    TakenBack,
)
from outreach_worker.steps.reassignment import ACCOUNT_PARKED, SenderReassignment
from outreach_worker.steps.recorder import Connection, StepRecorder
from outreach_worker.steps.results import (
    ACTION_CANCELLED,
    ALREADY_SO,
    NOTHING_TO_WITHDRAW,
    OUTCOME_UNKNOWN,
    SENT_AS_MESSAGE,
    StepResult,
    after_posts,
    not_performed,
    result_of,
)
from outreach_worker.steps.texts import StepTexts

_LOOK_AGAIN = timedelta(seconds=2)
"""Real time: how soon to ask again what became of an action that is on the wire."""

_CONTACTLESS = frozenset({StepKind.WAIT, StepKind.CONDITION, StepKind.SPLIT})
_NOT_AT_GATEWAY = _CONTACTLESS | {StepKind.WEBHOOK}

log = logs.get_logger(__name__)


class StepUndecided(Unavailable):
    """The gateway refused for a reason that is not the step's; somebody has to look."""

    reason = "SERVICE_UNAVAILABLE"


class ActionOnTheWire(NotYet):
    """The action can no longer be called off, and its answer has not come."""

    reason = "IN_FLIGHT"


class ActionCalledOff(FailedPrecondition):
    """Somebody has called the action off; what is true of it is to be recorded."""

    reason = ACTION_CANCELLED


class AccountParked(NotYet):
    """The account that was to act cannot, and the lead has another by now."""

    reason = ACCOUNT_PARKED


class LinkedInActivities(LinkedInActivitiesContract):
    """One action of the gateway each, under a name made from ids."""

    def __init__(
        self,
        gateway: rpc.LinkedInServiceStub,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        *,
        revisions: Revisions,
        texts: StepTexts,
        conditions: Conditions,
        recorder: StepRecorder,
        reassignment: SenderReassignment,
        publisher: Publisher,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._gateway = gateway
        self._campaigns = campaigns
        self._leads = leads
        self._revisions = revisions
        self._texts = texts
        self._conditions = conditions
        self._recorder = recorder
        self._reassignment = reassignment
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock

    @activity.defn(name=PERFORM_STEP)
    async def perform_step(self, action: PerformStep) -> StepPerformed:
        """Perform a step and record what became of it.

        Safe to retry: the gateway performs an action once per `action_id`, and
        every attempt presents the same one. Recording belongs to it because a
        step costs a workflow six events this way instead of twenty.
        """
        async with _alive(action):
            sequence = await self._revisions.sequence(action.revision_id)
            step = sequence.step(action.step_id)
            try:
                if step.kind in _CONTACTLESS:
                    return await self._pass(action, step, sequence)
                outcome = await self._perform(action, step)
            except ServiceError as error:
                reassigned = await self._reassigned(error, action, step, sequence)
                if reassigned is not None:
                    return reassigned
                result = self._result_of(error, action)
                return await self._not_performed(action, step, sequence, result)
            if outcome is None:
                result = not_performed(NOTHING_TO_WITHDRAW)
                return await self._not_performed(action, step, sequence, result)
            if action.n < action.posts:
                return StepPerformed(
                    outcome=StepOutcome.DONE, at=self._performed_at(outcome), ended=False
                )
            return await self._performed(action, step, sequence, outcome)

    @activity.defn(name="call_off_step")
    async def call_off_step(self, call_off: CallOff) -> StepPerformed:
        """Take back a step that waits for its turn, and record what is true of it.

        Returns once that is known: an action that is on the wire is waited for.
        """
        action = call_off.step
        async with _alive(action):
            sequence = await self._revisions.sequence(action.revision_id)
            step = sequence.step(action.step_id)
            if step.kind in _NOT_AT_GATEWAY or not _asks_gateway(action):
                skipped = StepResult(outcome=StepOutcome.SKIPPED, reason=call_off.reason)
                return await self._not_performed(action, step, sequence, skipped)
            performed = await self._became_of(action, step, sequence)
            if performed is not None:
                return performed
            skipped = StepResult(outcome=StepOutcome.SKIPPED, reason=call_off.reason)
            return await self._not_performed(action, step, sequence, skipped)

    @activity.defn(name="take_back_step")
    async def take_back_step(self, call_off: CallOff) -> TakenBack:
        """Take back a step that has changed; record it only if it was performed or refused.

        Returns once that is known: an action that is on the wire is waited for.
        """
        action = call_off.step
        async with _alive(action):
            sequence = await self._revisions.sequence(action.revision_id)
            step = sequence.step(action.step_id)
            if not _asks_gateway(action):
                return TakenBack()
            return TakenBack(performed=await self._became_of(action, step, sequence))

    async def _became_of(
        self, action: PerformStep, step: Step, sequence: Sequence
    ) -> StepPerformed | None:
        """Call an action off; what became of it, recorded, or None if that was in time."""
        answer = await self._gateway.CancelAction(
            pb.CancelActionRequest(action_id=action.action_id)
        )
        match answer.action.state:
            case action_pb2.ACTION_STATE_CANCELLED:
                return None
            case action_pb2.ACTION_STATE_DONE:
                return await self._performed(action, step, sequence, answer.action.outcome)
            case action_pb2.ACTION_STATE_FAILED:
                result = not_performed(answer.action.reason)
            case action_pb2.ACTION_STATE_UNKNOWN if answer.action.HasField("finish_time"):
                result = not_performed(OUTCOME_UNKNOWN)
            case _:
                raise ActionOnTheWire(retry_after=self._clock.virtual(_LOOK_AGAIN))
        return await self._not_performed(action, step, sequence, result)

    async def _pass(self, action: PerformStep, step: Step, sequence: Sequence) -> StepPerformed:
        """A wait that is over, a condition, a split: nobody is contacted."""
        answer = False
        if step.condition is not None:
            answer = await self._conditions.holds(action, step, step.condition)
        return await self._recorder.record(
            action,
            step,
            StepResult(outcome=StepOutcome.DONE, reason=""),
            sequence=sequence,
            at=self._clock.now(),
            answer=answer,
        )

    async def _perform(self, action: PerformStep, step: Step) -> action_pb2.ActionOutcome | None:
        """What came back; None if there is nothing to ask for."""
        if not _asks_gateway(action):
            return None
        if _is_webhook(action):
            return await self._call_webhook(action, step)
        campaign = await self._campaigns.get(action.campaign_id)
        lead = await self._leads.get(action.campaign_id, action.lead_id)
        if lead.reassigned_action_id == action.action_id:
            raise AccountParked
        step_text = await self._texts.text_of(campaign, lead, step, n=action.n, again=action.again)
        request = requests.perform_action(
            action.action_id, campaign=campaign, lead=lead, step=step, step_text=step_text
        )
        answer: pb.PerformActionResponse = await self._gateway.PerformAction(request)
        return answer.outcome

    async def _reassigned(
        self, error: ServiceError, action: PerformStep, step: Step, sequence: Sequence
    ) -> StepPerformed | None:
        """Give a lead whose account cannot act to another; None if the step waits for it.

        The row says so first, then the action of the old account is called off. Where that
        was too late, the lead stays with the account that has contacted it.
        """
        if error.reason != ACCOUNT_PARKED:
            return None
        lead = await self._leads.get(action.campaign_id, action.lead_id)
        if lead.reassigned_action_id != action.action_id:
            campaign = await self._campaigns.get(action.campaign_id)
            reassigned = await self._reassignment.choose(campaign, lead, action)
            if reassigned is None:
                return None
            lead = reassigned
        performed = await self._became_of(action, step, sequence)
        if performed is not None:
            await self._reassignment.undo(lead, action)
            return performed
        return StepPerformed(
            outcome=StepOutcome.SKIPPED,
            at=self._clock.now(),
            ended=False,
            reassigned_to=lead.account_id,
        )

    async def _call_webhook(self, action: PerformStep, step: Step) -> action_pb2.ActionOutcome:
        """Publish an event for the one endpoint that the step names."""
        now = self._clock.now()
        await self._publisher.publish(
            CustomerEvent(
                type=SEQUENCE_WEBHOOK,
                campaign_id=action.campaign_id,
                lead_id=action.lead_id,
                step_id=action.step_id,
                at=now,
                state="done",
            ),
            endpoint_id=step.endpoint_id,
        )
        outcome = action_pb2.ActionOutcome()
        outcome.performed_time.FromDatetime(now)
        return outcome

    def _result_of(self, error: ServiceError, action: PerformStep) -> StepResult:
        """What the error means for the step; raises what means to try again."""
        if error.reason == ACTION_CANCELLED:
            raise ActionCalledOff(error.message) from error
        result = result_of(error)
        if isinstance(error, NotFound) and isinstance(error, RemoteError) and _is_webhook(action):
            # The endpoint was deleted.
            result = not_performed(error.reason, error.message)
        if result is not None:
            return result
        self._metrics.steps_postponed.labels(action.kind, error.reason).inc()
        if error.retried:
            raise error
        log.error("gateway_refused", action_id=action.action_id, reason=error.reason)
        raise StepUndecided(error.message) from error

    async def _performed(
        self,
        action: PerformStep,
        step: Step,
        sequence: Sequence,
        outcome: action_pb2.ActionOutcome,
    ) -> StepPerformed:
        inviting = step.kind is StepKind.SEND_CONNECTION_REQUEST
        withdrawing = step.kind is StepKind.WITHDRAW_REQUEST
        sent = not outcome.already_so
        return await self._recorder.record(
            action,
            step,
            StepResult(outcome=StepOutcome.DONE, reason=_how(outcome)),
            sequence=sequence,
            at=self._performed_at(outcome),
            connection=Connection(
                invited=inviting and (sent or not outcome.connected),
                connected=inviting and outcome.connected,
                accepted=inviting and outcome.connected and sent,
                withdrawn=withdrawing and sent,
            ),
        )

    async def _not_performed(
        self, action: PerformStep, step: Step, sequence: Sequence, result: StepResult
    ) -> StepPerformed:
        result = after_posts(result, performed=action.n - 1, posts=action.posts)
        return await self._recorder.record(
            action, step, result, sequence=sequence, at=self._clock.now()
        )

    def _performed_at(self, outcome: action_pb2.ActionOutcome) -> datetime:
        if not outcome.HasField("performed_time"):
            return self._clock.now()
        return outcome.performed_time.ToDatetime(UTC)


def _how(outcome: action_pb2.ActionOutcome) -> str:
    """In what way a step was done, if not in the plain one."""
    if outcome.already_so:
        return ALREADY_SO
    return SENT_AS_MESSAGE if outcome.sent_as_message else ""


@asynccontextmanager
async def _alive(action: PerformStep) -> AsyncIterator[None]:
    """Names the lead in the log, and beats so that Temporal knows the worker lives."""
    with logs.bound(campaign_id=action.campaign_id, lead_id=action.lead_id):
        async with heartbeating():
            yield


def _asks_gateway(action: PerformStep) -> bool:
    """A lead that was not invited has nothing to take back."""
    return action.kind is not StepKind.WITHDRAW_REQUEST or action.invited


def _is_webhook(action: PerformStep) -> bool:
    return action.kind is StepKind.WEBHOOK
