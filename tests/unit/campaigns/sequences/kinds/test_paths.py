"""Kinds that contact nobody."""

from campaigns.sequences.kinds.paths import describe_question
from campaigns.sequences.sequence import Condition, Question, Step, StepKind


def asking(question: Question) -> Step:
    condition = Condition(question=question, variable="x", value="y")
    return Step(step_id="c", index=0, kind=StepKind.CONDITION, condition=condition)


def test_every_question_has_words() -> None:
    """Each question ends in a question mark and is like no other."""
    asked = [describe_question(asking(question)) for question in Question]

    assert all(each.endswith("?") for each in asked)
    assert len(set(asked)) == len(Question)
