"""Real drawings of both dialects and of our own nodes, damaged in every way a file can be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from campaigns.builder.compiler import Compilation, compile_sequence
from campaigns.sequences.json_form import content_hash, sequence_from_json, sequence_to_json
from campaigns.sequences.mermaid import sequence_as_mermaid
from campaigns.sequences.outline import describe_sequence, describe_violations
from hypothesis import event, given, note, settings
from hypothesis import strategies as st
from outreach.common.v1 import error_reason_pb2

from tests.fakes.mishaps import damaged

ROOT = Path(__file__).parents[3]
DRAWINGS = [
    json.loads((ROOT / "examples" / name).read_text(encoding="utf-8"))
    for name in ("sequence.json", "legacy_sequence.json", "extended_sequence.json")
]
REASONS = {
    name.removeprefix("ERROR_REASON_")
    for name in error_reason_pb2.ErrorReason.keys()  # noqa: SIM118
}
WARNINGS = set(
    re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "sequences.md").read_text(), re.MULTILINE)
)


@pytest.mark.lasts(seconds=5)
@settings(max_examples=600)
@given(st.integers(0, 2**63), st.booleans())
def test_no_mishap_crashes_the_compiler(seed: int, writer_configured: bool) -> None:  # noqa: FBT001
    """A damaged drawing compiles or is refused: with reasons of the contract, at paths that exist.

    What compiles can be walked, kept, read back and rendered.
    """
    drawing = damaged(DRAWINGS, Random(seed))
    source = json.dumps(drawing)
    note(source)

    compilation = compile_sequence(source, writer_configured=writer_configured)

    assert (compilation.sequence is None) == bool(compilation.violations)
    event("compiled" if compilation.sequence else "refused")
    assert {each.reason for each in compilation.violations} <= REASONS
    assert {each.reason for each in compilation.warnings} <= WARNINGS
    found = (*compilation.violations, *compilation.warnings)
    told = {each.field for each in found}
    for each in found:
        assert each.description.endswith(".")
        assert_path_exists(drawing, each.field, told=told)
    assert compile_sequence(source, writer_configured=writer_configured) == compilation
    if compilation.sequence is None:
        assert describe_violations(compilation.violations)
    else:
        assert_usable(compilation)


def assert_path_exists(drawing: Any, path: str, *, told: set[str]) -> None:
    """Every part of the path but the last is there; the last may be what is missing.

    A part that is null counts as empty; one that is no object is told itself.
    """
    here, so_far = drawing, ""
    for number, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)[:-1]:
        here = here[int(number)] if number else here.get(name)
        so_far += f"[{number}]" if number else f".{name}" if so_far else name
        if not isinstance(here, dict | list):
            assert here is None or so_far in told
            return


def assert_usable(compilation: Compilation) -> None:
    sequence = compilation.sequence
    assert sequence is not None
    stored = sequence_from_json(sequence_to_json(sequence))
    assert stored == sequence
    assert content_hash(stored) == content_hash(sequence)
    assert describe_sequence(sequence, compilation.warnings)
    assert sequence_as_mermaid(sequence)
    reached, waiting = set(), [sequence.steps[0].step_id]
    while waiting:
        step = sequence.step(waiting.pop())
        if step.step_id in reached:
            continue
        reached.add(step.step_id)
        followers = (step.next_step_id, step.not_accepted_step_id, *(e.step_id for e in step.exits))
        waiting += [each for each in followers if each is not None]
    assert len(reached) == len(sequence.steps)
    assert [step.index for step in sequence.steps] == list(range(len(sequence.steps)))


@pytest.mark.parametrize("cut", range(5, 100, 5))
def test_files_that_end_too_soon(cut: int) -> None:
    """A file that was cut off anywhere is refused as unreadable, with line and column."""
    source = json.dumps(DRAWINGS[0])
    (wrong,) = compile_sequence(
        source[: len(source) * cut // 100], writer_configured=False
    ).violations

    assert (wrong.field, wrong.reason) == ("", "SEQUENCE_UNREADABLE")
    assert "line" in wrong.description
