"""campaign_api.paging."""

import base64
from datetime import UTC, datetime

import pytest
from campaign_api.paging import Pages
from hypothesis import given
from hypothesis import strategies as st
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.listing import page_limit
from servicekit.page_tokens import PageTokens

from tests.unit.servicekit.page_tokens import FixedKey

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
OF = ("members", "org_north")
PAGES = Pages(PageTokens(FixedKey()))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(row_id=TEXTS, number=st.integers(0, 2**62), of=st.lists(st.text(), max_size=3))
async def test_a_token_holds_its_row(row_id: str, number: int, of: list[str]) -> None:
    """What went into a token comes out of it, for the same list."""
    position = await PAGES.after((NOON, row_id), of=of)

    assert await PAGES.position(position, of=of) == (NOON, row_id)
    assert await PAGES.number(await PAGES.after(number, of=of), of=of) == number


@given(
    st.text(min_size=1) | st.binary(min_size=1).map(lambda data: base64.b64encode(data).decode())
)
async def test_no_text_breaks_a_list(text: str) -> None:
    """Whatever is sent as a token and is none is refused by field."""
    with pytest.raises(PageTokenInvalid) as refused:
        await PAGES.position(text, of=OF)

    assert [wrong.field for wrong in refused.value.violations] == ["page_token"]


async def test_no_token_is_the_first_page() -> None:
    """An empty token has no position, and no next page has no token."""
    assert await PAGES.position("", of=OF) is None
    assert await PAGES.number("", of=OF) is None
    assert await PAGES.after(None, of=OF) == ""


async def test_a_token_belongs_to_its_list() -> None:
    """Of another organization, of another list or by another key it is refused."""
    token = await PAGES.after((NOON, "mem_1"), of=OF)

    with pytest.raises(PageTokenInvalid):
        await PAGES.position(token, of=("members", "org_south"))
    with pytest.raises(PageTokenInvalid):
        await PAGES.number(token, of=OF)
    with pytest.raises(PageTokenInvalid):
        await Pages(PageTokens(FixedKey(b"another"))).position(token, of=OF)


@pytest.mark.parametrize(("asked", "limit"), [(0, 100), (1, 1), (1000, 1000), (5000, 1000)])
def test_the_size_of_a_page(asked: int, limit: int) -> None:
    """100 unless asked for, and never more than 1000."""
    assert page_limit(asked) == limit
