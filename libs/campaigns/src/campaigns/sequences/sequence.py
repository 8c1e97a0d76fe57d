"""The steps of a campaign, and which one comes next. Pure.

A lead walks one path. A step has one follower at most, except those where paths
part: a connection request has one for each answer, and a condition and a split
have exits, of which the lead takes one. Paths may meet again, but never turn back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import assert_never

from campaigns.sequences.assignment import assigned
from campaigns.sequences.experiment import ExperimentPlan

YES, NO = "yes", "no"
"""The exits of a condition."""

DEFAULT_ACCEPT_WITHIN = timedelta(days=10)
MINIMUM_ACCEPT_WITHIN = timedelta(days=1)
"""Acceptance can be seen up to 8 hours late, and people answer within days."""


class StepCategory(Enum):
    """What a step is to its path and to whoever performs it."""

    ACTION = auto()
    """Performed by the gateway, when its turn comes."""
    WEBHOOK = auto()
    """Performed by the dispatcher, at once."""
    WAIT = auto()
    CONDITION = auto()
    SPLIT = auto()


class StepKind(StrEnum):
    """What a step does, in the builder's words; the last three are our own."""

    PROFILE_VISIT = "profile_visit"
    LIKE_POST = "like_post"
    COMMENT_POST = "comment_post"
    SEND_CONNECTION_REQUEST = "send_connection_request"
    SEND_FOLLOWUP = "send_followup"
    SEND_INMAIL = "send_inmail"
    WITHDRAW_REQUEST = "withdraw_request"
    WEBHOOK = "webhook"
    WAIT = "wait"
    CONDITION = "condition"
    SPLIT = "split"

    @property
    def category(self) -> StepCategory:
        """What a step of this kind is to its path."""
        match self:
            case (
                StepKind.PROFILE_VISIT
                | StepKind.LIKE_POST
                | StepKind.COMMENT_POST
                | StepKind.SEND_CONNECTION_REQUEST
                | StepKind.SEND_FOLLOWUP
                | StepKind.SEND_INMAIL
                | StepKind.WITHDRAW_REQUEST
            ):
                return StepCategory.ACTION
            case StepKind.WEBHOOK:
                return StepCategory.WEBHOOK
            case StepKind.WAIT:
                return StepCategory.WAIT
            case StepKind.CONDITION:
                return StepCategory.CONDITION
            case StepKind.SPLIT:
                return StepCategory.SPLIT
            case _:
                assert_never(self)


class GatewayAction(Enum):
    """What the gateway can be asked to do, by the gateway's own names."""

    VISIT = auto()
    REACTION = auto()
    COMMENT = auto()
    INVITATION = auto()
    MESSAGE = auto()
    INMAIL = auto()
    WITHDRAWAL = auto()


class Question(StrEnum):
    """What a condition asks about a lead."""

    CONNECTED = "connected"
    REPLIED = "replied"
    HAS_POSTS = "has_posts"
    OPEN_PROFILE = "open_profile"
    VARIABLE_EQUALS = "variable_equals"


class StepOutcome(StrEnum):
    """What the next step depends on."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"


@dataclass(frozen=True, kw_only=True)
class AiOptions:
    """How the builder wants a text written; the values are the builder's own."""

    language: str = "english"
    length: str = "medium"
    tone: str = ""
    guidelines: str = ""
    purpose: str = ""
    mention_post: bool = False
    style: Mapping[str, str] | None = None
    allow_links: bool = False


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a condition asks; `variable` and `value` belong to VARIABLE_EQUALS alone."""

    question: Question
    variable: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Exit:
    """A way out of a step at which paths part; without `step_id` the path ends there.

    `share` is the part of the leads that a split sends this way, relative to the
    shares of its other exits.
    """

    name: str
    step_id: str | None = None
    delay: timedelta = timedelta()
    share: int = 1


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One of several versions of a step's text; `share` is relative to those of the others."""

    name: str
    text: str
    share: int = 1


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step, compiled: everything a worker needs to perform it.

    `wait_for` passes once it is the step's turn, before it is performed.
    """

    step_id: str
    index: int
    kind: StepKind
    label: str = ""
    next_step_id: str | None = None
    next_delay: timedelta = timedelta()
    not_accepted_step_id: str | None = None
    accept_within: timedelta = DEFAULT_ACCEPT_WITHIN
    waits_for_acceptance: bool = False
    text: str = ""
    ai: AiOptions | None = None
    posts: int = 1
    recent_within: timedelta = timedelta(days=7)
    only_if_no_reply: bool = False
    endpoint_id: str = ""
    wait_for: timedelta = timedelta()
    condition: Condition | None = None
    exits: tuple[Exit, ...] = ()
    variants: tuple[Variant, ...] = ()
    experiment: ExperimentPlan | None = None
    literal: tuple[str, ...] = ()
    """What in its texts looks like a placeholder and is confirmed to be meant as it stands."""

    def exit(self, name: str) -> Exit:
        """The exit of that name; KeyError if there is none."""
        for each in self.exits:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The steps in compiled order; every lead begins at the first."""

    steps: tuple[Step, ...]

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.step_id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A step, and the moment before which it must not be performed."""

    step_id: str
    not_before: datetime


def first_turn(sequence: Sequence, *, now: datetime) -> Turn:
    """Where every lead begins."""
    return turn_of(sequence.steps[0], since=now)


def next_turn(
    sequence: Sequence, step: Step, outcome: StepOutcome, *, at: datetime, exit_name: str = ""
) -> Turn | None:
    """The turn that follows `step`, or None where the path ends.

    `at` is when the outcome came about: when the step ended or, for a
    connection request, when it was accepted or its deadline ran out. `exit_name`
    names the exit of a step that has exits; KeyError if it has none of that
    name. The not-accepted path follows at once, because its delay was that
    deadline. A connection request that could not be sent cannot be accepted, so
    its path goes on there too.
    """
    if step.exits:
        way = step.exit(exit_name)
        follower, delay = way.step_id, way.delay
    elif step.waits_for_acceptance and outcome is not StepOutcome.ACCEPTED:
        follower, delay = step.not_accepted_step_id, timedelta()
    else:
        follower, delay = step.next_step_id, step.next_delay
    return None if follower is None else turn_of(sequence.step(follower), since=at + delay)


def turn_of(step: Step, *, since: datetime) -> Turn:
    """The turn of a step that has its place since that moment."""
    return Turn(step_id=step.step_id, not_before=since + step.wait_for)


def exit_taken(step: Step, *, lead_id: str, answer: bool) -> str:
    """The name of the exit that a lead takes, empty where a step has none.

    A split goes by the lead alone, a condition by its answer; one that could not
    be answered counts as no.
    """
    match step.kind.category:
        case StepCategory.SPLIT:
            shares = [each.share for each in step.exits]
            return step.exits[assigned(shares, step_id=step.step_id, lead_id=lead_id)].name
        case StepCategory.CONDITION:
            return YES if answer else NO
        case StepCategory.ACTION | StepCategory.WEBHOOK | StepCategory.WAIT:
            return ""
        case _:
            assert_never(step.kind.category)
