"""The activities of a lead as a story tells them: what each step comes to, and what was recorded.

Time is the Temporal server's, so that a story can skip weeks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from campaigns.answers import AutomaticReplies, OwnerMessages
from campaigns.models import LeadState
from campaigns.sequences.sequence import StepKind, StepOutcome
from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract, Recorded
from outreach_worker.leads.contracts import (
    FinishLead,
    LeadActivitiesContract,
    LeadRef,
    RecordAnswer,
    RecordOwnerMessage,
    RecordReply,
)
from outreach_worker.leads.parking_contracts import Parked, ParkingActivitiesContract, ParkLead
from outreach_worker.leads.plan import LeadPlan, PlanExit, PlanStep
from outreach_worker.leads.revision_contracts import (
    AdoptRevision,
    Compared,
    CompareRevision,
    RevisionActivitiesContract,
)
from outreach_worker.steps.contracts import (
    CallOff,
    LinkedInActivitiesContract,
    PerformStep,
    StepPerformed,
    TakenBack,
)
from servicekit.temporal.bugs import ACTIVITY_BUG
from temporalio import activity
from temporalio.exceptions import ApplicationError

DAY = timedelta(days=1).total_seconds()

VISIT = PlanStep(
    step_id="visit",
    index=0,
    kind=StepKind.PROFILE_VISIT,
    next_step_id="invite",
    next_delay_seconds=DAY,
)
INVITE = PlanStep(
    step_id="invite",
    index=1,
    kind=StepKind.SEND_CONNECTION_REQUEST,
    next_step_id="message",
    next_delay_seconds=2 * DAY,
    not_accepted_step_id="withdraw",
    accept_within_seconds=10 * DAY,
    waits_for_acceptance=True,
)
MESSAGE = PlanStep(step_id="message", index=2, kind=StepKind.SEND_FOLLOWUP)
WITHDRAW = PlanStep(
    step_id="withdraw",
    index=3,
    kind=StepKind.WITHDRAW_REQUEST,
    next_step_id="hook",
    next_delay_seconds=5 * DAY,
)
HOOK = PlanStep(step_id="hook", index=4, kind=StepKind.WEBHOOK)
PLAN = (VISIT, INVITE, MESSAGE, WITHDRAW, HOOK)
"""What the builder can draw."""

WAIT = PlanStep(
    step_id="wait",
    index=0,
    kind=StepKind.WAIT,
    next_step_id="asked",
    next_delay_seconds=DAY,
    wait_seconds=3 * DAY,
)
ASKED = PlanStep(
    step_id="asked",
    index=1,
    kind=StepKind.CONDITION,
    exits=(
        PlanExit(name="yes", step_id="greet", delay_seconds=DAY),
        PlanExit(name="no", step_id="split", delay_seconds=2 * DAY),
    ),
)
GREET = PlanStep(step_id="greet", index=2, kind=StepKind.SEND_FOLLOWUP)
SPLIT = PlanStep(
    step_id="split",
    index=3,
    kind=StepKind.SPLIT,
    exits=(
        PlanExit(name="A", step_id="invite", delay_seconds=DAY),
        PlanExit(name="B"),
    ),
)
FORKED = (WAIT, ASKED, GREET, SPLIT, *PLAN[1:])
"""What our own nodes add to it."""

Comes = Callable[[PerformStep, int], StepPerformed]
"""What a step comes to at its n-th attempt (from 1); it may raise."""


def now() -> datetime:
    """The server's time, which skips."""
    return activity.info().current_attempt_scheduled_time


def done(**more: Any) -> Comes:
    return lambda _step, _attempt: StepPerformed(outcome=StepOutcome.DONE, at=now(), **more)


def failed(reason: str, *, lead: bool = False, exit_name: str = "") -> Comes:
    return lambda _step, _attempt: StepPerformed(
        outcome=StepOutcome.FAILED,
        at=now(),
        reason=reason,
        lead_failed=reason if lead else "",
        exit_name=exit_name,
    )


def waits(after: timedelta, *, times: int, then: Comes) -> Comes:
    """The gateway says `not yet` so many times."""

    def comes(step: PerformStep, attempt: int) -> StepPerformed:
        if attempt <= times:
            raise ApplicationError("not yet", type="ACCOUNT_PARKED", next_retry_delay=after)
        return then(step, attempt)

    return comes


def moves(account_id: str, *, then: Comes) -> Comes:
    """The first time, the lead is moved to another account instead."""

    def comes(step: PerformStep, attempt: int) -> StepPerformed:
        if step.again == 0:
            return StepPerformed(
                outcome=StepOutcome.SKIPPED, at=now(), ended=False, reassigned_to=account_id
            )
        return then(step, attempt)

    return comes


def bug(activity_type: str) -> ApplicationError:
    """The failure by which an activity ends because of a bug."""
    return ApplicationError("a bug", activity_type, "7f", type=ACTIVITY_BUG, non_retryable=True)


def breaks(*, until_again: int, then: Comes) -> Comes:
    """A bug ends it, as often as it is asked for under a name before that one."""

    def comes(step: PerformStep, attempt: int) -> StepPerformed:
        if step.again < until_again:
            raise bug("perform_step")
        return then(step, attempt)

    return comes


def breaks_once(*, then: Comes) -> Comes:
    """A bug ends it the first time that it is asked for."""
    asked = 0

    def comes(step: PerformStep, attempt: int) -> StepPerformed:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise bug("perform_step")
        return then(step, attempt)

    return comes


def never() -> Comes:
    """Its turn never comes."""
    return waits(timedelta(days=30), times=1000, then=done())


@dataclass
class Story(
    LinkedInActivitiesContract,
    LeadActivitiesContract,
    RevisionActivitiesContract,
    ParkingActivitiesContract,
    EventActivitiesContract,
):
    """What happens to one lead.

    `revisions` are the plans that it may move to, by the revision's id; to others it may not.
    """

    steps: Sequence[PlanStep] = PLAN
    comes: dict[str, Comes] = field(default_factory=dict)
    continue_after_reply: bool = False
    ended: LeadState | None = None
    dispatcher_back_at: datetime | None = None
    revisions: dict[str, Sequence[PlanStep]] = field(default_factory=dict)
    automatic_replies: AutomaticReplies = AutomaticReplies.END
    owner_messages: OwnerMessages = OwnerMessages.END
    end_at: datetime | None = None
    longest: timedelta | None = None
    end_at_by_revision: dict[str, datetime] = field(default_factory=dict)
    """What the campaign's end is by the time that a revision is looked at."""
    end_moved_to: datetime | None = None
    """What the campaign's end is by now, without the lead's having been told."""
    too_late: bool = False
    """What is taken back was performed already."""

    performed: list[tuple[str, datetime]] = field(default_factory=list)
    """Each step that was performed, with when."""
    asked: list[PerformStep] = field(default_factory=list)
    called_off: list[CallOff] = field(default_factory=list)
    taken_back: list[CallOff] = field(default_factory=list)
    compared: list[CompareRevision] = field(default_factory=list)
    adopted: list[AdoptRevision] = field(default_factory=list)
    answers: list[RecordAnswer] = field(default_factory=list)
    replies: list[RecordReply] = field(default_factory=list)
    owner_messages_recorded: list[RecordOwnerMessage] = field(default_factory=list)
    finished: list[tuple[FinishLead, datetime]] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    parked: list[ParkLead] = field(default_factory=list)

    def activities(self) -> list[Callable[..., Any]]:
        return [
            self.begin_lead,
            self.perform_step,
            self.call_off_step,
            self.take_back_step,
            self.compare_revision,
            self.adopt_revision,
            self.record_answer,
            self.record_reply,
            self.record_owner_message,
            self.finish_lead,
            self.park_lead,
            self.unpark_lead,
            self.publish_event,
        ]

    def at(self, step_id: str) -> datetime:
        """When a step was performed."""
        return dict(self.performed)[step_id]

    @property
    def path(self) -> list[str]:
        return [step_id for step_id, _ in self.performed]

    @activity.defn(name="park_lead")
    async def park_lead(self, park: ParkLead) -> Parked:
        self.parked.append(park)
        return Parked(parked=True)

    @activity.defn(name="unpark_lead")
    async def unpark_lead(self, lead: LeadRef) -> None:
        """The row is nobody's here."""

    @activity.defn(name="begin_lead")
    async def begin_lead(self, lead: LeadRef) -> LeadPlan:
        return LeadPlan(
            revision_id="seq_1",
            continue_after_reply=self.continue_after_reply,
            automatic_replies=self.automatic_replies,
            owner_messages=self.owner_messages,
            steps=tuple(self.steps),
            ended=self.ended,
            end_at=self.end_at,
            longest_seconds=self.longest.total_seconds() if self.longest else None,
            unpublished=self._postponed("lead.started", lead.campaign_id, lead.lead_id),
        )

    @activity.defn(name="perform_step")
    async def perform_step(self, step: PerformStep) -> StepPerformed:
        self.asked.append(step)
        comes = self.comes.get(step.step_id, done(invited=step.step_id == "invite"))
        performed = comes(step, activity.info().attempt)
        self.performed.append((step.step_id, performed.at))
        told = self._postponed("step.completed", step.campaign_id, step.lead_id, step.step_id)
        return replace(performed, unpublished=told)

    @activity.defn(name="call_off_step")
    async def call_off_step(self, call_off: CallOff) -> StepPerformed:
        self.called_off.append(call_off)
        kind = call_off.step.kind
        exit_name = "no" if kind is StepKind.CONDITION else ""
        return StepPerformed(
            outcome=StepOutcome.SKIPPED, at=now(), reason=call_off.reason, exit_name=exit_name
        )

    @activity.defn(name="take_back_step")
    async def take_back_step(self, call_off: CallOff) -> TakenBack:
        self.taken_back.append(call_off)
        if not self.too_late:
            return TakenBack()
        self.performed.append((call_off.step.step_id, now()))
        return TakenBack(performed=StepPerformed(outcome=StepOutcome.DONE, at=now()))

    @activity.defn(name="compare_revision")
    async def compare_revision(self, compare: CompareRevision) -> Compared:
        self.compared.append(compare)
        steps, end_at = self.revisions.get(compare.wanted_id), self.end_at
        if steps is None and self.end_moved_to is not None:
            steps, end_at = self.steps, self.end_moved_to
        if steps is None:
            return Compared()
        plan = LeadPlan(
            revision_id=compare.wanted_id or compare.revision_id,
            continue_after_reply=self.continue_after_reply,
            steps=tuple(steps),
            end_at=self.end_at_by_revision.get(compare.wanted_id, end_at),
            longest_seconds=self.longest.total_seconds() if self.longest else None,
        )
        same = compare.current in {step.step_id for step in steps}
        return Compared(plan=plan, current_unchanged=same)

    @activity.defn(name="adopt_revision")
    async def adopt_revision(self, adopt: AdoptRevision) -> None:
        self.adopted.append(adopt)

    @activity.defn(name="record_answer")
    async def record_answer(self, answer: RecordAnswer) -> Recorded:
        self.answers.append(answer)
        return Recorded()

    @activity.defn(name="record_reply")
    async def record_reply(self, reply: RecordReply) -> Recorded:
        self.replies.append(reply)
        return Recorded()

    @activity.defn(name="record_owner_message")
    async def record_owner_message(self, message: RecordOwnerMessage) -> Recorded:
        self.owner_messages_recorded.append(message)
        return Recorded()

    @activity.defn(name="finish_lead")
    async def finish_lead(self, finish: FinishLead) -> Recorded:
        self.finished.append((finish, now()))
        return Recorded()

    @activity.defn(name="publish_event")
    async def publish_event(self, event: CustomerEvent) -> None:
        if self.dispatcher_back_at is not None and now() < self.dispatcher_back_at:
            raise ConnectionError("no dispatcher")
        self.published.append(event.type)

    def _postponed(
        self, event: str, campaign_id: str, lead_id: str, step_id: str = ""
    ) -> tuple[CustomerEvent, ...]:
        if self.dispatcher_back_at is None:
            return ()
        return (
            CustomerEvent(
                type=event, campaign_id=campaign_id, lead_id=lead_id, step_id=step_id, at=now()
            ),
        )
