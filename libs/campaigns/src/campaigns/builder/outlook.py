"""What leads will come to on a drawing, where its author may not expect it. Pure.

Nothing here keeps a sequence from running. It is found by walking every way of the drawing at
once, with what is known of a lead that goes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from servicekit.tables import total

from campaigns.sequences.diagnostics import Diagnostics
from campaigns.sequences.durations import describe_duration
from campaigns.sequences.sequence import NO, YES, Condition, Question, Sequence, Step, StepKind

REINVITED_AFTER = timedelta(days=21)
"""For so long LinkedIn refuses another invitation after one was withdrawn."""

Fact = tuple[Question, str, str]
"""What a condition asks, with the variable and the value that it compares."""
Known = Mapping[Fact, frozenset[bool]]
"""Which answers are possible for who comes by; both where nothing is said."""
_BOTH = frozenset({True, False})


class Standing(StrEnum):
    """How somebody may stand to the account who comes to a step."""

    INVITED = "invited"
    """An invitation lies with them, not accepted and not withdrawn."""
    UNCONNECTED = "unconnected"
    """They have been invited, and are not connected."""


def warn_of_outlook(
    sequence: Sequence, path_by_step: Mapping[str, str], diagnostics: Diagnostics
) -> None:
    """Add a warning for everything that leads come to and nobody may have meant."""
    for step in sequence.steps:
        if step.waits_for_acceptance and step.next_step_id and not step.not_accepted_step_id:
            diagnostics.warn(
                path_by_step[step.step_id],
                "NOT_ACCEPTED_ENDS",
                "Nothing is drawn for who does not accept: after"
                f" {describe_duration(step.accept_within)} such a lead ends.",
            )
    known = _known(sequence)
    for step, soonest in _invited_again(sequence, known):
        diagnostics.warn(
            path_by_step[step.step_id],
            "REINVITED_TOO_SOON",
            f"An invitation can follow {describe_duration(soonest)} after a withdrawal; LinkedIn"
            f" refuses it for {describe_duration(REINVITED_AFTER)}, and the step fails.",
        )
    for step, standing in _in_vain(sequence, known):
        diagnostics.warn(path_by_step[step.step_id], *WHY_IN_VAIN[standing])
    for step in sequence.steps:
        if step.step_id not in known:
            diagnostics.warn(
                path_by_step[step.step_id],
                "NEVER_REACHED",
                "Nobody comes here: a condition before it has only one answer.",
            )
            continue
        answers = _answers(step, known[step.step_id])
        if step.condition is not None and len(answers) == 1:
            (answer,) = answers
            diagnostics.warn(
                path_by_step[step.step_id],
                "ANSWER_KNOWN",
                f"For everybody who comes here the answer is {'yes' if answer else 'no'}.",
            )


def soonest(sequence: Sequence) -> dict[str, timedelta]:
    """How long after its beginning a lead comes to each step at the earliest."""
    known, arrivals = _known(sequence), {}
    arrivals[sequence.steps[0].step_id] = sequence.steps[0].wait_for
    for step in _in_order(sequence):
        if step.step_id not in known or step.step_id not in arrivals:
            continue
        for follower_id, delay in _possible_ways(step, known[step.step_id]):
            at = arrivals[step.step_id] + delay + sequence.step(follower_id).wait_for
            arrivals[follower_id] = min(at, arrivals.get(follower_id, at))
    return arrivals


WHY_IN_VAIN = total(
    Standing,
    {
        Standing.INVITED: (
            "INVITED_ALREADY",
            (
                "An invitation can lie with the person that was neither accepted nor withdrawn;"
                " LinkedIn refuses a second one, and the step fails."
            ),
        ),
        Standing.UNCONNECTED: (
            "MESSAGE_UNCONNECTED",
            (
                "Who has not accepted can come here; a message reaches connections alone, and the"
                " step fails for all who do not accept meanwhile."
            ),
        ),
    },
)


def _in_vain(sequence: Sequence, known: Mapping[str, Known]) -> Iterator[tuple[Step, Standing]]:
    """Steps that fail for somebody who can come there, and how such a lead stands then."""
    standing: dict[str, frozenset[Standing]] = {}
    for step in _in_order(sequence):
        if step.step_id not in known:
            continue
        here = standing.get(step.step_id, frozenset())
        if step.kind is StepKind.SEND_CONNECTION_REQUEST and Standing.INVITED in here:
            yield step, Standing.INVITED
        if step.kind is StepKind.SEND_FOLLOWUP and Standing.UNCONNECTED in here:
            yield step, Standing.UNCONNECTED
        for follower_id, _, answer in _ways(step):
            if answer is None or answer in _answers(step, known[step.step_id]):
                then = _stands(step, here, answer)
                standing[follower_id] = standing.get(follower_id, frozenset()) | then


def _stands(step: Step, here: frozenset[Standing], answer: bool | None) -> frozenset[Standing]:  # noqa: FBT001 - an answer
    """How somebody stands behind a step that was left on this answer."""
    asked = step.condition.question if step.condition is not None else None
    if answer and (step.waits_for_acceptance or asked in {Question.CONNECTED, Question.REPLIED}):
        return frozenset()
    if step.kind is StepKind.SEND_CONNECTION_REQUEST:
        return frozenset(Standing)
    if step.kind is StepKind.WITHDRAW_REQUEST:
        return here - {Standing.INVITED}
    return here


def _invited_again(
    sequence: Sequence, known: Mapping[str, Known]
) -> Iterator[tuple[Step, timedelta]]:
    """Invitations that can come too soon after a withdrawal, and how soon that is.

    Only by ways that somebody can go.
    """
    soonest: dict[str, timedelta] = {}
    for step in _in_order(sequence):
        since = timedelta() if step.kind is StepKind.WITHDRAW_REQUEST else soonest.get(step.step_id)
        if since is None or step.step_id not in known:
            continue
        if step.kind is StepKind.SEND_CONNECTION_REQUEST and since < REINVITED_AFTER:
            yield step, since
        for follower_id, delay in _possible_ways(step, known[step.step_id]):
            at = since + delay + sequence.step(follower_id).wait_for
            soonest[follower_id] = min(at, soonest.get(follower_id, at))


def _known(sequence: Sequence) -> dict[str, Known]:
    """What is known of who comes to each step; steps that nobody comes to are left out."""
    known: dict[str, Known] = {sequence.steps[0].step_id: {}}
    for step in _in_order(sequence):
        if step.step_id not in known:
            continue
        for follower_id, _, answer in _ways(step):
            if answer is not None and answer not in _answers(step, known[step.step_id]):
                continue
            then = _learnt(step, known[step.step_id], answer)
            before = known.get(follower_id)
            known[follower_id] = then if before is None else _either(before, then)
    return known


def _ways(step: Step) -> Iterator[tuple[str, timedelta, bool | None]]:
    """Every follower with the delay before it, and the answer after which it follows, if any."""
    for way in step.exits:
        if way.step_id is not None:
            is_answer = step.condition is not None and way.name in {YES, NO}
            yield way.step_id, way.delay, way.name == YES if is_answer else None
    if step.next_step_id is not None:
        yield step.next_step_id, step.next_delay, True if step.waits_for_acceptance else None
    if step.not_accepted_step_id is not None:
        yield step.not_accepted_step_id, step.accept_within, False


def _possible_ways(step: Step, known: Known) -> Iterator[tuple[str, timedelta]]:
    """The followers of who comes by with what is known, each with the delay before it."""
    for follower_id, delay, answer in _ways(step):
        if answer is None or answer in _answers(step, known):
            yield follower_id, delay


def _answers(step: Step, known: Known) -> frozenset[bool]:
    if step.condition is None:
        return _BOTH
    asked = _fact(step.condition)
    if asked[0] is Question.VARIABLE_EQUALS:
        for fact, answers in known.items():
            # A variable has one value.
            if fact[:2] == asked[:2] and fact != asked and answers == {True}:
                return frozenset({False})
    return known.get(asked, _BOTH)


def _learnt(step: Step, known: Known, answer: bool | None) -> Known:  # noqa: FBT001 - an answer
    """What is known after a step that was left on this answer, as far as it stays true."""
    if step.condition is None:
        # Nobody is disconnected by us; who has not accepted may yet.
        accepted = step.waits_for_acceptance and answer is True
        connected = (Question.CONNECTED, "", "")
        return {**known, connected: frozenset({True})} if accepted else known
    if answer is None or not _stays(step.condition.question, answer):
        return known
    return {**known, _fact(step.condition): frozenset({answer})}


def _stays(question: Question, answer: bool) -> bool:  # noqa: FBT001 - an answer
    """Whether the answer is the same whenever it is asked again."""
    match question:
        case Question.VARIABLE_EQUALS:
            return True
        case Question.CONNECTED | Question.REPLIED:
            return answer
        case Question.HAS_POSTS | Question.OPEN_PROFILE:
            return False
        case _:
            assert_never(question)


def _fact(condition: Condition) -> Fact:
    value = " ".join(condition.value.split()).casefold()
    return condition.question, condition.variable, value


def _either(first: Known, second: Known) -> Known:
    """What is known of who comes by one of two ways."""
    return {fact: first[fact] | second[fact] for fact in first.keys() & second.keys()}


def _in_order(sequence: Sequence) -> list[Step]:
    """Every step after all that lead to it."""
    ordered: list[Step] = []
    seen: set[str] = set()
    stack = [(sequence.steps[0].step_id, False)]
    while stack:
        step_id, done = stack.pop()
        if done:
            ordered.append(sequence.step(step_id))
        elif step_id not in seen:
            seen.add(step_id)
            stack.append((step_id, True))
            step = sequence.step(step_id)
            stack.extend((follower_id, False) for follower_id, _, _ in _ways(step))
    return ordered[::-1]
