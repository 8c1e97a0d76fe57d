"""Names as people would say them."""

from __future__ import annotations

import pytest
from campaigns.texts.person_names import clean_name, split_name
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane", "Jane"),
        ("DR. JANE DOE, MBA 🚀", "Jane Doe"),
        ("Jane Doe, RN, BSN", "Jane Doe"),
        ("Jane Doe MBA PhD", "Jane Doe"),
        ("Jane (she/her)", "Jane"),
        ('Robert "Bob" Marlow', "Robert Marlow"),
        ("Jane | Growth at Acme", "Jane"),
        ("Jane - hiring!", "Jane"),
        ("Prof. Dr. Karel Vrba", "Karel Vrba"),
        ("JEAN-PIERRE", "Jean-Pierre"),
        ("O'BRIEN", "O'Brien"),
        ("MCDONALD", "McDonald"),
        ("anna", "Anna"),
        ("ludwig van beek", "Ludwig van Beek"),
        ("Ludwig van Beek", "Ludwig van Beek"),
        ("JP", "JP"),
        ("J.R.", "J.R."),
        ("DeShawn", "DeShawn"),
        ("Li Ma", "Li Ma"),
        ("JACK MA", "Jack Ma"),
        ("José Ñúñez", "José Ñúñez"),
        ("李 小龙", "李 小龙"),
        ("Ms", "Ms"),
        ("  Mary   Ann ", "Mary Ann"),
        ("🚀", ""),
        ("---", ""),
        ("", ""),
    ],
)
def test_clean_name(name: str, expected: str) -> None:
    """Titles, degrees, symbols and shouting go; names of any kind stay."""
    assert clean_name(name) == expected


@given(st.text(max_size=60))
def test_nothing_but_a_name_is_left(name: str) -> None:
    """Whatever a list holds, no brace, digit, comma or line break is left of it."""
    assert not set("{}[]()<>,;|@#0123456789\n\t") & set(clean_name(name))


@given(st.text(max_size=40))
def test_clean_once(name: str) -> None:
    """A name that has been cleaned has no outer space and stays in one line."""
    cleaned = clean_name(name)

    assert cleaned == " ".join(cleaned.split())


@pytest.mark.parametrize(
    ("full_name", "expected"),
    [
        ("Jane Doe", ("Jane", "Doe")),
        ("Dr. Jane van Beek, MBA", ("Jane", "van Beek")),
        ("Jane", ("Jane", "")),
        ("🚀", ("", "")),
    ],
)
def test_split_name(full_name: str, expected: tuple[str, str]) -> None:
    """A full name is a first name and the rest."""
    assert split_name(full_name) == expected
