"""A drawing with other shares: compiles to what was meant, and to nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from automation.optimisation.drawings import StepNotDrawn, with_shares
from campaigns.builder.compiler import compile_sequence
from campaigns.sequences.sequence import Step

VARIANTS = [{"name": "b", "text": "Hello"}, {"name": "none", "text": "", "share": 2}]
INVITE = {"message": "Hi", "variants": VARIANTS, "experiment": {"looks": 4}, "tone": "warm"}


def drawing(config: dict[str, Any]) -> str:
    nodes = [
        {"id": 1, "type": "action", "data": {"type": "send_invite", "config": config}},
        {"id": "x", "type": "action", "data": {"type": "profile_visit", "label": "Visit"}},
    ]
    return json.dumps({"nodes": nodes, "edges": [{"source": "1", "target": "x"}]})


def step_of(source: str) -> Step:
    compilation = compile_sequence(source, writer_configured=True)
    assert not compilation.violations
    assert compilation.sequence is not None
    return compilation.sequence.steps[0]


def edited(config: dict[str, Any], shares: dict[str, int]) -> tuple[str, Step]:
    source = drawing(config)
    found = with_shares(source, step_of(source), shares)
    return found, step_of(found)


@pytest.mark.parametrize(
    "shares", [{"control": 9, "b": 1}, {"b": 9, "control": 1}, {"b": 9, "none": 1}]
)
def test_shares(shares: dict[str, int]) -> None:
    """Also of the step's own text, which becomes a variant of that name; texts stay."""
    before = step_of(drawing(INVITE))

    _, after = edited(INVITE, shares)

    assert {each.name: each.share for each in after.variants} == shares
    texts = {each.name: each.text for each in before.variants}
    assert all(texts[each.name] == each.text for each in after.variants)
    assert after.experiment == before.experiment


@pytest.mark.parametrize(("winner", "text"), [("control", "Hi"), ("b", "Hello"), ("none", "")])
def test_one_text_for_everybody(winner: str, text: str) -> None:
    """The winner's text is the step's own, without variants or a plan."""
    _, after = edited(INVITE, {winner: 9})

    assert (after.text, after.variants, after.experiment) == (text, (), None)


def test_everything_else_stays() -> None:
    """Nodes, edges and settings that are no text are as they were drawn."""
    source = json.loads(drawing(INVITE))

    found = json.loads(edited(INVITE, {"b": 9})[0])

    assert found["edges"] == source["edges"]
    assert found["nodes"][1] == source["nodes"][1]
    assert found["nodes"][0]["data"]["config"] == {"customMessage": "Hello", "tone": "warm"}


@pytest.mark.parametrize("shares", [{}, {"b": 9, "gone": 1}])
def test_what_is_not_drawn(shares: dict[str, int]) -> None:
    """Variants that the step has not are nobody's to share out."""
    with pytest.raises(StepNotDrawn):
        edited(INVITE, shares)


def test_a_step_that_is_gone() -> None:
    """A step that is in no node of the drawing is not edited."""
    source = drawing(INVITE)
    step = step_of(source)

    with pytest.raises(StepNotDrawn):
        with_shares(json.dumps({"nodes": [], "edges": []}), step, {"b": 9})
