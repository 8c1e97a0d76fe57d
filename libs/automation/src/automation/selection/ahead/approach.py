"""How long a lead still walks before it is invited, by the steps of its sequence. Pure.

What an account can do it does in the days in which its leads come to their invitations, not in
those in which they are released: visit, wait four days, invite. Of several paths the shortest
counts; a lead that has been invited, and one that never will be, walks towards none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.sequences.sequence import Sequence, Step, StepKind

_NONE = timedelta()


@dataclass(frozen=True, kw_only=True)
class Approach:
    """By step of a sequence how long it waits for its turn, and how far the invitation is then."""

    first_step_id: str
    waits: Mapping[str, timedelta]
    """From the end of the step before it to its own turn, at the longest."""
    ways: Mapping[str, timedelta]
    """From its turn to an invitation; without the steps from which none is reached."""
    invitations: frozenset[str]

    @property
    def whole(self) -> timedelta:
        """From the beginning of a lead to its invitation; nothing where nobody is invited."""
        way = self.ways.get(self.first_step_id)
        return _NONE if way is None else self.waits[self.first_step_id] + way

    def left(self, step_id: str, *, since: datetime, now: datetime) -> timedelta | None:
        """How long who waits for a step since then still walks; without a step, for the first.

        None for who comes to no invitation, or whose invitation has been asked for already.
        """
        step_id = step_id or self.first_step_id
        way = self.ways.get(step_id)
        if way is None:
            return None
        turn = max(_NONE, since + self.waits[step_id] - now)
        return None if step_id in self.invitations and not turn else turn + way


def approach_of(sequence: Sequence) -> Approach:
    """How the leads of a sequence come to their invitations."""
    steps = {step.step_id: step for step in sequence.steps}
    first = sequence.steps[0]
    waits = {step_id: step.wait_for for step_id, step in steps.items()}
    for step in sequence.steps:
        for follower, delay in _followers(step):
            waits[follower] = max(waits[follower], delay + steps[follower].wait_for)
    ways: dict[str, timedelta] = {}
    _way(first, steps, ways, seen=set())
    return Approach(
        first_step_id=first.step_id,
        waits=waits,
        ways=ways,
        invitations=frozenset(each.step_id for each in sequence.steps if _invites(each)),
    )


def _way(
    step: Step, steps: Mapping[str, Step], ways: dict[str, timedelta], *, seen: set[str]
) -> timedelta | None:
    """How far the invitation is; paths never turn back, so each step is looked at once."""
    if step.step_id in seen:
        return ways.get(step.step_id)
    seen.add(step.step_id)
    if _invites(step):
        ways[step.step_id] = _NONE
    found = []
    for follower, delay in _followers(step):
        way = _way(steps[follower], steps, ways, seen=seen)
        if way is not None:
            found.append(delay + steps[follower].wait_for + way)
    if found:
        ways.setdefault(step.step_id, min(found))
    return ways.get(step.step_id)


def _invites(step: Step) -> bool:
    return step.kind is StepKind.SEND_CONNECTION_REQUEST


def _followers(step: Step) -> Iterator[tuple[str, timedelta]]:
    for way in step.exits:
        if way.step_id is not None:
            yield way.step_id, way.delay
    if not step.exits and step.next_step_id is not None:
        yield step.next_step_id, step.next_delay
    if step.not_accepted_step_id is not None:
        yield step.not_accepted_step_id, _NONE
