"""What comes from Unipile is plain when it is read, whatever the bytes are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.unipile.documents import document

TEXTS = st.text(st.characters(), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inside: st.lists(inside) | st.dictionaries(TEXTS, inside), max_leaves=20
)


def depth(value: Any) -> int:
    levels = 0
    while value and isinstance(value, list | dict):
        levels += 1
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return levels


def test_a_headline_is_a_headline() -> None:
    """NUL and half an emoji are cut out of a text and of a name; the rest is as it was."""
    raw = rb'{"headline": "CTO\u0000 \ud83d", "n\u0000ame": {"a": ["\ud83d\ude00"]}, "n": 1.5}'

    assert document(raw) == {"headline": "CTO \ufffd", "name": {"a": ["😀"]}, "n": 1.5}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"NaN", None),
        (b"-Infinity", None),
        (b"1e999", None),
        (b"9" * 5000, None),
        (b"9223372036854775808", None),
        (b"-9223372036854775808", -(2**63)),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
    ],
)
def test_what_is_no_number_is_nothing(raw: bytes, value: Any) -> None:
    """Numbers fit into 64 bits; bytes that are no text are marked."""
    assert document(b'{"a": ' + raw + b"}") == {"a": value}


@pytest.mark.parametrize("levels", [1, 59, 60, 61, 500, 100_000])
def test_levels_are_bounded(levels: int) -> None:
    """A hundred thousand levels cost no stack, and what lies beside them is read."""
    raw = b'{"deep": ' + b"[" * levels + b"1" + b"]" * levels + b', "name": "Ada [x]"}'

    read = document(raw)

    assert read is not None
    assert read["name"] == "Ada [x]"
    assert depth(read["deep"]) == min(levels, 59)


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b'"text"', b"<html>", b'{"a":', b"{" * 9999])
def test_what_is_no_object_is_none(raw: bytes) -> None:
    """An answer that is cut, or is something else, is not an answer."""
    assert document(raw) is None


@pytest.mark.lasts(seconds=35)
@given(value=st.dictionaries(TEXTS, VALUES))
def test_every_document_can_be_stored(value: dict[str, Any]) -> None:
    """Whatever JSON arrives, what is read of it is JSON that PostgreSQL takes."""
    read = document(json.dumps(value).encode())

    stored = json.dumps(read, ensure_ascii=False, allow_nan=False)
    stored.encode()
    assert "\\u0000" not in stored.replace("\\\\", ""), "a NUL is escaped, as a backslash is"


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_none(raw: bytes) -> None:
    """Nothing is raised, whatever arrives."""
    assert isinstance(document(raw), dict | None)
