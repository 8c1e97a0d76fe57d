"""servicekit.page_tokens."""

import base64
import hmac
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.page_tokens import PageTokenForeign, PageTokens, instant_of

from tests.unit.servicekit.page_tokens import FixedKey

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
PARTS = TEXTS | st.integers(-(2**62), 2**62) | st.floats(-1e9, 1e9)


OF = ("things", "org_1")
KEY = FixedKey()


async def encoded(value: Any) -> str:
    """As a list that knows the key gives out what none of them does."""
    held = json.dumps(value).encode()
    mac = hmac.digest(await KEY.get(), json.dumps(list(OF)).encode() + b"\n" + held, "sha256")
    return base64.urlsafe_b64encode(mac[:16] + held).decode().rstrip("=")


@given(parts=st.lists(PARTS, max_size=4))
async def test_a_token_holds_its_position(parts: Sequence[Any]) -> None:
    """What went into it comes out of it, where the same is asked."""
    token = await PageTokens(KEY).give(parts, of=OF)

    assert list(await PageTokens(KEY).read(token, of=OF)) == list(parts)
    with pytest.raises(PageTokenForeign):
        await PageTokens(KEY).read(token, of=("things", "org_2"))


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        1,
        ["a\x00"],
        ["\ud800"],
        [None],
        [["a"]],
        [True],
        [10**30],
        [float("nan")],
        [float("inf")],
        ["a" * 5000],
    ],
)
async def test_what_could_not_be_stored_is_no_position(value: Any) -> None:
    """It came through an encoding that no check of a request looks into."""
    with pytest.raises(PageTokenForeign):
        await PageTokens(KEY).read(await encoded(value), of=OF)


@pytest.mark.parametrize("token", ["!", "ÿ", "W10x", "W10"])
async def test_what_is_no_token_is_refused(token: str) -> None:
    """Whatever it is made of."""
    with pytest.raises(PageTokenForeign):
        await PageTokens(KEY).read(token, of=OF)


@given(text=st.text(max_size=80))
async def test_nobody_makes_a_token(text: str) -> None:
    """Any text is refused, and nothing else is raised."""
    with pytest.raises(PageTokenForeign):
        await PageTokens(KEY).read(text, of=OF)


@pytest.mark.parametrize(
    "text", ["", "7", "2026-03-02", "2026-03-02T12:00:00", "0001-01-01T00:00:00+23:59", "x"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Without a zone, or before the first year."""
    with pytest.raises(PageTokenForeign):
        instant_of(text)
