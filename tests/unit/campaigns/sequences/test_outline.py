"""A sequence as people check it: in words and as a flowchart."""

from __future__ import annotations

import html
import re
from random import Random
from typing import Any

import pytest
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.mermaid import escaped, sequence_as_mermaid
from campaigns.sequences.outline import describe_sequence, describe_violations
from campaigns.sequences.sequence import StepKind
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.sequences import SEEDS, TEXTS, sequence_of

LABEL = r'"(?:[^"#&<>`\\:;%{}\n]|#\d+;|<br/>)*"'
NODE = re.compile(
    rf"    (s\d+)(?:\[{LABEL}\]|\{{{LABEL}\}}|\{{\{{{LABEL}\}}\}}|\(\[{LABEL}\]\)|\[/{LABEL}/\])"
)
TERMINAL = re.compile(r'    (start|stop)\(\("(?:Lead|End)"\)\)')
EDGE = re.compile(rf"    (start|s\d+) -->(?:\|{LABEL}\|)? (stop|s\d+)")
"""The whole of Mermaid's syntax that a rendering uses."""


def parsed(diagram: str) -> tuple[set[str], list[tuple[str, str]]]:
    """The nodes and edges of a flowchart; it fails on any line that is neither."""
    first, *lines = diagram.splitlines()
    assert first == "flowchart TD"
    nodes, edges = set(), []
    for line in lines:
        node, edge = NODE.fullmatch(line) or TERMINAL.fullmatch(line), EDGE.fullmatch(line)
        assert bool(node) != bool(edge), line
        if node:
            nodes.add(node[1])
        elif edge:
            edges.append((edge[1], edge[2]))
    return nodes, edges


def shown_by_mermaid(label: str) -> str:
    """What a reader of the diagram sees."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", label))


WORDS = st.lists(TEXTS, min_size=1, max_size=10)


@given(SEEDS, WORDS)
def test_every_way_is_in_the_diagram(seed: int, words: list[str]) -> None:
    """Every step is a node and every way out an edge, whatever the customer wrote."""
    sequence = sequence_of(Random(seed), words=words)

    nodes, edges = parsed(sequence_as_mermaid(sequence))

    assert nodes == {"start", "stop", *(f"s{step.index}" for step in sequence.steps)}
    assert {end for edge in edges for end in edge} <= nodes
    for step in sequence.steps:
        ways = len(step.exits) or (2 if step.waits_for_acceptance else 1)
        assert sum(source == f"s{step.index}" for source, _ in edges) == ways


@given(st.text())
def test_no_text_is_syntax(text: str) -> None:
    """Whatever a customer writes is shown as it is, less what cannot be printed."""
    label = escaped(text)

    assert re.fullmatch(LABEL, f'"{label}"')
    printable = "".join(each if each.isprintable() else " " for each in text)
    assert shown_by_mermaid(label) == printable


@pytest.mark.parametrize(
    "nasty",
    [
        '"]; click s0 href "javascript:alert(1)"',
        "%%{init: {'theme':'dark'}}%%",
        "end\nsubgraph x",
        "`**bold**`",
        "<script>alert(1)</script>",
        "style s0 fill:#f00;",
        "#quot;#9829;&lt;",
        "a\u2028b\u202ec\0d",
    ],
)
def test_nasty_labels(drawing: Any, nasty: str) -> None:
    """Quotes, directives, keywords, markup and entities in a label stay text."""
    drawing.node("n", "send_followup", customMessage=nasty.replace("\0", "").translate(BRACELESS))
    drawing.nodes[0]["data"]["label"] = nasty.replace("\0", "")

    sequence = drawing.sequence(literal={"<script>", "</script>", "&lt;"})
    nodes, edges = parsed(sequence_as_mermaid(sequence))

    assert nodes == {"start", "s0", "stop"}
    assert edges == [("start", "s0"), ("s0", "stop")]


BRACELESS = str.maketrans("{}", "()")


@pytest.mark.parametrize("label", ["1. one", "12) twelve", " 3. three"])
def test_labels_like_items_of_a_list(label: str) -> None:
    """Mermaid refuses to draw a label that begins like a list."""
    assert not re.match(r"\s*\d+[.)]", escaped(label))
    assert shown_by_mermaid(escaped(label)) == label


def test_in_words(branching: Any) -> None:
    """A person reads each step, what it says, every way out of it, and the deadline."""
    text = describe_sequence(branching.sequence())

    lines = text.splitlines()
    assert lines[0].startswith("1. Visit the profile")
    assert lines[1] == "     after 1 hour 30 minutes → step 2"
    assert "     accepted, after 4 hours → step 3" in lines
    assert "     not accepted within 14 days → step 5" in lines
    assert lines[-1] == "     → the sequence ends"


@given(SEEDS, WORDS)
def test_every_step_is_told(seed: int, words: list[str]) -> None:
    """No kind of step is without words, and every number named is that of a step."""
    sequence = sequence_of(Random(seed), words=words)

    text = describe_sequence(sequence)

    told = re.findall(r"^(\d+)\. \S", text, re.MULTILINE)
    assert told == [str(step.index + 1) for step in sequence.steps]
    for number in re.findall(r"→ step (\d+)$", text, re.MULTILINE):
        assert 1 <= int(number) <= len(sequence.steps)


def test_long_texts_are_shortened(drawing: Any) -> None:
    """A message of 8,000 characters is one line."""
    drawing.node("n", "send_followup", customMessage="word\n" * 1_500)

    text = describe_sequence(drawing.sequence())

    assert len(text.splitlines()) == 3
    assert "…”" in text
    assert len(sequence_as_mermaid(drawing.sequence())) < 500


def test_versions_of_a_text_are_told(drawing: Any) -> None:
    """Each version with its share, in words and in the diagram."""
    drawing.node(
        "n",
        "send_followup",
        customMessage="One",
        variants=[{"name": "b", "text": "Two", "share": 3}],
    )

    lines = describe_sequence(drawing.sequence()).splitlines()

    assert lines[1:3] == ["     control, 25 %: “One”", "     b, 75 %: “Two”"]
    assert "b, 75 #37;#58; “Two”" in sequence_as_mermaid(drawing.sequence())


def test_findings_are_told() -> None:
    """Warnings stand below the steps; violations stand alone."""
    violation = Violation(field="nodes[0].id", reason="NODE_ID_DUPLICATE", description="Twice.")

    assert describe_violations([violation]).splitlines()[1] == (
        "  nodes[0].id: Twice. (NODE_ID_DUPLICATE)"
    )


def test_warnings_are_told(branching: Any) -> None:
    """What is worth knowing comes last, with its path and its reason."""
    warning = SequenceWarning(field="edges[5]", reason="EDGE_IGNORED", description="Dropped.")

    text = describe_sequence(branching.sequence(), [warning])

    assert text.endswith("Worth knowing:\n  edges[5]: Dropped. (EDGE_IGNORED)\n")


def test_every_kind_has_a_shape(drawing: Any) -> None:
    """A wait, a condition and a split are told apart from actions at a glance."""
    drawing.node("w", "wait", delay="3d").edge("w", "c")
    drawing.node("c", "condition", condition="has_posts").accepted("c", "s").not_accepted("c", "h")
    drawing.node("s", "split").edge("s", "v", 0).edge("s", "h", 0)
    drawing.node("v", "profile_visit").node("h", "webhook", webhookId="w1")

    diagram = sequence_as_mermaid(drawing.sequence())

    assert {step.kind for step in drawing.sequence().steps} >= {StepKind.SPLIT, StepKind.WAIT}
    assert 's0(["1 · Wait 3 days<br/>(Wait)"])' in diagram
    assert 's1{"2 · Posted within 7 days?<br/>(Condition)"}' in diagram
    assert 's2{{"3 · Split the leads<br/>(Split)"}}' in diagram
    assert 's2 -->|"A, 50 #37;, at once"| s3' in diagram
