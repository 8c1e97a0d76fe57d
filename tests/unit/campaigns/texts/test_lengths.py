"""How long texts are."""

from __future__ import annotations

from campaigns.texts.lengths import length, longest_length, shortest_length
from hypothesis import given
from hypothesis import strategies as st


def test_lengths() -> None:
    """What is said at least and what is likely at most, whatever is chosen."""
    text = "{Hi|Hello there} {{first_name|there}}!"

    assert shortest_length(text) == len("Hi !")
    assert longest_length(text) == len("Hello there !") + 15


def test_pictures_are_longer_than_they_look() -> None:
    """A text of pictures is counted in UTF-16 units, of which each has two or more."""
    assert length("👋") == 2
    assert length("👨‍👩‍👧") == 8
    assert shortest_length("Hi 👋 {{first_name}}") == len("Hi  ") + 2


@given(st.text(max_size=60))
def test_short_enough_either_way(text: str) -> None:
    """Who counts characters and who counts UTF-16 units both find at most this many."""
    assert len(text) <= length(text)
    assert length(text) == sum(1 + (letter > "\uffff") for letter in text)
