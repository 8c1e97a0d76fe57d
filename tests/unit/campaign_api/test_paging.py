"""Pages and their tokens."""

import base64

import pytest
from campaign_api.errors import InvalidFields
from campaign_api.paging import page_cursor, page_limit, page_token
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
OF = ("campaigns", "org_north", "")


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(st.text(), max_size=3))
def test_a_token_holds_its_cursor(cursor: list[str], filters: list[str]) -> None:
    """What went into a token comes out of it, for the same list."""
    token = page_token(cursor, of=filters)

    assert page_cursor(token, of=filters, parts=len(cursor)) == cursor


@given(
    st.text(min_size=1) | st.binary(min_size=1).map(lambda data: base64.b64encode(data).decode())
)
def test_no_text_breaks_a_list(text: str) -> None:
    """Whatever is sent as a token and is none is refused by field."""
    with pytest.raises(InvalidFields) as refused:
        page_cursor(text, of=OF, parts=1)

    assert [wrong.field for wrong in refused.value.violations] == ["page_token"]


def test_no_token_is_the_first_page() -> None:
    """An empty token has no cursor."""
    assert page_cursor("", of=OF, parts=1) is None


def test_a_token_belongs_to_its_list() -> None:
    """With other filters, or for another list, it is refused."""
    token = page_token(["7"], of=OF)

    with pytest.raises(InvalidFields):
        page_cursor(token, of=("campaigns", "org_north", "running"), parts=1)
    with pytest.raises(InvalidFields):
        page_cursor(token, of=OF, parts=2)


@pytest.mark.parametrize(("asked", "limit"), [(0, 100), (1, 1), (1000, 1000), (5000, 1000)])
def test_the_size_of_a_page(asked: int, limit: int) -> None:
    """100 unless asked for, and never more than 1000."""
    assert page_limit(asked) == limit


def test_a_negative_size_is_refused() -> None:
    """By field."""
    with pytest.raises(InvalidFields):
        page_limit(-1)
