"""Steps as people read them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from campaigns.sequences.diagnostics import shown
from campaigns.sequences.durations import describe_duration
from campaigns.sequences.kinds.paths import describe_question
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import AiOptions, Step, StepCategory

_LONGEST_QUOTE = 90


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way out of a step: when a lead takes it, and to where; None where the path ends."""

    when: str
    step_id: str | None


def describe_step(step: Step) -> str:
    """What a step does, without its text."""
    return KINDS[step.kind].describe(step)


def describe_passage(step: Step, exit_name: str) -> str:
    """What happened at a step that contacts nobody; empty for any other."""
    match step.kind.category:
        case StepCategory.WAIT:
            return f"Waited {describe_duration(step.wait_for)}."
        case StepCategory.CONDITION:
            return f"{describe_question(step)} {exit_name}."
        case StepCategory.SPLIT:
            return f"Belongs to share {exit_name}."
        case StepCategory.ACTION | StepCategory.WEBHOOK:
            return ""
        case _:
            assert_never(step.kind.category)


def ways_out(step: Step) -> list[Way]:
    """Every way out of a step, in the order of the answers."""
    if step.exits:
        whole = sum(way.share for way in step.exits)
        splits = step.kind.category is StepCategory.SPLIT
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
