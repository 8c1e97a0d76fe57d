"""What a builder JSON asks of the stack: which webhooks it names, and how long it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from campaigns.builder.compiler import compile_sequence
from campaigns.sequences.diagnostics import Violation
from campaigns.sequences.sequence import Sequence, Step, StepKind

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
    violations: tuple[Violation, ...] = ()
    """Why it cannot run, as far as that is to be told from the drawing alone."""


def read_flow(source: str) -> Flow:
    """Compile what the builder exported, to know what to prepare for it."""
    compilation = compile_sequence(source, writer_configured=True)
    names = (webhook.builder_webhook_id or webhook.url for webhook in compilation.webhooks)
    return Flow(
        source=source,
        sequence=compilation.sequence,
        webhooks=tuple(dict.fromkeys(name for name in names if name)),
        violations=compilation.violations,
    )


def expected_duration(flow: Flow, *, leads: int, accounts: int) -> timedelta:
    """About how long a campaign will last, in virtual time."""
    if flow.sequence is None:
        return _UNKNOWN
    longest = _longest_path(flow.sequence)
    return max(_SHORTEST, longest + _queueing(flow.sequence, leads=leads, accounts=accounts))


def suitable_run(leads: int) -> timedelta:
    """About how long a run of so many leads should take on the wall."""
    return _RUN + leads * _RUN_PER_LEAD


def suitable_speed(duration: timedelta, *, leads: int) -> float:
    """The speed at which that virtual duration fits into a suitable run."""
    speed = duration / suitable_run(leads)
    return float(round(min(max(speed, _SLOWEST), _FASTEST), -2))


def _longest_path(sequence: Sequence) -> timedelta:
    """The way from the first step on that takes longest; every step is looked at once."""
    longest: dict[str, timedelta] = {}
    waiting = [sequence.steps[0]]
    while waiting:
        step = waiting[-1]
        ways = [(delay, follower) for delay, follower in _ways(step) if follower is not None]
        unknown = [sequence.step(each) for _, each in ways if each not in longest]
        if unknown:
            waiting += unknown
            continue
        after = (delay + _WAIT_FOR_HOURS + longest[follower] for delay, follower in ways)
        longest[step.step_id] = step.wait_for + max(after, default=timedelta())
        waiting.pop()
    return longest[sequence.steps[0].step_id]


def _ways(step: Step) -> Iterator[tuple[timedelta, str | None]]:
    """How long each way out of a step takes at most, and where it leads."""
    for way in step.exits:
        yield way.delay, way.step_id
    answer = step.accept_within if step.waits_for_acceptance else timedelta()
    yield answer + step.next_delay, step.next_step_id
    yield answer, step.not_accepted_step_id


def _queueing(sequence: Sequence, *, leads: int, accounts: int) -> timedelta:
    kinds = [step.kind for step in sequence.steps]
    rates = [_PER_WEEK[kind] / kinds.count(kind) for kind in set(kinds) & _PER_WEEK.keys()]
    if not rates:
        return timedelta()
    weeks = leads / (accounts * min(rates))
    return timedelta(weeks=weeks if weeks > 1 else math.sqrt(weeks) / 2)
