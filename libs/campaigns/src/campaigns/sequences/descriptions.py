"""Steps in words that people read (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from campaigns.sequences.diagnostics import shown
from campaigns.sequences.sequence import AiOptions, Condition, Question, Step, StepKind

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_LONGEST_QUOTE = 90


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way out of a step: when a lead takes it, and to where; None where the path ends."""

    when: str
    step_id: str | None


def describe_duration(duration: timedelta) -> str:
    """`2 days`, `1 hour 30 minutes`, `at once`; to the second."""
    return " ".join(_parts(round(duration.total_seconds()))) or "at once"


def _parts(seconds: int) -> Iterator[str]:
    for name, length in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            yield f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def describe_question(condition: Condition, *, recent_within: timedelta) -> str:
    """What a condition asks, as a question."""
    match condition.question:
        case Question.CONNECTED:
            return "Connected?"
        case Question.REPLIED:
            return "Replied?"
        case Question.HAS_POSTS:
            return f"Posted within {describe_duration(recent_within)}?"
        case Question.OPEN_PROFILE:
            return "Open profile?"
        case Question.VARIABLE_EQUALS:
            return f"Is {condition.variable} “{condition.value}”?"


def describe_passage(step: Step, exit_name: str) -> str:
    """What happened at a step that contacts nobody; empty for any other."""
    if step.kind is StepKind.WAIT:
        return f"Waited {describe_duration(step.wait_for)}."
    if step.kind is StepKind.CONDITION:
        return f"{_asked(step)} {exit_name}."
    return f"Belongs to share {exit_name}." if step.kind is StepKind.SPLIT else ""


def ways_out(step: Step) -> list[Way]:
    """Every way out of a step, in the order of the answers."""
    if step.exits:
        whole = sum(way.share for way in step.exits)
        splits = step.kind is StepKind.SPLIT
        return [
            Way(
                when=_when(
                    f"{way.name}, {_percentage(way.share, whole)}" if splits else way.name,
                    way.step_id,
                    way.delay,
                ),
                step_id=way.step_id,
            )
            for way in step.exits
        ]
    if not step.waits_for_acceptance:
        return [Way(when=_when("", step.next_step_id, step.next_delay), step_id=step.next_step_id)]
    deadline = describe_duration(step.accept_within)
    return [
        Way(when=_when("accepted", step.next_step_id, step.next_delay), step_id=step.next_step_id),
        Way(when=f"not accepted within {deadline}", step_id=step.not_accepted_step_id),
    ]


def _percentage(share: int, whole: int) -> str:
    return f"{share * 100 / whole:.4g} %"


def _when(answer: str, step_id: str | None, delay: timedelta) -> str:
    after = "" if step_id is None else describe_duration(delay)
    if after and delay:
        after = f"after {after}"
    return ", ".join(part for part in (answer, after) if part)


def describe_step(step: Step) -> str:
    """What a step does, without its text."""
    return _DOES[step.kind](step)


def describe_texts(step: Step) -> list[str]:
    """What a step says, shortened, a line for each version; none where it says nothing."""
    if step.variants:
        whole = sum(variant.share for variant in step.variants)
        return [
            f"{variant.name}, {_percentage(variant.share, whole)}: {_quoted(variant.text)}"
            for variant in step.variants
        ]
    text = _quoted(step.text) if step.text else ""
    if step.ai is not None:
        text = f"written by AI ({_how(step.ai)})" + (f"; if that fails {text}" if text else "")
    return [text] if text else []


def _quoted(text: str) -> str:
    return f"“{shown(text, characters=_LONGEST_QUOTE)}”" if text else "no text"


def _how(ai: AiOptions) -> str:
    about = ("mentions a post",) if ai.mention_post else ()
    return ", ".join(part for part in (ai.length, ai.tone, ai.language, *about) if part)


def _posts(step: Step) -> str:
    which = "the newest post" if step.posts == 1 else f"up to {step.posts} posts"
    return f"{which} of the last {describe_duration(step.recent_within)}"


def _into_silence(step: Step) -> str:
    return ", unless the person has replied" if step.only_if_no_reply else ""


def _asked(step: Step) -> str:
    if step.condition is None:
        raise ValueError("a condition asks something")
    return describe_question(step.condition, recent_within=step.recent_within)


_DOES: Mapping[StepKind, Callable[[Step], str]] = {
    StepKind.PROFILE_VISIT: lambda _: "Visit the profile",
    StepKind.LIKE_POST: lambda step: f"Like {_posts(step)}",
    StepKind.COMMENT_POST: lambda step: f"Comment on {_posts(step)}",
    StepKind.SEND_CONNECTION_REQUEST: lambda step: (
        f"Ask to connect, with {'a note' if describe_texts(step) else 'no note'}"
    ),
    StepKind.SEND_FOLLOWUP: lambda step: f"Send a message{_into_silence(step)}",
    StepKind.SEND_INMAIL: lambda step: f"Send an InMail{_into_silence(step)}",
    StepKind.WITHDRAW_REQUEST: lambda _: "Take the connection request back",
    StepKind.WEBHOOK: lambda step: (
        "Call the webhook"
        + (f", {describe_duration(step.wait_for)} later" if step.wait_for else "")
    ),
    StepKind.WAIT: lambda step: f"Wait {describe_duration(step.wait_for)}".replace(" at once", ""),
    StepKind.CONDITION: _asked,
    StepKind.SPLIT: lambda _: "Split the leads",
}
