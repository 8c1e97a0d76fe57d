"""The activities as the workflows see them: names, inputs and results. No bodies.

The workflows import this module alone, so that nothing that touches a network
is ever loaded into them. Inputs carry ids; texts and lists stay in the tables
and never enter a history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import AutomaticReplies, CampaignState, LeadState
from campaigns.sequence import Exit, Sequence, Step, StepKind, StepOutcome
from campaigns.workflows import PERFORM_STEP
from temporalio import activity

CAMPAIGN_STARTED = "campaign.started"
CAMPAIGN_PAUSED = "campaign.paused"
CAMPAIGN_RESUMED = "campaign.resumed"
CAMPAIGN_STOPPED = "campaign.stopped"
CAMPAIGN_COMPLETED = "campaign.completed"
LEAD_STARTED = "lead.started"
LEAD_COMPLETED = "lead.completed"
LEAD_FAILED = "lead.failed"
STEP_COMPLETED = "step.completed"
STEP_FAILED = "step.failed"
INVITATION_ACCEPTED = "invitation.accepted"
REPLY_RECEIVED = "reply.received"
SEQUENCE_WEBHOOK = "sequence.webhook"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that customers may hear about, by ids; its snapshots are read from the rows.

    `key` tells apart what can happen to the same subject several times.
    """

    type: str
    campaign_id: str
    at: datetime
    lead_id: str = ""
    step_id: str = ""
    key: str = ""
    state: str = ""
    reason: str = ""
    message: str = ""
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False
    taken: str = ""

    @property
    def event_id(self) -> str:
        """Made from ids, so publishing twice is publishing once."""
        parts = (self.campaign_id, self.lead_id, self.step_id, self.type, self.key)
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class LeadRef:
    """One lead of one campaign."""

    campaign_id: str
    lead_id: str


@dataclass(frozen=True, kw_only=True)
class PlanExit:
    """A way out of a step at which paths part."""

    name: str
    step_id: str | None = None
    delay_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """A compiled step without its texts: what the workflow decides by."""

    step_id: str
    index: int
    kind: StepKind
    next_step_id: str | None = None
    next_delay_seconds: float = 0.0
    not_accepted_step_id: str | None = None
    accept_within_seconds: float = 0.0
    waits_for_acceptance: bool = False
    posts: int = 1
    wait_seconds: float = 0.0
    exits: tuple[PlanExit, ...] = ()

    def compiled(self) -> Step:
        """As the sequence's own rules take it."""
        return Step(
            step_id=self.step_id,
            index=self.index,
            kind=self.kind,
            next_step_id=self.next_step_id,
            next_delay=timedelta(seconds=self.next_delay_seconds),
            not_accepted_step_id=self.not_accepted_step_id,
            accept_within=timedelta(seconds=self.accept_within_seconds),
            waits_for_acceptance=self.waits_for_acceptance,
            posts=self.posts,
            wait_for=timedelta(seconds=self.wait_seconds),
            exits=tuple(
                Exit(
                    name=way.name,
                    step_id=way.step_id,
                    delay=timedelta(seconds=way.delay_seconds),
                )
                for way in self.exits
            ),
        )


@dataclass(frozen=True, kw_only=True)
class LeadPlan:
    """What a lead is going to walk through.

    `ended` is set when the lead's row says that it has ended already: it was
    called off between its admission and its first task.
    """

    revision_id: str
    continue_after_reply: bool
    steps: tuple[PlanStep, ...]
    automatic_replies: AutomaticReplies = AutomaticReplies.END
    ended: LeadState | None = None
    reason: str = ""
    unpublished: tuple[Happening, ...] = ()

    def step(self, step_id: str) -> PlanStep:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.step_id == step_id:
                return step
        raise KeyError(step_id)

    def sequence(self) -> Sequence:
        """As the sequence's own rules take it."""
        return Sequence(steps=tuple(step.compiled() for step in self.steps))


@dataclass(frozen=True, kw_only=True)
class PerformStep:
    """Perform a step of a lead; `n` counts the posts of a step that has several, from 1.

    `invited`, `connected` and `replied` are what the lead knows of the person.
    `again` counts how often the step was taken back before it was performed: what was
    called off at the gateway stays called off, so each time it has another name there.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    step_id: str
    kind: StepKind
    n: int = 1
    posts: int = 1
    invited: bool = False
    connected: bool = False
    replied: bool = False
    again: int = 0

    @property
    def request_id(self) -> str:
        """The action's name at the gateway: made from ids, never from an attempt."""
        name = f"{self.campaign_id}/{self.lead_id}/{self.step_id}/{self.kind}"
        name = f"{name}/again-{self.again}" if self.again else name
        return name if self.posts == 1 else f"{name}/{self.n}"


@dataclass(frozen=True, kw_only=True)
class StepPerformed:
    """What became of a step, or of one of its posts.

    `ended` is False while the step has more posts to go. `lead_failed` carries
    the reason when the lead cannot go on. `moved_to` is the account that the lead was
    moved to instead, when nothing has been performed. `invited` says that an invitation is
    out, `connected` that the person is connected to the account. `taken` names
    the exit by which a condition or a split is left.
    """

    outcome: StepOutcome
    at: datetime
    reason: str = ""
    ended: bool = True
    lead_failed: str = ""
    moved_to: str = ""
    invited: bool = False
    connected: bool = False
    taken: str = ""
    unpublished: tuple[Happening, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CallOff:
    """Take back a step that waits for its turn; `reason` is why, if it comes to that."""

    step: PerformStep
    reason: str


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """A step was taken back before it was performed, or `performed` says that it was too late."""

    performed: StepPerformed | None = None


@dataclass(frozen=True, kw_only=True)
class CompareRevision:
    """Whether a lead may go on with another revision; empty means the campaign's present one.

    `path` are the steps behind it, `current` the one whose turn it waits for, if it does.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    wanted_id: str
    path: tuple[str, ...]
    current: str = ""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What to go on with; no plan means with the one it has.

    `current_unchanged` says that the step it waits for is the same deed in both.
    """

    plan: LeadPlan | None = None
    current_unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class AdoptRevision:
    """Record that a lead goes on with another revision, and whose turn it is now, since when.

    `keeps` says that this step waits for its turn already and goes on to do so.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    since: datetime
    step_id: str = ""
    keeps: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordAnswer:
    """Record what came of an invitation: accepted or, by its deadline, not.

    `step_id` is the connection request that waits for the answer, empty when
    none does.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    accepted: bool
    at: datetime
    step_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordReply:
    """Record what the person wrote."""

    campaign_id: str
    lead_id: str
    event_id: str
    at: datetime
    text: str
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class FinishLead:
    """Record how a lead ended; `skipped` is why the step that it waits for is not performed."""

    campaign_id: str
    lead_id: str
    state: LeadState
    reason: str = ""
    skipped: str = ""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Recorded; what could not be published at once is handed back."""

    unpublished: tuple[Happening, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CampaignRef:
    """One campaign."""

    campaign_id: str


@dataclass(frozen=True, kw_only=True)
class Steer:
    """What an operator wants of a campaign; `reason` is for people."""

    campaign_id: str
    reason: str = ""
    complete_current_executions: bool = False


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """What an admission came to.

    `running` and `ready` count the campaign's leads afterwards. `next_at` is
    when admission is worth trying again, if only time stands in the way.
    `waits_for_room` says that the next lead that ends wakes the campaign.
    """

    started: int = 0
    running: int = 0
    ready: int = 0
    next_at: datetime | None = None
    waits_for_room: bool = False
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class EndCampaign:
    """End a campaign of which every lead has ended; `stopped` says that it was stopped."""

    campaign_id: str
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class CampaignEnd:
    """How the campaign ended; None if it has got new leads meanwhile."""

    state: CampaignState | None = None
    unpublished: tuple[Happening, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CalledOff:
    """How many leads were asked to end."""

    leads: int = 0


class LinkedInActivitiesContract:
    """What a lead asks of LinkedIn."""

    @activity.defn(name=PERFORM_STEP)
    async def perform_step(self, step: PerformStep) -> StepPerformed:
        """Perform a step and record what became of it."""
        raise NotImplementedError

    @activity.defn(name="call_off_step")
    async def call_off_step(self, call_off: CallOff) -> StepPerformed:
        """Take back a step that waits for its turn, and record what is true of it."""
        raise NotImplementedError

    @activity.defn(name="take_back_step")
    async def take_back_step(self, call_off: CallOff) -> TakenBack:
        """Take back a step that has changed; record it only if it was performed."""
        raise NotImplementedError


class RevisionActivitiesContract:
    """What a lead asks when its sequence has another revision."""

    @activity.defn(name="compare_revision")
    async def compare_revision(self, compare: CompareRevision) -> Compared:
        """Find out whether the lead may go on with another revision."""
        raise NotImplementedError

    @activity.defn(name="adopt_revision")
    async def adopt_revision(self, adopt: AdoptRevision) -> None:
        """Record that the lead goes on with another revision."""
        raise NotImplementedError


class LeadActivitiesContract:
    """What a lead asks of its row."""

    @activity.defn(name="begin_lead")
    async def begin_lead(self, lead: LeadRef) -> LeadPlan:
        """Record that the lead has begun; returns what lies before it."""
        raise NotImplementedError

    @activity.defn(name="record_answer")
    async def record_answer(self, answer: RecordAnswer) -> Recorded:
        """Record what came of the invitation."""
        raise NotImplementedError

    @activity.defn(name="record_reply")
    async def record_reply(self, reply: RecordReply) -> Recorded:
        """Record what the person wrote."""
        raise NotImplementedError

    @activity.defn(name="finish_lead")
    async def finish_lead(self, finish: FinishLead) -> Recorded:
        """Record how the lead ended, and wake its campaign if that waits for room."""
        raise NotImplementedError


class CampaignActivitiesContract:
    """What a campaign asks of its list of leads."""

    @activity.defn(name="admit_leads")
    async def admit_leads(self, campaign: CampaignRef) -> Admitted:
        """Start the workflows of as many leads as may begin."""
        raise NotImplementedError

    @activity.defn(name="stop_ready_leads")
    async def stop_ready_leads(self, campaign: CampaignRef) -> None:
        """End the leads that were never admitted."""
        raise NotImplementedError

    @activity.defn(name="call_off_leads")
    async def call_off_leads(self, campaign: CampaignRef) -> CalledOff:
        """Ask every lead in the sequence to end."""
        raise NotImplementedError

    @activity.defn(name="tell_revision")
    async def tell_revision(self, campaign: CampaignRef) -> None:
        """Tell every lead in the sequence of the campaign's present revision."""
        raise NotImplementedError

    @activity.defn(name="end_campaign")
    async def end_campaign(self, end: EndCampaign) -> CampaignEnd:
        """Record that the campaign is over."""
        raise NotImplementedError


class SteeringActivitiesContract:
    """What an operator asks of a campaign through its workflow."""

    @activity.defn(name="pause_campaign")
    async def pause_campaign(self, steer: Steer) -> None:
        """Hold the campaign, have its row say so, and tell its workflow."""
        raise NotImplementedError

    @activity.defn(name="resume_campaign")
    async def resume_campaign(self, steer: Steer) -> None:
        """Lift the hold, have the campaign's row say so, and tell its workflow."""
        raise NotImplementedError

    @activity.defn(name="stop_campaign")
    async def stop_campaign(self, steer: Steer) -> None:
        """Stop the campaign for good, and tell its workflow."""
        raise NotImplementedError


class EventActivitiesContract:
    """What workflows tell customers."""

    @activity.defn(name="publish_event")
    async def publish_event(self, happening: Happening) -> None:
        """Make it known to every endpoint that wants it."""
        raise NotImplementedError
