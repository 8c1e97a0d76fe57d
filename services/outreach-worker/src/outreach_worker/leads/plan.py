"""What a lead is going to go through, without its texts: what its workflow decides by. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.answers import AutomaticReplies, OwnerMessages
from campaigns.models import Campaign, LeadState
from campaigns.sequences.sequence import Exit, Sequence, Step, StepKind
from campaigns.sequences.time_limits import TimeLimit, time_limit

from outreach_worker.events.contracts import CustomerEvent


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
class ReplyPolicies:
    """What a message of the person, or of the account's owner, means for a lead; and its time."""

    continue_after_reply: bool
    automatic_replies: AutomaticReplies
    owner_messages: OwnerMessages
    end_at: datetime | None = None
    longest_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class LeadPlan:
    """What a lead is going to walk through.

    `ended` is set when the lead's row says that it has ended already: it was
    called off between its admission and its first task. `end_at` is the end of
    its campaign, `longest_seconds` for how long it is in the sequence at the most.
    """

    revision_id: str
    continue_after_reply: bool
    steps: tuple[PlanStep, ...]
    automatic_replies: AutomaticReplies = AutomaticReplies.END
    owner_messages: OwnerMessages = OwnerMessages.END
    ended: LeadState | None = None
    reason: str = ""
    unpublished: tuple[CustomerEvent, ...] = ()
    """What a release of before handed back to be published; empty since."""
    end_at: datetime | None = None
    longest_seconds: float | None = None

    def limit(self, *, begun_at: datetime) -> TimeLimit | None:
        """When a lead that has begun then is over, whatever is still to come."""
        longest = self.longest_seconds
        return time_limit(
            end_at=self.end_at,
            longest=None if longest is None else timedelta(seconds=longest),
            begun_at=begun_at,
        )

    def step(self, step_id: str) -> PlanStep:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.step_id == step_id:
                return step
        raise KeyError(step_id)

    @property
    def policies(self) -> ReplyPolicies:
        """By which it decides whether it has ended."""
        return ReplyPolicies(
            continue_after_reply=self.continue_after_reply,
            automatic_replies=self.automatic_replies,
            owner_messages=self.owner_messages,
            end_at=self.end_at,
            longest_seconds=self.longest_seconds,
        )

    def sequence(self) -> Sequence:
        """As the sequence's own rules take it."""
        return Sequence(steps=tuple(step.compiled() for step in self.steps))


def lead_plan(
    campaign: Campaign,
    revision_id: str,
    sequence: Sequence,
    *,
    unpublished: tuple[CustomerEvent, ...] = (),
) -> LeadPlan:
    """What lies before a lead of the campaign on this revision."""
    longest = campaign.settings.max_lead_duration
    return LeadPlan(
        revision_id=revision_id,
        end_at=campaign.settings.end_at,
        longest_seconds=None if longest is None else longest.total_seconds(),
        continue_after_reply=campaign.settings.continue_after_reply,
        automatic_replies=campaign.settings.automatic_replies,
        owner_messages=campaign.settings.owner_messages,
        steps=tuple(_plan_step(step) for step in sequence.steps),
        unpublished=unpublished,
    )


def _plan_step(step: Step) -> PlanStep:
    return PlanStep(
        step_id=step.step_id,
        index=step.index,
        kind=step.kind,
        next_step_id=step.next_step_id,
        next_delay_seconds=step.next_delay.total_seconds(),
        not_accepted_step_id=step.not_accepted_step_id,
        accept_within_seconds=step.accept_within.total_seconds(),
        waits_for_acceptance=step.waits_for_acceptance,
        posts=step.posts,
        wait_seconds=step.wait_for.total_seconds(),
        exits=tuple(
            PlanExit(name=way.name, step_id=way.step_id, delay_seconds=way.delay.total_seconds())
            for way in step.exits
        ),
    )
