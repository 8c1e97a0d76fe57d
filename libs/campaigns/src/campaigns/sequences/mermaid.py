"""A compiled sequence as a Mermaid flowchart. Pure.

Nothing of the customer's is part of the syntax: nodes are called `s0`, `s1`, …,
and in a label every character that is no letter, digit or harmless mark is
written as an entity (`#35;`). That covers quotes and backticks, which end or
format a label; `%%{`, which Mermaid takes for a directive wherever it stands;
angle brackets; and the colon, behind which its own preprocessing cuts a
semicolon off. A label that begins like an item of a list (`1. `), which Mermaid
refuses to draw, has its mark written as an entity too. What cannot be printed
becomes a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from servicekit.tables import total

from campaigns.sequences.descriptions import Way, describe_step, describe_texts, ways_out
from campaigns.sequences.diagnostics import shown
from campaigns.sequences.sequence import Sequence, Step, StepCategory

_HARMLESS = frozenset(" .,!?'()/·“”…")
_NUMBERED = re.compile(r"^(\s*\d+)([.)])")
_LONGEST_LABEL = 40
_LONGEST_TEXT = 120
_SHAPES = total(
    StepCategory,
    {
        StepCategory.ACTION: ("[", "]"),
        StepCategory.WEBHOOK: ("[/", "/]"),
        StepCategory.WAIT: ("([", "])"),
        StepCategory.CONDITION: ("{", "}"),
        StepCategory.SPLIT: ("{{", "}}"),
    },
)
_START, _END = "start", "stop"


def sequence_as_mermaid(sequence: Sequence) -> str:
    """The flowchart, top down: every step, every way out, delays and deadlines on the edges."""
    name_by_step = {step.step_id: f"s{step.index}" for step in sequence.steps}
    edges = [
        _edge(name_by_step[step.step_id], way, name_by_step)
        for step in sequence.steps
        for way in ways_out(step)
    ]
    lines = [
        "flowchart TD",
        f'{_START}(("Lead"))',
        *(_node(step) for step in sequence.steps),
        f'{_END}(("End"))',
        f"{_START} --> {name_by_step[sequence.steps[0].step_id]}",
        *edges,
    ]
    first, *others = lines
    return "\n".join([first, *(f"    {line}" for line in others)]) + "\n"


def _node(step: Step) -> str:
    opens, closes = _SHAPES[step.kind.category]
    label = "<br/>".join(escaped(line) for line in _lines(step))
    return f's{step.index}{opens}"{label}"{closes}'


def _lines(step: Step) -> Iterator[str]:
    yield f"{step.index + 1} · {describe_step(step)}"
    if step.label:
        yield f"({shown(step.label, characters=_LONGEST_LABEL)})"
    for text in describe_texts(step):
        yield shown(text, characters=_LONGEST_TEXT)


def _edge(source: str, way: Way, name_by_step: dict[str, str]) -> str:
    target = _END if way.step_id is None else name_by_step[way.step_id]
    label = f'|"{escaped(way.when)}"|' if way.when else ""
    return f"{source} -->{label} {target}"


def escaped(text: str) -> str:
    """The text so that Mermaid shows it and does not read it."""
    plain = "".join(_escaped(character) for character in text)
    return _NUMBERED.sub(lambda found: f"{found[1]}#{ord(found[2])};", plain)


def _escaped(character: str) -> str:
    if character in _HARMLESS or (character.isascii() and character.isalnum()):
        return character
    if not character.isprintable():
        return " "
    return character if character.isalnum() else f"#{ord(character)};"
