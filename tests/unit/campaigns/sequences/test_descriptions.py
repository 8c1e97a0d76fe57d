"""Steps as people read them."""

from __future__ import annotations

from datetime import timedelta

from campaigns.sequences.descriptions import describe_passage
from campaigns.sequences.sequence import Condition, Question, Step, StepKind


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
