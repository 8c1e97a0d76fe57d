"""Steps in words that people read (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from campaigns.sequence import Condition, Question, Step, StepKind

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_LONGEST_LIST = 3


def duration_in_words(duration: timedelta) -> str:
    """`2 days`, `1 hour 30 minutes`, `at once`; never shorter than it is by a second."""
    parts = [*_parts(round(duration.total_seconds()))]
    return " ".join(parts[:_LONGEST_LIST]) or "at once"


def _parts(seconds: int) -> Iterator[str]:
    for name, length in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            yield f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def question_in_words(condition: Condition, *, recent_within: timedelta) -> str:
    """What a condition asks, as a question."""
    match condition.question:
        case Question.CONNECTED:
            return "Connected?"
        case Question.REPLIED:
            return "Replied?"
        case Question.HAS_POSTS:
            return f"Posted within {duration_in_words(recent_within)}?"
        case Question.OPEN_PROFILE:
            return "Open profile?"
        case Question.VARIABLE_EQUALS:
            return f"Is {condition.variable} “{condition.value}”?"


def passage_in_words(step: Step, taken: str) -> str:
    """What happened at a step that contacts nobody; empty for any other."""
    if step.kind is StepKind.WAIT:
        return f"Waited {duration_in_words(step.wait_for)}."
    if step.condition is not None:
        return f"{question_in_words(step.condition, recent_within=step.recent_within)} {taken}."
    return f"Belongs to share {taken}." if step.kind is StepKind.SPLIT else ""
