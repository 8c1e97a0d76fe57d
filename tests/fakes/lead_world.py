"""One lead in a world made of a story: the workflow's and the activities' own code, rows in memory.

Only the edges are fakes: LinkedIn (`FakeGateway` and what people do), the customers' dispatcher,
and the tables. Everything that decides what a lead does next is the code that runs in production.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from types import SimpleNamespace
from typing import Any

from campaigns.answers import OwnerMessages
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    ConnectionState,
    HeardMessage,
    Lead,
    LeadState,
    Person,
    StepExecution,
    StepState,
)
from campaigns.parking import ParkedBecause, why_parked
from campaigns.sequences.sequence import Sequence, Step, StepKind
from campaigns.workflow.contracts import (
    InvitationAccepted,
    LeadInput,
    LeadResult,
    OwnerWrote,
    ReplyReceived,
    SkipStep,
    UpdateWorkflow,
)
from outreach.linkedin.v1 import action_pb2, action_service_pb2, person_pb2, person_service_pb2
from outreach_worker.bug_policy import IN_THE_BACKGROUND, MOST_ATTEMPTS, is_bug
from outreach_worker.events.activities import EventActivities
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.leads.activities import LeadActivities
from outreach_worker.leads.parking_activities import ParkingActivities
from outreach_worker.leads.revision_activities import RevisionActivities
from outreach_worker.leads.workflow import LeadWorkflow
from outreach_worker.metrics import Metrics
from outreach_worker.senders.enrolments import Enrolments
from outreach_worker.senders.queued_actions import QueuedActions
from outreach_worker.steps.activities import LinkedInActivities
from outreach_worker.steps.conditions import Conditions
from outreach_worker.steps.gateway_actions import GatewayActions
from outreach_worker.steps.gateway_requests import StepText
from outreach_worker.steps.recorder import StepRecorder
from prometheus_client import CollectorRegistry
from servicekit.errors import PermissionDenied
from temporalio.testing import ActivityEnvironment

from tests.fakes.driven_workflow import DrivenWorkflow
from tests.fakes.gateway import FakeGateway, not_yet, refusal

BEGAN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
_IN_VAIN = 3
"""How often is asked before it is the turn of what waits."""


class Comes(Enum):
    """What an action of a step comes to."""

    DONE = auto()
    ALREADY_SO = auto()
    STEP_FAILS = auto()
    LEAD_FAILS = auto()
    COLLEAGUE_INVITED = auto()
    """An invitation is refused, because somebody else of the organization has a pending one."""
    WAITS = auto()
    NEVER = auto()


@dataclass(frozen=True, kw_only=True)
class Story:
    """What people and LinkedIn do; moments count from the lead's beginning.

    `accepts_after` counts from an invitation, `told_after` from a reply, or from what the owner
    writes, until the lead hears of it; the gateway knows at once. From `blocks_at` on the person
    cannot be reached. `reads` is what looking at a profile or at posts comes to; what is seen
    changes with every look. `edits` are the drawings that replace the one before, with when.
    """

    comes: Mapping[str, Comes] = field(default_factory=dict)
    accepts_after: timedelta | None = None
    replies_at: timedelta | None = None
    told_after: timedelta = timedelta()
    blocks_at: timedelta | None = None
    stops_at: timedelta | None = None
    owner_writes_at: timedelta | None = None
    owner_messages: OwnerMessages = OwnerMessages.END
    continue_after_reply: bool = False
    connected_before: bool = False
    open_profile: bool = False
    has_posts: bool = False
    reads: Comes = Comes.DONE
    lost: frozenset[int] = frozenset()
    edits: tuple[tuple[timedelta, Sequence], ...] = ()
    bugs: tuple[BrokenActivity, ...] = ()
    sent_on_at: tuple[timedelta, ...] = ()
    """When somebody sends the lead on, whether it is parked or not."""
    ends_at: timedelta | None = None
    """When its campaign ends."""
    longest: timedelta | None = None
    """For how long it is in the sequence at the most."""
    ends_moved: tuple[tuple[timedelta, timedelta | None], ...] = ()
    """When somebody moves its campaign's end, and to when; None takes it away."""
    ends_told_after: timedelta = timedelta()
    """How much later the lead is told: leads are told page by page."""
    skips_at: tuple[timedelta, ...] = ()
    """When somebody has it leave out the step at which it waits; twice, by a double click."""


@dataclass(frozen=True, kw_only=True)
class BrokenActivity:
    """A bug of ours in one activity, for a while; moments count from the lead's beginning."""

    activity: str
    begins_at: timedelta
    mended_at: timedelta
    after_its_effect: bool
    refused: bool = False
    """It is refused for good, for a reason that nobody foresaw, instead of raising."""
    inside: int = 0
    """Behind which of its calls of a table or of the gateway it raises; 0 for none of them."""

    def error(self) -> Exception:
        return PermissionDenied() if self.refused else KeyError(self.activity)


class MemoryLeads:
    """The rows of one lead and of its steps, by the rules of their repositories."""

    def __init__(self, lead: Lead) -> None:
        self.lead = lead
        self.rows: dict[str, StepExecution] = {}
        """In the order in which the steps were reached."""
        self.kinds: dict[str, StepKind] = {}
        self._answered_at: datetime | None = None

    async def get(self, _campaign_id: str, _lead_id: str) -> Lead:
        return self.lead

    async def begin(self, _lead_id: str, *, now: datetime) -> Lead:
        self.lead = replace(self.lead, started_at=self.lead.started_at or now)
        return self.lead

    async def record(
        self, _campaign_id: str, _lead_id: str, kind: StepKind, execution: StepExecution
    ) -> StepExecution:
        self.kinds[execution.step_id] = kind
        known = self.rows.get(execution.step_id)
        if known is None:
            self.rows[execution.step_id] = execution
        elif known.state is StepState.WAITING:
            begun_at = known.started_at or execution.started_at
            self.rows[execution.step_id] = replace(execution, started_at=begun_at)
        return self.rows[execution.step_id]

    async def ended(self, _lead_id: str, step_id: str) -> StepExecution | None:
        row = self.rows.get(step_id)
        return None if row is None or row.state is StepState.WAITING else row

    async def wait(
        self, campaign_id: str, lead_id: str, step: Step, *, revision_id: str, since: datetime
    ) -> bool:
        if self.lead.revision_id not in (revision_id, ""):
            return False
        waiting = StepExecution(step_id=step.step_id, state=StepState.WAITING, started_at=since)
        await self.record(campaign_id, lead_id, step.kind, waiting)
        return True

    async def adopt(
        self,
        campaign_id: str,
        lead_id: str,
        *,
        revision_id: str,
        waiting: Step | None,
        since: datetime,
        keeps_text: bool,
    ) -> None:
        del keeps_text
        self.lead = replace(self.lead, revision_id=revision_id)
        waiting_id = waiting.step_id if waiting else ""
        for step_id, row in list(self.rows.items()):
            if row.state is StepState.WAITING and step_id != waiting_id:
                del self.rows[step_id]
        if waiting is not None:
            await self.wait(campaign_id, lead_id, waiting, revision_id=revision_id, since=since)

    async def park(
        self,
        _campaign_id: str,
        _lead_id: str,
        *,
        because: ParkedBecause,
        activity: str,
        trace_id: str,
        now: datetime,
    ) -> bool:
        if not self.lead.state.walks:
            return False
        self.lead = replace(
            self.lead,
            state=LeadState.PARKED,
            reason=because,
            detail=why_parked(because, activity),
            trace_id=trace_id,
            parked_at=now,
        )
        return True

    async def unpark(self, _campaign_id: str, _lead_id: str, *, parked_at: datetime | None) -> bool:
        del parked_at
        if self.lead.state is not LeadState.PARKED:
            return False
        self.lead = replace(
            self.lead, state=LeadState.RUNNING, reason="", detail="", trace_id="", parked_at=None
        )
        return True

    async def skip_waiting(self, _lead_id: str, *, reason: str, now: datetime) -> list[str]:
        for step_id, row in self.rows.items():
            if row.state is StepState.WAITING:
                self.rows[step_id] = replace(
                    row, state=StepState.SKIPPED, reason=reason, ended_at=now
                )
        return [
            step_id
            for step_id, row in self.rows.items()
            if (row.state, row.reason) == (StepState.SKIPPED, reason)
        ]

    async def finish(self, _lead_id: str, *, state: LeadState, reason: str, now: datetime) -> None:
        if self.lead.state.walks:
            self.lead = replace(self.lead, state=state, reason=reason, ended_at=now)

    async def takes_wake_flag(self, _campaign_id: str) -> bool:
        return False

    async def record_connection(
        self, _lead_id: str, connection: ConnectionState, *, at: datetime
    ) -> None:
        del at
        self.lead = replace(self.lead, connection=connection)

    async def find(self, _lead_id: str, event_id: str) -> HeardMessage | None:
        return HeardMessage(text="Hello!") if event_id == "in_1" else None

    async def record_reply(self, _lead_id: str, text: str, *, at: datetime) -> None:  # noqa: ARG002
        self.lead = replace(self.lead, reply=self.lead.reply or text)

    async def record_answer(self, _lead_id: str, *, at: datetime, suppression_id: str = "") -> None:
        self._answered_at = max(at, self._answered_at or at)
        before = self.lead.opted_out_at
        if suppression_id and (before is None or before <= at):
            self.lead = replace(self.lead, opted_out_at=at, suppression_id=suppression_id)
        wrote_at = self.lead.owner_wrote_at
        if wrote_at is not None and wrote_at <= at:
            self.lead = replace(self.lead, owner_wrote_at=None)

    async def record_owner_message(self, _lead_id: str, *, at: datetime) -> None:
        if self._answered_at is None or self._answered_at < at:
            wrote_at = max(at, self.lead.owner_wrote_at or at)
            self.lead = replace(self.lead, owner_wrote_at=wrote_at)


class PublishedEvents:
    """What customers heard, by id.

    A step that is told of is looked up as the real one does it: by the lead's revision.
    """

    def __init__(self, look_up: Callable[[str], Step]) -> None:
        self.events: dict[str, CustomerEvent] = {}
        self._look_up = look_up

    def together(self) -> AbstractAsyncContextManager[None]:
        """Rows that live in memory are not taken back."""
        return nullcontext()

    async def publish(self, *events: CustomerEvent, **_: Any) -> None:
        for event in events:
            if event.step_id:
                self._look_up(event.step_id)
            self.events.setdefault(event.event_id, event)


class Fused:
    """What an activity calls, each call of which may be the last one that it makes."""

    def __init__(self, target: Any, world: World) -> None:
        self._target, self._world = target, world

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute

        async def call(*args: Any, **given: Any) -> Any:
            result = await attribute(*args, **given)
            self._world.burn()
            return result

        return call


class World(FakeGateway):
    """LinkedIn as the story has it, and everything around the lead."""

    def __init__(self, sequence: Sequence, story: Story) -> None:
        self.sequences = {"seq_1": sequence}
        """By the revision's id."""
        for number, (_, edited) in enumerate(story.edits, start=2):
            self.sequences[f"seq_{number}"] = edited
        self.in_force = [(BEGAN_AT, "seq_1")]
        """The revisions that the lead's row followed, each since when."""
        self.skipped_at: dict[str, datetime] = {}
        """Steps that somebody has had left out, with when that was first asked for."""
        ends_at = None if story.ends_at is None else BEGAN_AT + story.ends_at
        self.ends: list[tuple[datetime, datetime | None]] = [(BEGAN_AT, ends_at)]
        """The ends that its campaign had, each since when."""
        self.story = story
        self.campaign = Campaign(
            id="camp_1",
            organization_id="org_1",
            name="Spring",
            state=CampaignState.RUNNING,
            account_ids=("acct_1",),
            settings=CampaignSettings(
                continue_after_reply=story.continue_after_reply,
                owner_messages=story.owner_messages,
                end_at=ends_at,
                max_lead_duration=story.longest,
            ),
            revision_id="seq_1",
            created_at=BEGAN_AT,
        )
        self.leads = MemoryLeads(
            Lead(
                id="lead_1",
                campaign_id="camp_1",
                person=Person(public_identifier="ada-example", first_name="Ada", title="CTO"),
                state=LeadState.RUNNING,
                connection=ConnectionState.NONE,
                account_id="acct_1",
                revision_id="seq_1",
                created_at=BEGAN_AT,
            )
        )
        self.told = PublishedEvents(self._drawn)
        self.sent_at: list[tuple[str, datetime]] = []
        """The step of every action that reached the person, with when."""
        self.begun_at: dict[str, datetime] = {}
        """When the first action of a step was performed; it is not begun anew after that."""
        self.invited_at: datetime | None = None
        self.over_at: datetime | None = None
        """When its end was to be recorded for the first time."""
        self._asked_often: dict[str, int] = {}
        self._asked = self._looks = self._calls = 0
        self._burning: BrokenActivity | None = None
        self.seen: dict[datetime, bool] = {}
        """What LinkedIn showed, by when it was looked at."""
        self.driver = DrivenWorkflow(
            definition=LeadWorkflow,
            argument=LeadInput(campaign_id="camp_1", lead_id="lead_1"),
            activities=self._activities(),
            run_activity=self._run,
            ends_after_bugs=lambda name: None if name in IN_THE_BACKGROUND else MOST_ATTEMPTS,
            is_bug=lambda name, error: is_bug("Lead", name, error),
            now=BEGAN_AT,
            lost=story.lost,
        )
        super().__init__(SimpleNamespace(now=self.now))  # type: ignore[arg-type]

    def now(self) -> datetime:
        return self.driver.now

    def _run(self, function: Callable[..., Any], argument: Any) -> Any:
        """An attempt of an activity, which a bug may keep from its end: before it or after it."""
        if function.__name__ == "finish_lead":
            self.over_at = self.over_at or self.now()
        bug = self._bug_in(function.__name__)
        if bug is not None and not bug.inside and not bug.after_its_effect:
            raise bug.error()
        self._burning, self._calls = bug, 0
        try:
            result = _run(function, argument)
        finally:
            self._burning = None
        if bug is not None:
            raise bug.error()
        return result

    def burn(self) -> None:
        """One of an activity's calls has come to its end."""
        self._calls += 1
        if self._burning is not None and self._burning.inside == self._calls:
            raise self._burning.error()

    def _bug_in(self, activity: str) -> BrokenActivity | None:
        after = self.now() - BEGAN_AT
        for bug in self.story.bugs:
            if bug.activity == activity and bug.begins_at <= after < bug.mended_at:
                return bug
        return None

    def live(self, *, most: int = 3_000) -> LeadResult:
        """Tell the whole story; how the lead ended. Broken after `most` events."""
        story = self.story
        if story.replies_at is not None:
            at = BEGAN_AT + story.replies_at
            reply = ReplyReceived(event_id="in_1", at=at)
            self.driver.signal(at + story.told_after, "reply_received", reply)
        if story.owner_writes_at is not None:
            at = BEGAN_AT + story.owner_writes_at
            wrote = OwnerWrote(event_id="in_3", at=at)
            self.driver.signal(at + story.told_after, "owner_wrote", wrote)
        if story.stops_at is not None:
            self.driver.cancel(BEGAN_AT + story.stops_at)
        for after in story.sent_on_at:
            self.driver.signal(BEGAN_AT + after, "retry")
        for after, ends_at in story.ends_moved:
            self._end_moved(BEGAN_AT + after, ends_at)
        for after in story.skips_at:
            self.driver.at(BEGAN_AT + after, self._skipped)
        for number, (after, _) in enumerate(story.edits, start=2):
            self._edited(BEGAN_AT + after, f"seq_{number}")
        result: LeadResult = self.driver.until_ended(most=most)
        return result

    @property
    def sequence(self) -> Sequence:
        """What the lead follows now."""
        return self.sequences[self.leads.lead.revision_id]

    def _drawn(self, step_id: str) -> Step:
        return self.sequence.step(step_id)

    def _skipped(self) -> list[Any]:
        """As campaign-api does it: by the row, and where nothing is on the wire."""
        rows = self.leads.rows.values()
        waiting = [row.step_id for row in rows if row.state is StepState.WAITING]
        if self.leads.lead.state is LeadState.RUNNING and waiting:
            self.skipped_at.setdefault(waiting[-1], self.now())
            skip = SkipStep(step_id=waiting[-1], by="mem_1")
            for _ in range(2):
                self.driver.signal(self.now(), "skip_step", skip)
        return []

    def _end_moved(self, at: datetime, ends_at: timedelta | None) -> None:
        """The row of the campaign first, then the signal; as campaign-api does it."""

        def moved() -> list[Any]:
            end_at = None if ends_at is None else BEGAN_AT + ends_at
            settings = replace(self.campaign.settings, end_at=end_at)
            self.campaign = replace(self.campaign, settings=settings)
            self.ends.append((self.now(), end_at))
            return []

        self.driver.at(at, moved)
        self.driver.signal(at + self.story.ends_told_after, "updateWorkflow", UpdateWorkflow())

    def _edited(self, at: datetime, revision_id: str) -> None:
        """The row of the campaign first, then the signal; as campaign-api does it."""

        def edited() -> list[Any]:
            self.campaign = replace(self.campaign, revision_id=revision_id)
            return []

        self.driver.at(at, edited)
        self.driver.signal(at, "updateWorkflow", UpdateWorkflow(revision_id=revision_id))

    async def adopt(self, campaign_id: str, lead_id: str, **adopted: Any) -> None:
        """The lead's row follows another revision from now on."""
        await self.leads.adopt(campaign_id, lead_id, **adopted)
        if self.in_force[-1][1] != adopted["revision_id"]:
            self.in_force.append((self.now(), adopted["revision_id"]))

    def connected(self) -> bool:
        accepted_at = self.accepted_at()
        return self.story.connected_before or (
            accepted_at is not None and accepted_at <= self.now()
        )

    def accepted_at(self) -> datetime | None:
        if self.invited_at is None or self.story.accepts_after is None:
            return None
        return self.invited_at + self.story.accepts_after

    def _replied(self) -> bool:
        at = self.story.replies_at
        return at is not None and BEGAN_AT + at <= self.now()

    def _owner_wrote(self) -> bool:
        at = self.story.owner_writes_at
        return at is not None and BEGAN_AT + at <= self.now()

    def _heed_owner(self, policy: int) -> None:
        if not self._owner_wrote():
            return
        if policy == action_service_pb2.OWNER_MESSAGES_END:
            raise refusal("OWNER_WROTE")
        pauses = policy == action_service_pb2.OWNER_MESSAGES_PAUSE_UNTIL_ANSWERED
        if pauses and not self._answered():
            raise not_yet("OWNER_WROTE", retry_after=6 * HOUR)

    def _answered(self) -> bool:
        """Whether the person has written since the owner did."""
        wrote_at, at = self.story.owner_writes_at, self.story.replies_at
        return self._replied() and at is not None and wrote_at is not None and at > wrote_at

    def _blocked(self) -> bool:
        at = self.story.blocks_at
        return at is not None and BEGAN_AT + at <= self.now()

    async def _outcome(
        self, request: action_service_pb2.PerformActionRequest, action: action_pb2.Action
    ) -> action_pb2.ActionOutcome:
        self.comes = {request.WhichOneof("action") or "": self._come}
        return await super()._outcome(request, action)

    async def _come(
        self, request: action_service_pb2.PerformActionRequest
    ) -> action_pb2.ActionOutcome | None:
        step_id = request.action_id.split("/")[2]
        comes = self.story.comes.get(step_id, Comes.DONE)
        self._asked_often[request.action_id] = self._asked_often.get(request.action_id, 0) + 1
        if self._blocked() or comes is Comes.LEAD_FAILS:
            raise refusal("PERSON_UNREACHABLE", effect="lead_failed")
        if self._replied() and not request.continue_after_reply:
            raise refusal("ALREADY_REPLIED")
        self._heed_owner(request.owner_messages)
        if comes is Comes.STEP_FAILS:
            raise refusal("REFUSED_BY_LINKEDIN")
        if comes is Comes.NEVER:
            raise not_yet("ACCOUNT_PARKED", retry_after=timedelta(days=20))
        if comes is Comes.WAITS and self._asked_often[request.action_id] <= _IN_VAIN:
            raise not_yet("WAITING_FOR_CAP", retry_after=5 * HOUR)
        inviting = request.WhichOneof("action") == "send_invitation"
        if inviting and comes is Comes.COLLEAGUE_INVITED:
            raise refusal("ALREADY_INVITED")
        connected = inviting and self.connected()
        self.begun_at.setdefault(step_id, self.now())
        if connected or comes is Comes.ALREADY_SO:
            return action_pb2.ActionOutcome(already_so=True, connected=connected)
        self.sent_at.append((step_id, self.now()))
        if inviting:
            self._invited()
        return None

    def _invited(self) -> None:
        """The person has the invitation; some accept it."""
        if self.invited_at is not None:
            return
        self.invited_at = self.now()
        accepted_at = self.accepted_at()
        if accepted_at is not None:
            accepted = InvitationAccepted(event_id="in_2", at=accepted_at)
            self.driver.signal(accepted_at, "invitation_accepted", accepted)

    async def PerformAction(self, request: Any, context: Any = None) -> Any:  # noqa: N802
        return await super().PerformAction(request, context)

    async def EndLead(self, request: Any, context: Any = None) -> Any:  # noqa: N802
        return await super().EndLead(request, context)

    async def ListActions(self, request: Any, context: Any = None) -> Any:  # noqa: N802
        return await super().ListActions(request, context)

    async def CancelAction(self, request: Any, context: Any = None) -> Any:  # noqa: N802
        return await super().CancelAction(request, context)

    async def GetProfile(self, request: Any, context: Any = None) -> Any:  # noqa: N802, ARG002
        opened = self._look(self.story.open_profile)
        profile = person_pb2.Profile(connected=self.connected(), open_profile=opened)
        return person_service_pb2.GetProfileResponse(profile=profile)

    async def ListPosts(self, request: Any, context: Any = None) -> Any:  # noqa: N802, ARG002
        posted = self._look(self.story.has_posts)
        return person_service_pb2.ListPostsResponse(
            posts=[person_pb2.Post(post_id="1")] if posted else []
        )

    def _look(self, at_first: bool) -> bool:  # noqa: FBT001
        """What is seen there now: as it was at first, then the opposite, and so on."""
        self._asked += 1
        if self._blocked() or self.story.reads is Comes.LEAD_FAILS:
            raise refusal("PERSON_UNREACHABLE", effect="lead_failed")
        if self.story.reads is Comes.STEP_FAILS:
            raise refusal("FEATURE_NOT_SUBSCRIBED")
        if self.story.reads is Comes.NEVER:
            raise not_yet("ACCOUNT_PARKED", retry_after=timedelta(days=20))
        if self.story.reads is Comes.WAITS and self._asked <= _IN_VAIN:
            raise not_yet("WAITING_FOR_CAP", retry_after=5 * HOUR)
        self._looks += 1
        seen = at_first == bool(self._looks % 2)
        self.seen[self.now()] = seen
        return seen

    def reassignment(self, _campaigns: Any) -> Any:
        """There is no other account to give the lead to."""

        async def stays(*_: Any) -> None:
            pass

        return SimpleNamespace(reassigned=stays)

    def _activities(self) -> dict[str, Any]:
        async def get(_campaign_id: str) -> Campaign:
            return self.campaign

        async def sequence(revision_id: str) -> Sequence:
            return self.sequences[revision_id]

        async def text_of(*_: Any, **__: Any) -> StepText:
            return StepText(text="Hello!")

        async def there(*_: Any) -> None:
            """The endpoint that a webhook step names."""

        async def nobody() -> None:
            """Nobody asked the workflow to end at Temporal itself."""

        async def signal(*_told: Any, **_options: Any) -> None:
            """The campaign is not of this world."""

        temporal: Any = SimpleNamespace(
            get_workflow_handle_for=lambda *_: SimpleNamespace(signal=signal)
        )
        campaigns: Any = SimpleNamespace(get=get)
        revisions: Any = SimpleNamespace(sequence=sequence)
        clock: Any = SimpleNamespace(
            now=self.now, virtual=lambda real: real, real=lambda virtual: virtual
        )
        leads: Any = Fused(self.leads, self)
        told: Any = self.told
        world: Any = Fused(self, self)
        metrics = Metrics(CollectorRegistry())
        recorder = StepRecorder(leads, leads, revisions, told, metrics)
        lead = LeadActivities(
            campaigns,
            leads,
            leads,
            leads,
            revisions=revisions,
            recorder=recorder,
            publisher=told,
            temporal=temporal,
            enrolments=Enrolments(world, campaigns),
            metrics=metrics,
            clock=clock,
            acts=SimpleNamespace(record_cancellation=nobody),  # type: ignore[arg-type]
        )
        linkedin = LinkedInActivities(
            GatewayActions(
                world,
                campaigns,
                leads,
                texts=SimpleNamespace(text_of=text_of),  # type: ignore[arg-type]
                clock=clock,
            ),
            revisions=revisions,
            conditions=Conditions(world, campaigns, leads),
            reassignment=self.reassignment(campaigns),
            recorder=recorder,
            endpoints=SimpleNamespace(require=there),  # type: ignore[arg-type]
            metrics=metrics,
            clock=clock,
        )
        revision = RevisionActivities(campaigns, world, revisions=revisions)
        parking = ParkingActivities(
            leads, QueuedActions(world, campaigns), metrics=metrics, clock=clock
        )
        # Of leads alone: nothing of a campaign itself is published here.
        event = EventActivities(told, None)  # type: ignore[arg-type]
        return {
            "begin_lead": lead.begin_lead,
            "record_answer": lead.record_answer,
            "record_reply": lead.record_reply,
            "record_owner_message": lead.record_owner_message,
            "finish_lead": lead.finish_lead,
            "perform_step": linkedin.perform_step,
            "call_off_step": linkedin.call_off_step,
            "take_back_step": linkedin.take_back_step,
            "park_lead": parking.park_lead,
            "unpark_lead": parking.unpark_lead,
            "compare_revision": revision.compare_revision,
            "adopt_revision": revision.adopt_revision,
            "publish_event": event.publish_event,
        }


_LOOP = asyncio.new_event_loop()


def _run(function: Any, argument: Any) -> Any:
    return _LOOP.run_until_complete(ActivityEnvironment().run(function, argument))
