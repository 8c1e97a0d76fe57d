"""Steps in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from campaigns.sequences.descriptions import describe_duration, describe_passage, describe_question
from campaigns.sequences.sequence import Condition, Question, Step, StepKind


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "at once"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=1, hours=1, minutes=1, seconds=2), "1 day 1 hour 1 minute 2 seconds"),
        (timedelta(microseconds=600_000), "1 second"),
    ],
)
def test_durations(duration: timedelta, words: str) -> None:
    """As people say them."""
    assert describe_duration(duration) == words


def test_every_question_has_words() -> None:
    """Each question ends in a question mark and is like no other."""
    week = timedelta(days=7)
    asked = [
        describe_question(Condition(question=question, variable="x", value="y"), recent_within=week)
        for question in Question
    ]

    assert all(each.endswith("?") for each in asked)
    assert len(set(asked)) == len(Question)


def test_what_happened() -> None:
    """Steps that contact nobody say what came of them; others have nothing to add."""
    wait = Step(step_id="w", index=0, kind=StepKind.WAIT, wait_for=timedelta(hours=2))
    ask = Step(
        step_id="c",
        index=0,
        kind=StepKind.CONDITION,
        condition=Condition(question=Question.REPLIED),
    )

    assert describe_passage(wait, "") == "Waited 2 hours."
    assert describe_passage(ask, "no") == "Replied? no."
    assert describe_passage(Step(step_id="s", index=0, kind=StepKind.SPLIT), "B").endswith("B.")
    assert describe_passage(Step(step_id="v", index=0, kind=StepKind.PROFILE_VISIT), "") == ""
