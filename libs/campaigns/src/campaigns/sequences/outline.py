"""A compiled sequence as a text that a person can check. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from campaigns.sequences.descriptions import describe_step, describe_texts, ways_out
from campaigns.sequences.diagnostics import SequenceWarning, Violation, shown
from campaigns.sequences.sequence import Sequence as Steps
from campaigns.sequences.sequence import Step

_LONGEST_LABEL = 60
_END = "the sequence ends"


def describe_sequence(sequence: Steps, warnings: Sequence[SequenceWarning] = ()) -> str:
    """Every step with what it says, where it leads and when; then what is worth knowing.

    Steps are numbered from 1, in compiled order.
    """
    number_by_step = {step.step_id: step.index + 1 for step in sequence.steps}
    lines: list[str] = []
    for step in sequence.steps:
        lines += [_heading(step), *_details(step, number_by_step)]
    if warnings:
        lines += ["", "Worth knowing:"]
        lines += [f"  {_diagnostic(warning)}" for warning in warnings]
    return "\n".join(lines) + "\n"


def describe_violations(violations: Sequence[Violation]) -> str:
    """Why there is nothing to render."""
    lines = ["This sequence cannot run:", *(f"  {_diagnostic(wrong)}" for wrong in violations)]
    return "\n".join(lines) + "\n"


def _heading(step: Step) -> str:
    label = shown(step.label, characters=_LONGEST_LABEL)
    return f"{step.index + 1}. {describe_step(step)}" + (f"   [{label}]" if label else "")


def _details(step: Step, number_by_step: dict[str, int]) -> Iterator[str]:
    for text in describe_texts(step):
        yield f"     {text}"
    for way in ways_out(step):
        to = _END if way.step_id is None else f"step {number_by_step[way.step_id]}"
        yield f"     {way.when} → {to}" if way.when else f"     → {to}"


def _diagnostic(found: SequenceWarning | Violation) -> str:
    where = f"{found.field}: " if found.field else ""
    return f"{where}{found.description} ({found.reason})"
