"""Which leads may switch to another revision of their sequence. Pure.

A lead may as long as it is not past the change: every step behind it has the same effect in both
revisions, and led on to the next one in the same ways. What lies before it may differ; where
that goes on follows from the last step behind it, by the new revision.

Steps are told apart by their ids, which the builder keeps when a drawing is edited. The effect is
everything of a step that a person, or the path, notices: its kind, texts and options, its
question and the names and shares of its exits. Its number, its label, and how long and where
to it goes on are not part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from campaigns.sequences.sequence import DEFAULT_ACCEPT_WITHIN, Step
from campaigns.sequences.sequence import Sequence as StepSequence


def is_compatible(path: Sequence[str], *, old: StepSequence, new: StepSequence) -> bool:
    """Whether a lead with these steps behind it, in order, may go on with the new revision."""
    before, after = _by_id(old), _by_id(new)
    if any(step_id not in before or step_id not in after for step_id in path):
        return False
    if path and new.steps[0].step_id != path[0]:
        return False
    return all(same_effect(before[step_id], after[step_id]) for step_id in path) and all(
        _ways(before[here], there) == _ways(after[here], there) for here, there in pairwise(path)
    )


def same_effect(one: Step, other: Step) -> bool:
    """Whether a person, and the path, would notice no difference between two steps."""
    return _effect(one) == _effect(other)


def unchanged(step_id: str, *, old: StepSequence, new: StepSequence) -> bool:
    """Whether a step is there in both revisions and has the same effect."""
    before, after = _by_id(old).get(step_id), _by_id(new).get(step_id)
    return before is not None and after is not None and same_effect(before, after)


def _effect(step: Step) -> Step:
    return replace(
        step,
        index=0,
        label="",
        next_step_id=None,
        next_delay=timedelta(),
        not_accepted_step_id=None,
        accept_within=DEFAULT_ACCEPT_WITHIN,
        wait_for=timedelta(),
        # What was said was said, and rows of before do not know what was confirmed.
        literal=(),
        exits=tuple(replace(way, step_id=None, delay=timedelta()) for way in step.exits),
    )


def _ways(step: Step, follower: str) -> frozenset[str]:
    """By which ways a step leads on to another."""
    ways: Iterable[tuple[str, str | None]] = (
        ("next", step.next_step_id),
        ("not accepted", step.not_accepted_step_id),
        *((f"exit {way.name}", way.step_id) for way in step.exits),
    )
    return frozenset(name for name, step_id in ways if step_id == follower)


def _by_id(sequence: StepSequence) -> dict[str, Step]:
    return {step.step_id: step for step in sequence.steps}
