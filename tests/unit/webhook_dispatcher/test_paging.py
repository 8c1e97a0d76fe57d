"""Page tokens."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.paging import Position


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
)
def test_round_trip(at: datetime, row_id: str) -> None:
    """A token leads back to exactly the row it was made from."""
    position = Position(at, row_id)

    assert Position.from_token(position.token()) == position


@pytest.mark.parametrize(
    "token", ["!", "eyJ9", "W10", "WzEsMl0", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiYSJd", "ÿ"]
)
def test_foreign_tokens_are_refused(token: str) -> None:
    """What is not a token of ours is refused, not misread."""
    with pytest.raises(ValueError, match="not a token"):
        Position.from_token(token)
