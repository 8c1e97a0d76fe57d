"""One run of a lead through its sequence: sleep, perform, wait for an answer, choose."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from campaigns.sequences.sequence import StepCategory, StepOutcome
    from campaigns.sequences.time_limits import TIME_OVER
    from campaigns.workflow import search_attributes
    from servicekit.temporal.bugs import bug_in

    from outreach_worker.leads.contracts import LeadActivitiesContract, LeadRef
    from outreach_worker.leads.lead_status import INVITATION_NOT_ACCEPTED
    from outreach_worker.leads.plan import PlanStep
    from outreach_worker.leads.revision_switch import RevisionSwitch, SteppedBack
    from outreach_worker.leads.walk import Walk
    from outreach_worker.policies import CALL_OFF, ROWS, coming_to_its_end, waiting_for_turn
    from outreach_worker.steps.contracts import (
        OWNER_WROTE,
        STEP_SKIPPED,
        CallOff,
        LinkedInActivitiesContract,
        PerformStep,
        StepPerformed,
    )


class LeadRun(RevisionSwitch):
    """Performs step after step until the path ends, or the lead must."""

    async def _run_steps(self) -> None:
        plan = await self._lasting(
            LeadActivitiesContract.begin_lead,
            LeadRef(campaign_id=self._lead.campaign_id, lead_id=self._lead.lead_id),
            ROWS,
        )
        self._walk = Walk(plan=plan, begun_at=self._now())
        self._publish(plan.unpublished)
        if plan.ended is not None:
            return
        while (turn := self._walking.turn) is not None and not await self._ends():
            step = self._walking.step(turn.step_id)
            self._waiting(step, "delay", until=turn.not_before)
            if not await self._sleep_until(turn.not_before, step):
                await self._revise()
            elif self._paused_by_owner and step.step_id not in self._skips:
                await self._wait_for_reply(step)
            elif not await self._ends():
                try:
                    performed = await self._take(turn.step_id)
                except SteppedBack as stepped:
                    if stepped.plan is not None:
                        await self._adopt(stepped.plan)
                else:
                    self._note(turn.step_id, performed)
                    self._walk = self._walking.past(turn.step_id, performed)
                if self._failed:
                    return
                await self._record_turn_anew()

    def _note(self, step_id: str, performed: StepPerformed) -> None:
        """Keep why an invitation has come to no connection: the end is explained by it."""
        if self._step(step_id).waits_for_acceptance:
            failed = performed.outcome is StepOutcome.FAILED
            self._unconnected_because = performed.reason if failed else ""
            if performed.outcome is StepOutcome.NOT_ACCEPTED:
                self._unconnected_because = INVITATION_NOT_ACCEPTED

    async def _take(self, step_id: str) -> StepPerformed:
        """Perform the step and learn what the next one depends on, and since when."""
        n = 1
        performed = await self._perform(step_id, n)
        while not performed.ended and not self._must_end() and n < self._step(step_id).posts:
            n += 1
            performed = await self._perform(step_id, n)
        self._status.path.append(step_id)
        self._failed = performed.lead_failed
        if performed.reason in TIME_OVER:
            # Found out where it was asked for; this workflow's own time may be behind.
            self._ended_because = self._ended_because or performed.reason
        if performed.reason == OWNER_WROTE:
            # The gateway has found it out, and its event is still on its way.
            self._owner_wrote_at = self._owner_wrote_at or performed.at
        waits = self._step(step_id).waits_for_acceptance and performed.outcome is StepOutcome.DONE
        if not waits or self._must_end():
            return performed
        if performed.connected:
            return replace(performed, outcome=StepOutcome.ACCEPTED)
        return await self._answer(step_id, sent_at=performed.at)

    async def _perform(self, step_id: str, n: int) -> StepPerformed:
        performed = await self._perform_once(step_id, n)
        while performed.reassigned_to:
            # Another account sends from now on, under another action id.
            self._again[step_id] = self._again.get(step_id, 0) + 1
            if performed.strangers:
                self._invited = self._connected = self._acceptance_recorded = False
                self._accepted = None
            if self._lead.indexed:
                account = search_attributes.account(performed.reassigned_to)
                workflow.upsert_search_attributes([account])
            performed = await self._perform_once(step_id, n)
        return performed

    async def _perform_once(self, step_id: str, n: int) -> StepPerformed:
        """Have it performed; as often as a bug stops the lead there it is taken up again."""
        while True:
            await self._until_it_may_ask(step_id, n)
            step = self._step(step_id)
            asked = self._asked(step, n)
            self._performing = asked
            if step_id in self._skips:
                return await self._leave_out(asked)
            performing = self._start_performing(step, asked)
            try:
                performed = await self._in_turn(asked, performing)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                if (bug := bug_in(error)) is None:
                    # Called off at the gateway, or its turn never came.
                    performed = await self._call_off(asked, reason="ACTION_CANCELLED")
                else:
                    await self._park(bug)
                    performed = await self._take_up(asked)
            else:
                performed = performed or await self._take_up(asked)
            if performed is not None:
                self._performed(performed)
                return performed

    async def _leave_out(self, step: PerformStep) -> StepPerformed:
        """Withdraw the step, which nobody asks for then, and record who wanted that."""
        by = self._skips.pop(step.step_id)
        performed = await self._call_off(step, reason=STEP_SKIPPED, by=by)
        self._performed(performed)
        return performed

    async def _until_it_may_ask(self, step_id: str, n: int) -> None:
        """Wait while the lead is parked, and between two posts while its owner's word pauses it.

        Raises `SteppedBack` where a pause or another revision has come meanwhile and nothing of
        the step is done: whose turn it is, and whether it is, is then decided anew.
        """
        if self._parked:
            await workflow.wait_condition(lambda: not self._parked)
        if step_id in self._skips:
            return
        changed = self._paused_by_owner or (n == 1 and self._wanted is not None)
        if not changed or not workflow.patched("turn-decided-anew"):
            return
        if n == 1:
            raise SteppedBack(None)
        self._waiting(self._step(step_id), "reply")
        await workflow.wait_condition(
            lambda: (step_id in self._skips or not self._paused_by_owner) and not self._parked
        )

    def _asked(self, step: PlanStep, n: int) -> PerformStep:
        return PerformStep(
            campaign_id=self._lead.campaign_id,
            lead_id=self._lead.lead_id,
            revision_id=self._walking.revision_id,
            step_id=step.step_id,
            kind=step.kind,
            n=n,
            posts=step.posts,
            invited=self._invited,
            connected=self._connected,
            replied=self._person_wrote,
            again=self._again.get(step.step_id, 0),
        )

    def _start_performing(
        self, step: PlanStep, asked: PerformStep
    ) -> workflow.ActivityHandle[StepPerformed]:
        self._waiting(step, "turn")
        acts = asked.kind.category is StepCategory.ACTION
        options = waiting_for_turn(self._clock) if acts else coming_to_its_end(self._clock)
        performing = workflow.start_activity_method(
            LinkedInActivitiesContract.perform_step,
            asked,
            summary=f"{step.kind} {asked.n}/{step.posts}" if step.posts > 1 else str(step.kind),
            **options,
        )
        performing.add_done_callback(_heard)
        # Only the gateway lets a step wait long for its turn, and can call it off.
        if acts:
            self._in_turn_now = performing
        return performing

    async def _take_up(self, step: PerformStep) -> StepPerformed | None:
        """After the step was stopped in its turn: what it came to; None if to nothing.

        Then the gateway has called an action off, and it is asked for under another name.
        """
        acts = step.kind.category is StepCategory.ACTION
        if not acts and not workflow.patched("row-read-after-parking"):
            return None
        taken_back = await self._lasting(
            LinkedInActivitiesContract.take_back_step,
            CallOff(
                step=step, reason=STEP_SKIPPED if step.step_id in self._skips else "LEAD_PARKED"
            ),
            CALL_OFF,
        )
        if taken_back.performed is None:
            self._performing = None
            self._again[step.step_id] = step.again + (1 if acts else 0)
        return taken_back.performed

    async def _answer(self, step_id: str, *, sent_at: datetime) -> StepPerformed:
        """Wait until the invitation is accepted or its deadline has run out."""
        deadline = await self._deadline(step_id, sent_at=sent_at)
        if self._accepted is not None:
            await workflow.wait_condition(lambda: self._acceptance_recorded)
            self._awaiting_answer = ""
            at = max(self._accepted.at, sent_at)
            return StepPerformed(outcome=StepOutcome.ACCEPTED, at=at)
        await self._record_answer(accepted=False, at=deadline)
        return StepPerformed(outcome=StepOutcome.NOT_ACCEPTED, at=deadline)

    async def _deadline(self, step_id: str, *, sent_at: datetime) -> datetime:
        """Wait for an answer; returns the deadline, which another revision may move."""
        while True:
            deadline = self._walking.deadline(step_id, sent_at=sent_at)
            self._awaiting_answer = step_id
            self._waiting(self._step(step_id), "answer", until=deadline)
            left = max(self._clock.real(deadline - self._now()), timedelta())
            if self._accepted is None:
                with suppress(TimeoutError):
                    await workflow.wait_condition(
                        lambda: self._accepted is not None or self._wanted is not None,
                        timeout=left,
                        timeout_summary="Until the invitation counts as not accepted",
                    )
            if self._accepted is not None or self._wanted is None:
                return deadline
            compared = await self._compare()
            if compared.plan is not None:
                await self._adopt(compared.plan, answering=True)

    def _step(self, step_id: str) -> PlanStep:
        """The step by the revision in force."""
        return self._walking.step(step_id)

    async def _wait_for_reply(self, step: PlanStep) -> None:
        """Wait until the person answers the owner, or another revision comes."""
        self._waiting(step, "reply")
        await workflow.wait_condition(
            lambda: (
                not self._paused_by_owner
                or self._must_end()
                or self._wanted is not None
                or step.step_id in self._skips
            )
        )

    async def _sleep_until(self, moment: datetime, step: PlanStep) -> bool:
        """Sleep, unless the step is left out; False if another revision came in between."""
        left = self._clock.real(moment - self._now())
        if left > timedelta():
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._wanted is not None or step.step_id in self._skips,
                    timeout=left,
                    timeout_summary=f"Until the turn of {step.kind}",
                )
        return self._wanted is None


def _heard(performing: workflow.ActivityHandle[StepPerformed]) -> None:
    """Whoever calls a step off asks for it no more; asyncio logs errors that nobody asked for."""
    if not performing.cancelled():
        performing.exception()
