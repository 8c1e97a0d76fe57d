"""Reading the builder's JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from campaigns.builder.document import LARGEST_SOURCE, MOST_NODES, Document, read_document
from campaigns.sequences.diagnostics import Diagnostics

VISIT: dict[str, Any] = {"id": "a", "type": "action", "data": {"type": "profile_visit"}}


def read(source: Any) -> tuple[Document | None, list[tuple[str, str]]]:
    """The document and the field and reason of each violation."""
    diagnostics = Diagnostics()
    text = source if isinstance(source, str | bytes) else json.dumps(source)
    document = read_document(text, diagnostics)
    return document, [(each.field, each.reason) for each in diagnostics.violations]


@pytest.mark.parametrize(
    "source",
    [
        "",
        b"",
        "not json",
        "{",
        b"\x89PNG\r\n\x1a\n\x00",
        b"\xff\xfe\x00",
        "[]",
        "7",
        "null",
        '{"nodes": [NaN], "edges": []}',
        '{"nodes": [Infinity], "edges": []}',
        '{"nodes": [' + "9" * 5000 + '], "edges": []}',
        "[" * 100_000,
        '{"nodes":' * 50_000,
        " " * (LARGEST_SOURCE + 1),
        '{"nodes": [], "edges": [], "x": "\\u0000"}',
        '{"nodes": [], "edges": [], "x": "\ud800"}',
        b'{"nodes": [], "edges": [], "x": "\xed\xa0\x80"}',
        '{"nodes": [], "edges": [], "x": ["\\ud800"]}',
        '{"nodes": [], "edges": [], "\\udfff": 1}',
    ],
)
def test_unreadable(source: str | bytes) -> None:
    """What is no drawing, or could not be stored, is refused as a whole."""
    document, reasons = read(source)

    assert document is None
    assert [reason for _, reason in reasons] == ["SEQUENCE_UNREADABLE"]


def test_place_of_a_syntax_error() -> None:
    """A person is told where the JSON goes wrong."""
    diagnostics = Diagnostics()

    read_document('{"nodes": [],\n "edges": ]}', diagnostics)

    assert "line 2, column 11" in diagnostics.violations[0].description


@pytest.mark.parametrize(
    ("drawing", "field"),
    [
        ({"edges": []}, "nodes"),
        ({"nodes": None, "edges": []}, "nodes"),
        ({"nodes": {}, "edges": []}, "nodes"),
        ({"nodes": [], "edges": "none"}, "edges"),
        ({"nodes": [VISIT] * (MOST_NODES + 1), "edges": []}, "nodes"),
    ],
)
def test_lists(drawing: Any, field: str) -> None:
    """Nodes and edges must be lists of a size that a person can have drawn."""
    assert read(drawing) == (None, [(field, "SEQUENCE_UNREADABLE")])


def test_edges_may_be_missing() -> None:
    """A single node needs no edges."""
    document, reasons = read({"nodes": [VISIT], "edges": None})

    assert document is not None
    assert (len(document.nodes), document.edges, reasons) == (1, (), [])


@pytest.mark.parametrize("bad", [None, 7, "node", [], True])
def test_nodes_that_are_no_objects(bad: Any) -> None:
    """A node that is no object is told with its own path."""
    _, reasons = read({"nodes": [VISIT, bad], "edges": []})

    assert reasons == [("nodes[1]", "SEQUENCE_UNREADABLE")]


@pytest.mark.parametrize("bad", [None, "", "  ", 1.5, True, [], "x" * 201, 10**300])
def test_ids(bad: Any) -> None:
    """A node needs an id that can name a step."""
    _, reasons = read({"nodes": [VISIT | {"id": bad}], "edges": []})

    assert reasons == [("nodes[0].id", "SEQUENCE_UNREADABLE")]


def test_no_id_is_like_a_hash() -> None:
    """Where an action is named one stands for an id that is too long: two steps had one action."""
    digits = "0123456789abcdef" * 4
    ids = [digits, int("7" * 64), digits.upper(), digits[1:], f"{digits}0"]
    _, reasons = read({"nodes": [VISIT | {"id": each} for each in ids], "edges": []})

    assert reasons == [(f"nodes[{at}].id", "SEQUENCE_UNREADABLE") for at in (0, 1)]


def test_numbers_as_ids() -> None:
    """A number names a node as its digits do."""
    document, _ = read({"nodes": [VISIT | {"id": 1}], "edges": [{"source": 1, "target": "1"}]})

    assert document is not None
    assert document.nodes[0].id == document.edges[0].source == document.edges[0].target == "1"


@pytest.mark.parametrize("bad", [None, "", 1.5, {}, []])
def test_ends_of_edges(bad: Any) -> None:
    """An edge without an end hangs in the air."""
    _, reasons = read({"nodes": [VISIT], "edges": [{"source": "a", "target": bad}]})

    assert reasons == [("edges[0].target", "EDGE_DANGLING")]


@pytest.mark.parametrize("field", ["data", "config"])
def test_data_that_is_no_object(field: str) -> None:
    """Wrong types inside of a node are told with their path."""
    data = "text" if field == "data" else {"type": "profile_visit", "config": [1]}
    _, reasons = read({"nodes": [VISIT | {"data": data}], "edges": []})

    path = "nodes[0].data" if field == "data" else "nodes[0].data.config"
    assert reasons == [(path, "SEQUENCE_UNREADABLE")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """A file may have been saved with a byte order mark."""
    source = json.dumps({"nodes": [VISIT], "edges": []}).encode(encoding)

    assert read(source)[1] == []


def test_byte_order_mark_in_text() -> None:
    """A mark that survived decoding does no harm."""
    assert read("\ufeff" + json.dumps({"nodes": [VISIT], "edges": []}))[1] == []


@pytest.mark.parametrize("word", ["addStep", "ADDSTEP", "add-step"])
def test_placeholders(word: str) -> None:
    """It is the node's own type that makes a placeholder, whatever data it copies."""
    document, _ = read({"nodes": [VISIT | {"type": word}], "edges": []})

    assert document is not None
    assert document.nodes[0].placeholder
