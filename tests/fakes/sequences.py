"""Sequences of every shape: every kind of step, paths that part and meet again.

Made from a seed and not from hypothesis' own draws, which prefer the small: of ten sequences
drawn that way, four had a single step. A failing seed says everything.
"""

from __future__ import annotations

import itertools
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
