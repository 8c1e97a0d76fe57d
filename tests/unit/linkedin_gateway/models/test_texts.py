"""What can be stored of a text, and how it is found again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models import clean_text, text_hash

ANY = st.text(st.characters(), max_size=60) | st.text(
    st.characters(max_codepoint=40) | st.characters(categories=["Cs"]), max_size=20
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Engineer\x00", "Engineer"),
        ("a\x01\x08b\x7f", "ab\x7f"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\x0btwo\x1fthree", "one two three"),
        ("half \ud83d", "half \N{REPLACEMENT CHARACTER}"),
        ("\ude00 half", "\N{REPLACEMENT CHARACTER} half"),
        ("whole \ud83d\ude00", "whole \N{GRINNING FACE}"),
        ("Zoë \N{GRINNING FACE} \N{ZERO WIDTH JOINER}", "Zoë \N{GRINNING FACE} \u200d"),
    ],
)
def test_what_a_text_becomes(text: str, clean: str) -> None:
    """Controls go, white space stays, halves that belong together are one character."""
    assert clean_text(text) == clean


@given(ANY)
def test_a_clean_text_can_be_stored(text: str) -> None:
    """It is UTF-8, without NUL and controls; and cleaning it again changes nothing."""
    clean = clean_text(text)

    clean.encode()
    assert re.search("[\x00-\x08\x0b-\x1f]", clean) is None
    assert clean_text(clean) == clean


@given(ANY)
def test_a_text_is_found_whatever_was_cleaned_of_it(text: str) -> None:
    """What we sent is found again in what comes back, though that was cleaned on its way."""
    assert text_hash(clean_text(text)) == text_hash(text)
