"""One lead from first touch to outcome."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from campaigns import visibility
    from campaigns.models import LeadState
    from campaigns.sequence import StepKind, StepOutcome, Turn, first_turn, next_turn
    from campaigns.workflows import (
        InvitationAccepted,
        LeadContract,
        LeadInput,
        LeadProgress,
        LeadResult,
        ReplyReceived,
        WorkflowMetrics,
    )

    from outreach_worker.contracts import (
        CallOff,
        EventActivitiesContract,
        FinishLead,
        Happening,
        LeadActivitiesContract,
        LeadPlan,
        LeadRef,
        LinkedInActivitiesContract,
        PerformStep,
        PlanStep,
        RecordAnswer,
        RecordReply,
        StepPerformed,
    )
    from outreach_worker.policies import CALL_OFF, PUBLISH, ROWS, calling_webhook, waiting_for_turn
    from outreach_worker.workflow_clock import clock_of

T = TypeVar("T")


@workflow.defn(name="Lead")
class LeadWorkflow(LeadContract):
    """Walk the path: wait, perform, choose; until it ends, the person replies, or it is stopped."""

    @workflow.init
    def __init__(self, lead: LeadInput) -> None:
        self._lead = lead
        self._clock = clock_of(lead.clock)
        self._plan: LeadPlan | None = None
        self._performing: PerformStep | None = None
        self._awaiting_answer: PlanStep | None = None
        self._accepted: InvitationAccepted | None = None
        self._acceptance_recorded = False
        self._connected = False
        self._invited = False
        self._heard: set[str] = set()
        self._failed = ""
        self._stopped = False
        self._concluding = False
        self._path: list[str] = []
        self._at_step: PlanStep | None = None
        self._waits_for = ""
        self._waits_until: datetime | None = None
        self._recording_answer = asyncio.Lock()
        self._publishing: list[workflow.ActivityHandle[None]] = []

    @workflow.run
    async def run(self, lead: LeadInput) -> LeadResult:  # noqa: ARG002 - __init__ has it
        walk = asyncio.create_task(self._walk())
        try:
            await workflow.wait_condition(lambda: walk.done() or self._must_end())
        except asyncio.CancelledError:
            self._stopped = True
        return await _uninterrupted(self._conclude(walk))

    @workflow.signal
    async def invitation_accepted(self, accepted: InvitationAccepted) -> None:
        if self._accepted is not None:
            return
        self._accepted = accepted
        # An acceptance can overtake the answer to the invitation itself.
        await workflow.wait_condition(lambda: self._may_record and not self._inviting)
        if not self._connected:
            self._connected = True
            await self._record_answer(accepted=True, at=accepted.at)
        self._acceptance_recorded = True

    @workflow.signal
    async def reply_received(self, reply: ReplyReceived) -> None:
        if reply.event_id in self._heard:
            return
        self._heard.add(reply.event_id)
        await workflow.wait_condition(lambda: self._may_record)
        recorded = await workflow.execute_activity_method(
            LeadActivitiesContract.record_reply,
            RecordReply(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                event_id=reply.event_id,
                at=reply.at,
                text=reply.text,
                chat_id=reply.chat_id,
                message_id=reply.message_id,
            ),
            **ROWS,
        )
        self._publish(recorded.unpublished)

    @workflow.query(name="getLeadStatus")
    def lead_status(self) -> LeadProgress:
        step = self._at_step
        return LeadProgress(
            campaign_id=self._lead.campaign_id,
            lead_id=self._lead.lead_id,
            state=self._result().state if self._concluding else LeadState.RUNNING,
            step_id=step.step_id if step else "",
            kind=step.kind if step else "",
            waits_for="" if self._concluding else self._waits_for,
            until=self._waits_until,
            path=tuple(self._path),
            accepted=self._accepted is not None or self._connected,
            replied=bool(self._heard),
        )

    @workflow.query(name="getWorkflowMetrics")
    def metrics(self) -> WorkflowMetrics:
        info = workflow.info()
        return WorkflowMetrics(
            history_events=info.get_current_history_length(),
            history_bytes=info.get_current_history_size(),
            unpublished_events=sum(not each.done() for each in self._publishing),
            counts={"steps": len(self._path), "replies": len(self._heard)},
        )

    @property
    def _replied(self) -> bool:
        """A reply has ended the sequence."""
        return bool(self._heard and self._plan is not None and not self._plan.continue_after_reply)

    def _must_end(self) -> bool:
        return self._stopped or self._replied

    @property
    def _may_record(self) -> bool:
        """The lead has begun, or will not any more."""
        return self._plan is not None or self._concluding

    @property
    def _inviting(self) -> bool:
        step = self._performing
        return step is not None and step.kind is StepKind.SEND_CONNECTION_REQUEST

    async def _walk(self) -> None:
        plan = await workflow.execute_activity_method(
            LeadActivitiesContract.begin_lead,
            LeadRef(campaign_id=self._lead.campaign_id, lead_id=self._lead.lead_id),
            **ROWS,
        )
        self._plan = plan
        self._publish(plan.unpublished)
        if plan.ended is not None:
            return
        sequence = plan.sequence()
        turn: Turn | None = first_turn(sequence, now=self._now())
        while turn is not None and not self._must_end():
            step = plan.step(turn.step_id)
            self._at_step = step
            self._waiting("delay", until=turn.not_before)
            await self._sleep_until(turn.not_before, step)
            if self._must_end():
                return
            ended = await self._take(plan, step)
            if self._failed:
                return
            turn = next_turn(
                sequence, sequence.step(turn.step_id), ended.outcome, at=ended.at, taken=ended.taken
            )

    async def _take(self, plan: LeadPlan, step: PlanStep) -> StepPerformed:
        """Perform the step and learn what the next one depends on, and since when."""
        for n in range(1, step.posts + 1):
            performed = await self._perform(plan, step, n)
            if performed.ended or self._must_end():
                break
        self._path.append(step.step_id)
        self._failed = performed.lead_failed
        waits = step.waits_for_acceptance and performed.outcome is StepOutcome.DONE
        if not waits or self._must_end():
            return performed
        if performed.connected:
            return replace(performed, outcome=StepOutcome.ACCEPTED)
        return await self._answer(step, sent_at=performed.at)

    async def _perform(self, plan: LeadPlan, step: PlanStep, n: int) -> StepPerformed:
        action = PerformStep(
            campaign_id=self._lead.campaign_id,
            lead_id=self._lead.lead_id,
            revision_id=plan.revision_id,
            step_id=step.step_id,
            kind=step.kind,
            n=n,
            posts=step.posts,
            invited=self._invited,
            connected=self._connected,
            replied=bool(self._heard),
        )
        self._performing = action
        self._waiting("turn")
        calls_webhook = step.kind is StepKind.WEBHOOK
        options = calling_webhook(self._clock) if calls_webhook else waiting_for_turn(self._clock)
        try:
            performed = await workflow.execute_activity_method(
                LinkedInActivitiesContract.perform_step,
                action,
                summary=f"{step.kind} {n}/{step.posts}" if step.posts > 1 else str(step.kind),
                **options,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            # Called off at the gateway, or its turn never came.
            performed = await self._call_off(action, reason="ACTION_CANCELLED")
        self._performed(performed)
        return performed

    def _performed(self, performed: StepPerformed) -> None:
        self._performing = None
        self._invited = self._invited or performed.invited
        self._connected = self._connected or performed.connected
        self._publish(performed.unpublished)

    async def _answer(self, step: PlanStep, *, sent_at: datetime) -> StepPerformed:
        """Wait until the invitation is accepted or its deadline has run out."""
        deadline = sent_at + timedelta(seconds=step.accept_within_seconds)
        self._awaiting_answer = step
        self._waiting("answer", until=deadline)
        left = max(self._clock.real(deadline - self._now()), timedelta())
        if self._accepted is None:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._accepted is not None,
                    timeout=left,
                    timeout_summary="Until the invitation counts as not accepted",
                )
        if self._accepted is not None:
            await workflow.wait_condition(lambda: self._acceptance_recorded)
            self._awaiting_answer = None
            at = max(self._accepted.at, sent_at)
            return StepPerformed(outcome=StepOutcome.ACCEPTED, at=at)
        await self._record_answer(accepted=False, at=deadline)
        return StepPerformed(outcome=StepOutcome.NOT_ACCEPTED, at=deadline)

    async def _record_answer(self, *, accepted: bool, at: datetime) -> None:
        """One at a time: an acceptance after the deadline is the last word."""
        step, self._awaiting_answer = self._awaiting_answer, None
        async with self._recording_answer:
            recorded = await workflow.execute_activity_method(
                LeadActivitiesContract.record_answer,
                RecordAnswer(
                    campaign_id=self._lead.campaign_id,
                    lead_id=self._lead.lead_id,
                    revision_id=self._plan.revision_id if self._plan else "",
                    accepted=accepted,
                    at=at,
                    step_id=step.step_id if step else "",
                ),
                **ROWS,
            )
        self._publish(recorded.unpublished)

    async def _call_off(self, action: PerformStep, *, reason: str) -> StepPerformed:
        return await workflow.execute_activity_method(
            LinkedInActivitiesContract.call_off_step,
            CallOff(step=action, reason=reason),
            **CALL_OFF,
        )

    async def _conclude(self, walk: asyncio.Task[None]) -> LeadResult:
        """Take back what waits, record how the lead ended, and tell everything."""
        self._concluding = True
        await _ended(walk)
        self._awaiting_answer = None
        result = self._result()
        if self._performing is not None:
            self._performed(await self._call_off(self._performing, reason=_why_skipped(result)))
        await workflow.wait_condition(workflow.all_handlers_finished)
        finished = await workflow.execute_activity_method(
            LeadActivitiesContract.finish_lead,
            FinishLead(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                state=result.state,
                reason=result.reason,
                skipped=_why_skipped(result),
            ),
            **ROWS,
        )
        self._publish(finished.unpublished)
        workflow.set_current_details(_told(result))
        if self._lead.indexed:
            workflow.upsert_search_attributes([visibility.lead_state(result.state)])
        await workflow.wait_condition(workflow.all_handlers_finished)
        for published in self._publishing:
            try:
                await published
            except ActivityError as error:
                workflow.logger.error("event_never_published", exc_info=error)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    def _result(self) -> LeadResult:
        if self._plan is not None and self._plan.ended is not None:
            return LeadResult(state=self._plan.ended, reason=self._plan.reason)
        if self._failed:
            return LeadResult(state=LeadState.FAILED, reason=self._failed)
        if self._replied:
            return LeadResult(state=LeadState.REPLIED)
        if self._stopped:
            return LeadResult(state=LeadState.STOPPED, reason="CAMPAIGN_STOPPED")
        return LeadResult(state=LeadState.COMPLETED)

    def _publish(self, happenings: Sequence[Happening]) -> None:
        """Publish in the background what the dispatcher would not take at once."""
        self._publishing.extend(
            workflow.start_activity_method(
                EventActivitiesContract.publish_event, happening, **PUBLISH
            )
            for happening in happenings
        )

    def _now(self) -> datetime:
        return self._clock.at(workflow.now())

    def _waiting(self, waits_for: str, *, until: datetime | None = None) -> None:
        """Say what the lead waits for, to operators."""
        self._waits_for, self._waits_until = waits_for, until
        step = self._at_step
        if step is not None:
            moment = f" until {until.isoformat(' ', 'minutes')}" if until else ""
            workflow.set_current_details(
                f"Step {step.index + 1}, {step.kind}: waits for its {waits_for}{moment}"
            )

    async def _sleep_until(self, moment: datetime, step: PlanStep) -> None:
        left = self._clock.real(moment - self._now())
        if left > timedelta():
            await workflow.sleep(left, summary=f"Until the turn of {step.kind}")


def _told(result: LeadResult) -> str:
    """How the lead ended, for operators."""
    return f"Ended: {result.state}" + (f" ({result.reason})" if result.reason else "")


def _why_skipped(result: LeadResult) -> str:
    """Why the step that waits is not performed any more."""
    return "ALREADY_REPLIED" if result.state is LeadState.REPLIED else result.reason


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do the work to its end, whatever is cancelled meanwhile."""
    task = asyncio.create_task(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel and wait; an error that is not the cancellation rises."""
    task.cancel()
    try:
        await task
    except (asyncio.CancelledError, ActivityError) as error:
        if not is_cancelled_exception(error):
            raise
