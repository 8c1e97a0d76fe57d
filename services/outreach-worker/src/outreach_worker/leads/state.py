"""The state of a lead's run, and what all parts of the run do with it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from campaigns.models import LeadState
    from campaigns.sequences.sequence import StepKind
    from campaigns.sequences.time_limits import TimeLimit
    from campaigns.workflow import search_attributes
    from campaigns.workflow.contracts import InvitationAccepted, LeadInput, LeadResult
    from servicekit.temporal.bugs import EndedByBug, bug_in

    from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract
    from outreach_worker.leads.contracts import LeadActivitiesContract, LeadRef, RecordAnswer
    from outreach_worker.leads.lead_status import LeadStatus, parked_details
    from outreach_worker.leads.parking_contracts import ParkingActivitiesContract, ParkLead
    from outreach_worker.leads.plan import LeadPlan, PlanStep
    from outreach_worker.leads.walk import Walk
    from outreach_worker.policies import (
        CALL_OFF,
        PARK,
        PUBLISH,
        ROWS,
        ActivityOptions,
        parked_unseen,
    )
    from outreach_worker.steps.contracts import (
        CallOff,
        LinkedInActivitiesContract,
        PerformStep,
        StepPerformed,
    )
    from outreach_worker.workflow_clock import clock_of

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class LeadRunState:
    """The lead's plan, the steps behind it, and what is known of the person."""

    def __init__(self, lead: LeadInput) -> None:
        self._lead = lead
        self._clock = clock_of(lead.clock)
        self._walk: Walk | None = None
        self._performing: PerformStep | None = None
        self._left: PerformStep | None = None
        """The next post of a step that has performed some, where none is being performed."""
        self._awaiting_answer = ""
        self._accepted: InvitationAccepted | None = None
        self._acceptance_recorded = False
        self._connected = False
        self._invited = False
        self._reply_ids: set[str] = set()
        self._person_wrote = self._opted_out = False
        self._answered_automatically = False
        self._answered_at: datetime | None = None
        self._owner_event_ids: set[str] = set()
        self._owner_wrote_at: datetime | None = None
        self._ended_because = ""
        self._over = ""
        """Why its time is over, by its row; decided once."""
        self._ended_as: LeadResult | None = None
        self._failed = ""
        self._unconnected_because = ""
        self._stopped = False
        self._concluding = False
        self._status = LeadStatus(lead=lead)
        self._turn_unrecorded = False
        self._wanted: str | None = None
        self._again: dict[str, int] = {}
        self._skips: dict[str, str] = {}
        """Steps that are to be left out once they are the lead's next, with who asked for it."""
        self._recording_answer = asyncio.Lock()
        self._parked = 0
        """Calls that a bug has stopped, and that wait until the lead is sent on."""
        self._parkings = self._unseen = 0
        self._in_turn_now: workflow.ActivityHandle[StepPerformed] | None = None
        self._retries = 0
        self._publishing: list[workflow.ActivityHandle[None]] = []

    @property
    def _plan(self) -> LeadPlan | None:
        return self._walk.plan if self._walk else None

    @property
    def _walking(self) -> Walk:
        """Plan and place as they are now; to be asked for again after every wait."""
        if self._walk is None:
            raise RuntimeError("The lead has not begun.")
        return self._walk

    @property
    def _ended_by_reply(self) -> bool:
        """A reply has ended the sequence; of who opted out no campaign goes on."""
        plan = self._plan
        if plan is None or (plan.continue_after_reply and not self._opted_out):
            return False
        ends = plan.automatic_replies.ends
        return self._person_wrote or (self._answered_automatically and ends)

    @property
    def _ended_by_owner(self) -> bool:
        """The account's owner has taken the conversation over."""
        plan, wrote = self._plan, self._owner_wrote_at is not None
        return plan is not None and wrote and plan.owner_messages.ends

    @property
    def _paused_by_owner(self) -> bool:
        """The account's owner has written by hand, and the person has not answered yet."""
        plan, wrote_at = self._plan, self._owner_wrote_at
        if plan is None or wrote_at is None:
            return False
        return plan.owner_messages.pauses and (
            self._answered_at is None or self._answered_at <= wrote_at
        )

    @property
    def _limit(self) -> TimeLimit | None:
        return self._walk.limit if self._walk else None

    @property
    def _over_because(self) -> str:
        """Why nothing more is done for the lead, if its time is over while it has a turn left.

        Its row says so: the end may have been moved while the lead could not hear of it.
        """
        if self._over:
            return self._over if self._walking.turn is not None else ""
        limit = self._limit_reached
        return limit.reason if limit and not workflow.patched("row-asked-before-the-end") else ""

    @property
    def _limit_reached(self) -> TimeLimit | None:
        """The limit that the lead carries, if that has come."""
        limit = self._limit
        return limit if limit is not None and self._now() >= limit.at else None

    def _must_end(self) -> bool:
        ended = self._ended_by_reply or self._ended_by_owner or bool(self._over_because)
        return self._stopped or ended or bool(self._ended_because)

    @property
    def _may_record(self) -> bool:
        """The lead has begun, or will not any more."""
        return self._walk is not None or self._concluding

    @property
    def _inviting(self) -> bool:
        step = self._performing
        return step is not None and step.kind is StepKind.SEND_CONNECTION_REQUEST

    def _performed(self, performed: StepPerformed) -> None:
        step, self._performing = self._performing, None
        goes_on = step and not performed.ended and not performed.reassigned_to
        self._left = replace(step, n=step.n + 1) if step and goes_on else None
        self._invited = self._invited or performed.invited
        self._connected = self._connected or performed.connected
        self._publish(performed.unpublished)

    async def _record_answer(self, *, accepted: bool, at: datetime) -> None:
        """One at a time: an acceptance after the deadline is the last word."""
        step_id, self._awaiting_answer = self._awaiting_answer, ""
        async with self._recording_answer:
            recorded = await self._lasting(
                LeadActivitiesContract.record_answer,
                RecordAnswer(
                    campaign_id=self._lead.campaign_id,
                    lead_id=self._lead.lead_id,
                    revision_id=self._walk.revision_id if self._walk else "",
                    accepted=accepted,
                    at=at,
                    step_id=step_id,
                ),
                ROWS,
            )
        self._publish(recorded.unpublished)

    async def _call_off(self, step: PerformStep, *, reason: str, by: str = "") -> StepPerformed:
        return await self._lasting(
            LinkedInActivitiesContract.call_off_step,
            CallOff(step=step, reason=reason, by=by),
            CALL_OFF,
        )

    # --- Parked by a bug ------------------------------------------------------------

    async def _lasting(
        self,
        method: Callable[[Any, Argument], Coroutine[Any, Any, Result]],
        argument: Argument,
        options: ActivityOptions,
    ) -> Result:
        """An activity's result; a bug that ends it parks the lead, which then asks again."""
        while True:
            try:
                result: Result = await workflow.execute_activity_method(method, argument, **options)
            except ActivityError as error:
                bug = bug_in(error)
                if bug is None:
                    raise
                await self._park(bug)
            else:
                _hear_cancellation()
                return result

    async def _park(self, bug: EndedByBug) -> None:
        """Stand still until the lead is sent on; nothing of it is queued meanwhile."""
        self._parked, self._parkings = self._parked + 1, self._parkings + 1
        if self._in_turn_now is not None:
            # What it waits for is taken up again under another name, or was performed.
            self._in_turn_now.cancel()
        try:
            while True:
                retries = self._retries
                seen = await self._record_parked(bug)
                _hear_cancellation()
                # Where nobody can see it, nobody sends it on.
                with suppress(TimeoutError):
                    await workflow.wait_condition(
                        lambda: self._retries > retries,  # noqa: B023 - awaited within the round
                        timeout=None if seen else parked_unseen(self._unseen),
                        timeout_summary="Until what a bug has stopped is tried again",
                    )
                self._unseen += not seen
                if await self._record_sent_on():
                    return
        finally:
            self._parked -= 1

    async def _record_parked(self, bug: EndedByBug) -> bool:
        """Have everybody see it; False if its row cannot say so."""
        workflow.set_current_details(parked_details(bug))
        self._index(LeadState.PARKED)
        parking = ParkLead(
            campaign_id=self._lead.campaign_id,
            lead_id=self._lead.lead_id,
            activity=bug.activity,
            trace_id=bug.trace_id,
            reason=bug.reason,
        )
        try:
            parked = await workflow.execute_activity_method(
                ParkingActivitiesContract.park_lead, parking, **PARK
            )
        except ActivityError as error:
            if bug_in(error) is None:
                raise
            return False
        return parked.parked

    async def _record_sent_on(self) -> bool:
        """The row says that the lead goes on; False if a bug has stopped that too."""
        lead = LeadRef(campaign_id=self._lead.campaign_id, lead_id=self._lead.lead_id)
        try:
            await workflow.execute_activity_method(
                ParkingActivitiesContract.unpark_lead, lead, **ROWS
            )
        except ActivityError as error:
            if bug_in(error) is None:
                raise
            return False
        self._index(LeadState.RUNNING)
        return True

    def _index(self, state: LeadState) -> None:
        if self._lead.indexed:
            workflow.upsert_search_attributes([search_attributes.lead_state(state)])

    def _publish(self, events: Sequence[CustomerEvent]) -> None:
        """Publish in the background what the dispatcher would not take at once."""
        self._publishing.extend(
            workflow.start_activity_method(EventActivitiesContract.publish_event, event, **PUBLISH)
            for event in events
        )

    def _now(self) -> datetime:
        return self._clock.at(workflow.now())

    def _waiting(self, step: PlanStep, waits_for: str, *, until: datetime | None = None) -> None:
        """Say what the lead waits for, to operators."""
        workflow.set_current_details(self._status.waiting(step, waits_for, until=until))


def _hear_cancellation() -> None:
    """Raise the cancellation of whoever runs, if an activity has swallowed it.

    One that is answered as it is cancelled has a result, and who awaits it goes on, for good.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling() and workflow.patched("cancellation-heard"):
        raise asyncio.CancelledError
