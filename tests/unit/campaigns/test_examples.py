"""The examples do what their README says."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigns.builder.compiler import compile_sequence
from campaigns.leads.lead_list import LeadListReader, RowError
from campaigns.models import Person
from campaigns.sequences.mermaid import sequence_as_mermaid
from campaigns.sequences.outline import describe_sequence
from campaigns.sequences.sequence import Question, StepKind
from campaigns.texts.render import Reader, render

EXAMPLES = Path(__file__).parents[3] / "examples"
SEQUENCES = ["sequence.json", "legacy_sequence.json", "extended_sequence.json"]


def leads() -> tuple[list[Person], list[RowError], LeadListReader]:
    """People and bad rows of the example list."""
    reader = LeadListReader()
    found = [*reader.feed((EXAMPLES / "leads.csv").read_bytes()), *reader.close()]
    people = [each for each in found if isinstance(each, Person)]
    return people, [each for each in found if isinstance(each, RowError)], reader


def test_leads() -> None:
    """Ten leads, one duplicate, two bad rows with their lines."""
    people, bad, reader = leads()

    assert (len(people), reader.duplicates) == (10, 1)
    assert [(each.line, each.reason) for each in bad] == [(15, "COMPANY_PAGE"), (16, "URL_MISSING")]


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_text_for_every_lead(name: str) -> None:
    """No lead of the example list lacks what the example texts need."""
    compilation = compile_sequence((EXAMPLES / name).read_bytes(), writer_configured=False)
    assert compilation.sequence is not None

    texts = [
        render(step.text, Reader(person=person))
        for step in compilation.sequence.steps
        for person in leads()[0]
        if step.text
    ]

    assert all(text and "{" not in text for text in texts)


def test_current_sequence() -> None:
    """Every kind of the builder's steps but InMail, on both branches, without a warning."""
    source = (EXAMPLES / "sequence.json").read_text(encoding="utf-8")
    compilation = compile_sequence(source, writer_configured=False)
    assert compilation.sequence is not None

    kinds = {step.kind for step in compilation.sequence.steps}

    own = {StepKind.WAIT, StepKind.CONDITION, StepKind.SPLIT}
    assert kinds == set(StepKind) - own - {StepKind.SEND_INMAIL}
    assert compilation.warnings == ()


def test_extended_sequence() -> None:
    """Our own nodes, with the warning that the README names."""
    source = (EXAMPLES / "extended_sequence.json").read_text(encoding="utf-8")
    compilation = compile_sequence(source, writer_configured=False)
    assert compilation.sequence is not None

    kinds = {step.kind for step in compilation.sequence.steps}

    assert kinds >= {StepKind.WAIT, StepKind.CONDITION, StepKind.SPLIT, StepKind.SEND_INMAIL}
    assert [each.reason for each in compilation.warnings] == ["NOTE_OMITTED"]


def test_older_sequence() -> None:
    """The older dialect compiles with the two warnings that the README names."""
    source = (EXAMPLES / "legacy_sequence.json").read_text(encoding="utf-8")
    compilation = compile_sequence(source, writer_configured=False)

    assert compilation.violations == ()
    assert [each.reason for each in compilation.warnings] == ["EDGE_IGNORED", "AI_REPLACED_BY_TEXT"]


def test_the_rendered_example_is_that_of_the_page() -> None:
    """What docs/sequences.md shows is what a reader gets."""
    page = (EXAMPLES.parent / "docs" / "sequences.md").read_text(encoding="utf-8")
    source = (EXAMPLES / "extended_sequence.json").read_text(encoding="utf-8")
    compilation = compile_sequence(source, writer_configured=False)
    assert compilation.sequence is not None

    assert describe_sequence(compilation.sequence, compilation.warnings) in page
    assert sequence_as_mermaid(compilation.sequence) in page


def test_every_node_and_question_is_on_the_page() -> None:
    """docs/sequences.md names every type of node and every question that can be asked."""
    page = (EXAMPLES.parent / "docs" / "sequences.md").read_text(encoding="utf-8")

    unnamed = [word for word in (*StepKind, *Question) if f"`{word}`" not in page.replace('"', "`")]

    assert unnamed == []
