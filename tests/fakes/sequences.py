"""Sequences of every shape: every kind of step, paths that part and meet again.

Made from a seed and not from hypothesis' own draws, which prefer the small: of ten sequences
drawn that way, four had a single step. A failing seed says everything.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from collections.abc import Sequence as Texts
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from campaigns.sequences.sequence import (
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

SEEDS = st.integers(0, 2**63)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)

_DAY = timedelta(days=1)
_DELAYS = (timedelta(), timedelta(minutes=15), _DAY, 20 * _DAY)
_KINDS = (*StepKind, StepKind.SEND_CONNECTION_REQUEST, StepKind.SEND_CONNECTION_REQUEST)
"""Where paths part on what a person does, there is most to get wrong."""
_SHORTEST, _LONGEST = 3, 9


def sequence_of(random: Random, *, words: Texts[str] = ("x",)) -> Sequence:
    """A sequence of which every step can be reached and every path ends.

    Followers come later in the list, so nothing turns back; what nothing leads to is left out.
    Labels and texts are taken from `words`, one after the other.
    """
    count = random.randint(_SHORTEST, _LONGEST)
    said = itertools.cycle(words)
    drawn = [_step(random, number, count, said) for number in range(count)]
    return _reachable(drawn)


def edited(random: Random, before: Sequence, *, number: int) -> Sequence:
    """Another drawing made from one: what a customer changes in one go.

    Delays and deadlines of several steps; then, usually, one of them is replaced, put in, led
    on elsewhere, or says something else. What nothing leads to any more is gone.
    """
    steps = list(before.steps)
    for place in random.sample(range(len(steps)), random.randint(0, len(steps))):
        steps[place] = _at_other_times(random, steps[place])
    place = random.randrange(len(steps))
    step, new_id = steps[place], f"e{number}"
    match random.randint(0, 4):
        case 0:
            steps[place] = replace(_plain(random, new_id), next_step_id=step.next_step_id)
            steps = [_led_on(each, {step.step_id: new_id}) for each in steps]
        case 1:
            put_in = replace(_plain(random, new_id), next_step_id=step.next_step_id)
            steps[place] = replace(step, next_step_id=None if step.exits else new_id)
            steps.insert(place + 1, put_in)
        case 2:
            later = [each.step_id for each in steps[place + 1 :]]
            ways = {way: random.choice([*later, None]) for way in _followers(step)}
            steps[place] = _led_on(step, ways)
        case 3:
            steps[place] = replace(step, text=f"{step.text} {number}")
        case _:
            pass
    return _reachable(steps)


def _at_other_times(random: Random, step: Step) -> Step:
    return replace(
        step,
        next_delay=random.choice(_DELAYS),
        accept_within=random.choice([_DAY, 4 * _DAY, 30 * _DAY]),
        exits=tuple(replace(way, delay=random.choice(_DELAYS)) for way in step.exits),
    )


def _plain(random: Random, step_id: str) -> Step:
    kind = random.choice([StepKind.PROFILE_VISIT, StepKind.SEND_FOLLOWUP, StepKind.WEBHOOK])
    return Step(step_id=step_id, index=0, kind=kind, text="x", next_delay=random.choice(_DELAYS))


def _led_on(step: Step, ways: Mapping[str, str | None]) -> Step:
    """The step, with each of its ways that leads to one of these led to another."""

    def to(follower: str | None) -> str | None:
        return ways.get(follower, follower) if follower else follower

    return replace(
        step,
        next_step_id=to(step.next_step_id),
        not_accepted_step_id=to(step.not_accepted_step_id),
        exits=tuple(replace(way, step_id=to(way.step_id)) for way in step.exits),
    )


def _followers(step: Step) -> list[str]:
    ways = (step.next_step_id, step.not_accepted_step_id, *(way.step_id for way in step.exits))
    return [each for each in ways if each is not None]


def _reachable(drawn: Texts[Step]) -> Sequence:
    """The steps that something leads to, in their order."""
    by_id = {step.step_id: step for step in drawn}
    reached: set[str] = set()
    waiting = [drawn[0].step_id]
    while waiting:
        step_id = waiting.pop()
        if step_id not in reached:
            reached.add(step_id)
            waiting += _followers(by_id[step_id])
    kept = [step for step in drawn if step.step_id in reached]
    return Sequence(steps=tuple(replace(step, index=index) for index, step in enumerate(kept)))


def _step(random: Random, number: int, count: int, said: Any) -> Step:
    kind = random.choice(_KINDS)
    names: tuple[str, ...] = ()
    more: dict[str, Any] = {}
    match kind:
        case StepKind.CONDITION:
            names = (YES, NO)
            question, value = random.choice([*Question]), random.choice([next(said), "CTO"])
            more["condition"] = Condition(question=question, variable="title", value=value)
        case StepKind.SPLIT:
            names = tuple(f"{letter}{next(said)}" for letter in "ABCD"[: random.randint(2, 4)])
        case StepKind.SEND_CONNECTION_REQUEST if random.random() < 0.8:
            more["waits_for_acceptance"] = True
            more["not_accepted_step_id"] = _follower(random, number, count)
            more["accept_within"] = random.choice([_DAY, 10 * _DAY])
        case StepKind.LIKE_POST | StepKind.COMMENT_POST:
            more["posts"] = random.randint(1, 3)
        case StepKind.WAIT | StepKind.WEBHOOK:
            more["wait_for"] = random.choice(_DELAYS)
        case StepKind.SEND_FOLLOWUP:
            more["ai"] = random.choice([None, AiOptions(tone="warm")])
            more["only_if_no_reply"] = random.choice([True, False])
        case _:
            pass
    if not names:
        more["next_step_id"] = _follower(random, number, count)
        more["next_delay"] = random.choice(_DELAYS)
    exits = tuple(
        Exit(
            name=name,
            step_id=_follower(random, number, count),
            delay=random.choice(_DELAYS),
            share=random.randint(1, 9),
        )
        for name in names
    )
    label, text = next(said), next(said)
    return Step(
        step_id=f"n{number}", index=0, kind=kind, label=label, text=text, exits=exits, **more
    )


def _follower(random: Random, number: int, count: int) -> str | None:
    """Usually one of the next few; paths that end at once have little to show."""
    if number + 1 == count or random.random() < 0.1:
        return None
    return f"n{random.randint(number + 1, min(number + 3, count - 1))}"
