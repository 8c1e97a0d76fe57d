"""The steps of a campaign, and which one comes next (pure).

A sequence is a tree that is walked along one path: every step has at most one
follower, except a connection request, which may have one for each answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_ACCEPT_WITHIN = timedelta(days=10)
MINIMUM_ACCEPT_WITHIN = timedelta(days=1)
"""Acceptance can be seen up to 8 hours late, and people answer within days."""


class StepKind(StrEnum):
    """What a step does, in the builder's words."""

    PROFILE_VISIT = "profile_visit"
    LIKE_POST = "like_post"
    COMMENT_POST = "comment_post"
    SEND_CONNECTION_REQUEST = "send_connection_request"
    SEND_FOLLOWUP = "send_followup"
    SEND_INMAIL = "send_inmail"
    WITHDRAW_REQUEST = "withdraw_request"
    WEBHOOK = "webhook"


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


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step, compiled: everything a worker needs to perform it."""

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
    return Turn(step_id=sequence.steps[0].step_id, not_before=now)


def next_turn(step: Step, outcome: StepOutcome, *, at: datetime) -> Turn | None:
    """The turn that follows `step`, or None where the path ends.

    `at` is when the outcome came about: when the step ended or, for a
    connection request, when it was accepted or its deadline ran out. The
    not-accepted path follows at once, because its delay was that deadline. A
    connection request that could not be sent cannot be accepted, so its path
    goes on there too.
    """
    if step.waits_for_acceptance and outcome is not StepOutcome.ACCEPTED:
        follower, delay = step.not_accepted_step_id, timedelta()
    else:
        follower, delay = step.next_step_id, step.next_delay
    return None if follower is None else Turn(step_id=follower, not_before=at + delay)
