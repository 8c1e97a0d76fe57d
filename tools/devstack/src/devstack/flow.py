"""What a builder JSON asks of the stack: which webhooks it names, and how long it runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from campaigns.compiler import compile_sequence
from campaigns.sequence import Sequence, Step, StepKind

_SHORTEST = timedelta(hours=6)
_UNKNOWN = timedelta(weeks=3)
_WAIT_FOR_HOURS = timedelta(hours=20)
"""What a step waits on average until its account works again, nights and weekends included."""
_PER_WEEK: Mapping[StepKind, int] = {
    StepKind.PROFILE_VISIT: 400,
    StepKind.LIKE_POST: 150,
    StepKind.COMMENT_POST: 75,
    StepKind.SEND_CONNECTION_REQUEST: 100,
    StepKind.SEND_FOLLOWUP: 200,
    StepKind.SEND_INMAIL: 50,
}
"""Roughly how many an account does in a week; only to guess how long a run takes."""
_SLOWEST, _FASTEST = 200.0, 30_000.0
_RUN = timedelta(seconds=55)
_RUN_PER_LEAD = timedelta(seconds=0.3)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A sequence as the demo sees it; `sequence` is None if it cannot run."""

    source: str
    sequence: Sequence | None
    webhooks: tuple[str, ...]
    """The ids, or else addresses, by which its nodes name webhooks."""


def read_flow(source: str) -> Flow:
    """Compile what the builder exported, to know what to prepare for it."""
    compilation = compile_sequence(source, writer_configured=True)
    names = (webhook.builder_webhook_id or webhook.url for webhook in compilation.webhooks)
    return Flow(
        source=source,
        sequence=compilation.sequence,
        webhooks=tuple(dict.fromkeys(name for name in names if name)),
    )


def expected_duration(flow: Flow, *, leads: int, accounts: int) -> timedelta:
    """About how long a campaign will last, in virtual time."""
    if flow.sequence is None:
        return _UNKNOWN
    longest = _longest_path(flow.sequence, flow.sequence.steps[0])
    return max(_SHORTEST, longest + _queueing(flow.sequence, leads=leads, accounts=accounts))


def suitable_run(leads: int) -> timedelta:
    """About how long a run of so many leads should take on the wall."""
    return _RUN + leads * _RUN_PER_LEAD


def suitable_speed(duration: timedelta, *, leads: int) -> float:
    """The speed at which that virtual duration fits into a suitable run."""
    speed = duration / suitable_run(leads)
    return float(round(min(max(speed, _SLOWEST), _FASTEST), -2))


def _longest_path(sequence: Sequence, step: Step) -> timedelta:
    def after(step_id: str | None) -> timedelta:
        if step_id is None:
            return timedelta()
        return _WAIT_FOR_HOURS + _longest_path(sequence, sequence.step(step_id))

    follows = step.next_delay + after(step.next_step_id)
    if not step.waits_for_acceptance:
        return follows
    return step.accept_within + max(follows, after(step.not_accepted_step_id))


def _queueing(sequence: Sequence, *, leads: int, accounts: int) -> timedelta:
    kinds = [step.kind for step in sequence.steps]
    rates = [_PER_WEEK[kind] / kinds.count(kind) for kind in set(kinds) & _PER_WEEK.keys()]
    if not rates:
        return timedelta()
    weeks = leads / (accounts * min(rates))
    return timedelta(weeks=weeks if weeks > 1 else math.sqrt(weeks) / 2)
