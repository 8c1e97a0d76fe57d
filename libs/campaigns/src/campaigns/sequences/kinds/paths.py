"""Wait, condition and split: kinds of our own that shape the path and contact nobody. Pure."""

from typing import assert_never

from campaigns.sequences.durations import describe_duration
from campaigns.sequences.kinds.kind_rules import RECENT_POSTS, KindRules, Posts, names
from campaigns.sequences.sequence import Question, Step


def describe_question(step: Step) -> str:
    """What a condition asks, as a question; ValueError if the step is none."""
    condition = step.condition
    if condition is None:
        raise ValueError("a condition asks something")
    match condition.question:
        case Question.CONNECTED:
            return "Connected?"
        case Question.REPLIED:
            return "Replied?"
        case Question.HAS_POSTS:
            return f"Posted within {describe_duration(step.recent_within)}?"
        case Question.OPEN_PROFILE:
            return "Open profile?"
        case Question.VARIABLE_EQUALS:
            return f"Is {condition.variable} “{condition.value}”?"
        case _:
            assert_never(condition.question)


WAIT = KindRules(
    describe=lambda step: f"Wait {describe_duration(step.wait_for)}".replace(" at once", ""),
    settings=names("delay unit"),
)
CONDITION = KindRules(
    describe=describe_question,
    settings=names("condition variable value") | RECENT_POSTS,
    posts=Posts.RECENT,
)
SPLIT = KindRules(describe=lambda _: "Split the leads")
