"""How people and texts are recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models import is_provider_id, person_key, text_hash


@pytest.mark.parametrize(
    ("spelt", "expected"),
    [
        ("Ada-Example", "ada-example"),
        ("jos%C3%A9-p", "josé-p"),
        ("jose\u0301", "josé"),
        ("ada/", "ada"),
        ("ACoAAAbcDEFghijklmnop12", "ACoAAAbcDEFghijklmnop12"),
    ],
)
def test_one_spelling_per_person(spelt: str, expected: str) -> None:
    """Case, escapes, accents and slashes do not make another person; ids keep their case."""
    assert person_key(spelt) == expected


def test_a_name_is_no_id() -> None:
    """A short address that begins like an id is an address."""
    assert not is_provider_id("AE-jones")


@given(st.text())
def test_person_key_is_settled(text: str) -> None:
    """The key of a key is the key, unless it holds escapes of its own."""
    key = person_key(text.replace("%", ""))

    assert person_key(key) == person_key(person_key(key))


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), min_size=1))
def test_white_space_does_not_matter(words: list[str]) -> None:
    """A text is found again although LinkedIn changed its line breaks."""
    assert text_hash(" ".join(words)) == text_hash("\n\n".join(words) + "\n")
    assert text_hash("".join(words) + "!") != text_hash("".join(words))


def test_no_text_has_no_hash() -> None:
    """An action without a text does not match others without one."""
    assert text_hash("  ") == ""
