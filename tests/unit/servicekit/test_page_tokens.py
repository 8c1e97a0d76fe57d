"""servicekit.page_tokens."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.page_tokens import PageTokenForeign, instant_of, page_token, parts_of

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
PARTS = TEXTS | st.integers(-(2**62), 2**62) | st.floats(-1e9, 1e9)


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(parts=st.lists(PARTS, max_size=4))
def test_a_token_holds_its_position(parts: Sequence[Any]) -> None:
    """What went into it comes out of it."""
    assert list(parts_of(page_token(*parts))) == list(parts)


@pytest.mark.parametrize(
    "token",
    [
        "!",
        "ÿ",
        "W10x",
        encoded({"a": 1}),
        encoded(1),
        encoded(["a\x00"]),
        encoded(["\ud800"]),
        encoded([None]),
        encoded([["a"]]),
        encoded([True]),
        encoded([10**30]),
        encoded([float("nan")]),
        encoded([float("inf")]),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        encoded(["a" * 5000]),
    ],
)
def test_what_could_not_be_stored_is_no_position(token: str) -> None:
    """It came through an encoding that no check of a request looks into."""
    with pytest.raises(PageTokenForeign):
        parts_of(token)


@given(text=st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised; what is read is a position, as a list could have given it out."""
    try:
        parts = parts_of(text)
    except PageTokenForeign:
        return

    assert parts_of(page_token(*parts)) == parts


@pytest.mark.parametrize(
    "text", ["", "7", "2026-03-02", "2026-03-02T12:00:00", "0001-01-01T00:00:00+23:59", "x"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Without a zone, or before the first year."""
    with pytest.raises(PageTokenForeign):
        instant_of(text)
