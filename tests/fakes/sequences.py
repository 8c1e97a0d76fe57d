"""Sequences as hypothesis draws them: every kind of step, paths that part and meet again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.sequence import (
    NO,
    YES,
    AiOptions,
    Condition,
    Exit,
    Question,
    Sequence,
    Step,
    StepKind,
)
from hypothesis import strategies as st

DELAYS = st.sampled_from(
    [timedelta(), timedelta(minutes=15), timedelta(days=1), timedelta(days=20)]
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
CONTACTLESS = frozenset({StepKind.WAIT, StepKind.CONDITION, StepKind.SPLIT})


@st.composite
def sequences(draw: Any, *, most: int = 8) -> Sequence:
    """A sequence of which every step can be reached and every path ends.

    Followers come later in the list, so nothing turns back; what nothing leads to is left out.
    """
    count = draw(st.integers(1, most))
    drawn = [draw(_steps(number, count)) for number in range(count)]
    reached, waiting = set(), [0]
    while waiting:
        number = waiting.pop()
        if number in reached:
            continue
        reached.add(number)
        step = drawn[number]
        followers = (step.next_step_id, step.not_accepted_step_id, *(e.step_id for e in step.exits))
        waiting += [int(each[1:]) for each in followers if each is not None]
    kept = [drawn[number] for number in sorted(reached)]
    return Sequence(steps=tuple(_numbered(step, index) for index, step in enumerate(kept)))


@st.composite
def _steps(draw: Any, number: int, count: int) -> Step:
    followers = st.none()
    if number + 1 < count:
        followers |= st.integers(number + 1, count - 1).map(lambda each: f"n{each}")
    kind = draw(st.sampled_from(StepKind))
    step: dict[str, Any] = {"kind": kind, "label": draw(TEXTS), "text": draw(TEXTS)}
    if kind is StepKind.CONDITION:
        step["condition"] = Condition(
            question=draw(st.sampled_from(Question)), variable="title", value=draw(TEXTS)
        )
        names = [YES, NO]
    elif kind is StepKind.SPLIT:
        names = draw(st.lists(TEXTS.filter(bool), min_size=2, max_size=4, unique=True))
    else:
        names = []
        step |= {"next_step_id": draw(followers), "next_delay": draw(DELAYS)}
    step["exits"] = tuple(
        Exit(name=name, step_id=draw(followers), delay=draw(DELAYS), share=draw(st.integers(1, 9)))
        for name in names
    )
    if kind is StepKind.SEND_CONNECTION_REQUEST and draw(st.booleans()):
        step |= {
            "waits_for_acceptance": True,
            "not_accepted_step_id": draw(followers),
            "accept_within": draw(st.sampled_from([timedelta(days=1), timedelta(days=10)])),
        }
    if kind in {StepKind.LIKE_POST, StepKind.COMMENT_POST}:
        step["posts"] = draw(st.integers(1, 3))
    if kind in {StepKind.WAIT, StepKind.WEBHOOK}:
        step["wait_for"] = draw(DELAYS)
    if kind is StepKind.SEND_FOLLOWUP:
        step["ai"] = draw(st.none() | st.just(AiOptions(tone="warm")))
    return Step(step_id=f"n{number}", index=0, **step)


def _numbered(step: Step, index: int) -> Step:
    return Step(**{**vars(step), "index": index})
