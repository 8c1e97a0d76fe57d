"""One lead from first touch to outcome."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from campaigns.models import LeadState
    from campaigns.workflow.contracts import (
        STOPPED_WITH_CAMPAIGN,
        WORKFLOW_CANCELLED,
        EndLead,
        InvitationAccepted,
        LeadContract,
        LeadInput,
        LeadResult,
        OwnerWrote,
        ReplyReceived,
        SkipStep,
        UpdateWorkflow,
    )
    from campaigns.workflow.progress import LeadProgress, WorkflowMetrics

    from outreach_worker.leads.contracts import (
        FinishLead,
        LeadActivitiesContract,
        RecordOwnerMessage,
        RecordReply,
    )
    from outreach_worker.leads.lead_status import (
        AUTOMATIC_REPLY,
        PERSON_OPTED_OUT,
        PERSON_REPLIED,
        ended_details,
        why_completed,
    )
    from outreach_worker.leads.run import LeadRun
    from outreach_worker.policies import ROWS
    from outreach_worker.steps.contracts import OWNER_WROTE

T = TypeVar("T")


@workflow.defn(name="Lead")
class LeadWorkflow(LeadRun, LeadContract):
    """Wait, perform, choose the next step; until the path or the lead ends."""

    @workflow.init
    def __init__(self, lead: LeadInput) -> None:
        super().__init__(lead)

    @workflow.run
    async def run(self, lead: LeadInput) -> LeadResult:  # noqa: ARG002 - __init__ has it
        running = asyncio.create_task(self._run_steps())
        over = asyncio.create_task(self._until_over())
        try:
            await workflow.wait_condition(
                lambda: running.done() or self._must_end() or _has_failed(over)
            )
        except asyncio.CancelledError:
            self._stopped = True
        if _has_failed(over):
            await over
        over.cancel()
        return await _uninterrupted(self._conclude(running))

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
        if reply.event_id in self._reply_ids:
            return
        self._reply_ids.add(reply.event_id)
        self._person_wrote = self._person_wrote or not reply.automatic
        self._opted_out = self._opted_out or bool(reply.suppression_id)
        self._answered_automatically = self._answered_automatically or reply.automatic
        if not reply.automatic:
            self._answered_at = max(reply.at, self._answered_at or reply.at)
        await workflow.wait_condition(lambda: self._may_record)
        recorded = await self._lasting(
            LeadActivitiesContract.record_reply,
            RecordReply(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                event_id=reply.event_id,
                at=reply.at,
                text=reply.text,
                chat_id=reply.chat_id,
                message_id=reply.message_id,
                automatic=reply.automatic,
                suppression_id=reply.suppression_id,
            ),
            ROWS,
        )
        self._publish(recorded.unpublished)

    @workflow.signal
    async def owner_wrote(self, wrote: OwnerWrote) -> None:
        if wrote.event_id in self._owner_event_ids:
            return
        self._owner_event_ids.add(wrote.event_id)
        self._owner_wrote_at = max(wrote.at, self._owner_wrote_at or wrote.at)
        await workflow.wait_condition(lambda: self._may_record)
        recorded = await self._lasting(
            LeadActivitiesContract.record_owner_message,
            RecordOwnerMessage(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                event_id=wrote.event_id,
                at=wrote.at,
                chat_id=wrote.chat_id,
                message_id=wrote.message_id,
            ),
            ROWS,
        )
        self._publish(recorded.unpublished)

    @workflow.signal
    async def end(self, end: EndLead) -> None:
        self._ended_because = self._ended_because or end.reason

    @workflow.signal
    async def retry(self) -> None:
        self._retries += 1

    @workflow.signal
    async def skip_step(self, skip: SkipStep) -> None:
        # Runs look at it where they wait. One that was signalled before they could stays as it was.
        if workflow.patched("steps-are-skipped") and skip.step_id not in self._status.path:
            self._skips.setdefault(skip.step_id, skip.by)

    @workflow.signal(name="updateWorkflow")
    async def update_workflow(self, update: UpdateWorkflow | None = None) -> None:
        # The run looks at it where it waits.
        self._wanted = (update or UpdateWorkflow()).revision_id

    @workflow.query(name="getLeadStatus")
    def lead_status(self) -> LeadProgress:
        return self._status.progress(
            ended=self._ended_as,
            accepted=self._accepted is not None or self._connected,
            replied=self._person_wrote,
            paused=self._paused_by_owner,
            parked=self._parked > 0,
        )

    @workflow.query(name="getWorkflowMetrics")
    def metrics(self) -> WorkflowMetrics:
        info = workflow.info()
        return WorkflowMetrics(
            history_events=info.get_current_history_length(),
            history_bytes=info.get_current_history_size(),
            unpublished_events=sum(not each.done() for each in self._publishing),
            counts={"steps": len(self._status.path), "replies": len(self._reply_ids)},
        )

    async def _conclude(self, running: asyncio.Task[None]) -> LeadResult:
        """Take back what waits, record how the lead ended, and publish everything."""
        self._concluding = True
        await _ended(running)
        self._awaiting_answer = ""
        self._ended_as = result = self._result()
        if self._performing is None and self._left and workflow.patched("posts-left-are-told"):
            self._performing = self._left
        if self._performing is not None:
            self._performed(
                await self._call_off(
                    self._performing, reason=result.state.why_skipped(result.reason)
                )
            )
        await workflow.wait_condition(workflow.all_handlers_finished)
        finished = await self._lasting(
            LeadActivitiesContract.finish_lead,
            FinishLead(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                state=result.state,
                reason=result.reason,
                skipped=result.state.why_skipped(result.reason),
                begun=self._walk is not None,
            ),
            ROWS,
        )
        self._publish(finished.unpublished)
        workflow.set_current_details(ended_details(result))
        self._index(result.state)
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
        if self._ended_by_reply:
            return LeadResult(state=LeadState.REPLIED, reason=self._why_replied())
        if why := self._why_stopped():
            return LeadResult(state=LeadState.STOPPED, reason=why)
        unconnected = "" if self._connected else self._unconnected_because
        why = why_completed(self._walking.last, unconnected_because=unconnected)
        return LeadResult(state=LeadState.COMPLETED, reason=why)

    def _why_replied(self) -> str:
        if self._opted_out:
            return PERSON_OPTED_OUT
        return PERSON_REPLIED if self._person_wrote else AUTOMATIC_REPLY

    def _why_stopped(self) -> str:
        if self._ended_because:
            return self._ended_because
        if self._ended_by_owner:
            return OWNER_WROTE
        if not self._stopped:
            return self._over_because
        # Whoever asks at Temporal may say why, in words of their own: that is none of our reasons.
        called_off = workflow.cancellation_reason() == STOPPED_WITH_CAMPAIGN
        return STOPPED_WITH_CAMPAIGN if called_off else WORKFLOW_CANCELLED


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do the work to its end, whatever is cancelled meanwhile."""
    task = asyncio.create_task(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()


def _has_failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel and wait; an error that is not the cancellation rises."""
    task.cancel()
    try:
        await task
    except (asyncio.CancelledError, ActivityError) as error:
        if not is_cancelled_exception(error):
            raise
