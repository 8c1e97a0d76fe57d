"""Whose name a profile's address bears."""

from __future__ import annotations

import pytest
from campaigns.leads.name_columns import bears, row_name
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.campaigns.leads.test_address_columns import address
from tests.unit.campaigns.leads.test_exports import read, table

PLACES = {"full_name": 0, "first_name": 1, "last_name": 2}
GIVEN = ("Maria", "Dan", "Ann", "Li", "Juan", "Jordan", "Joanna", "Anna", "Lisa")
FAMILY = ("Garcia", "Lopez", "Lee", "Marsh", "Ng", "Leeds", "Marshall", "Smith")
THEIRS = st.tuples(st.sampled_from(GIVEN), st.sampled_from(FAMILY))


def is_borne(slug: str, full: str = "", first: str = "", last: str = "") -> bool:
    return bears(slug, row_name([full, first, last], PLACES))


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        *(("ada-quill", "Ada Quill"), ("ada-quill-8b1234a1", "Dr. ADA QUILL, MBA")),
        *(("quill-ada", "Ada Quill"), ("adaquill", "Ada Quill"), ("ada-quill-mba", "Quill, Ada")),
        *(("maria-garcia", "Maria Garcia Lopez"), ("maria-lopez", "Maria Garcia Lopez")),
        *(("jan-van-beek", "Jan van Beek"), ("jan-vanbeek-1", "Jan Vanbeek")),
        *(("pat-o-brien", "Pat O'Brien"), ("pat-obrien", "Pat O\u2019Brien")),
        *(("josé-núñez", "José Núñez"), ("jose-nunez", "José Núñez")),
    ],
)
def test_a_name_is_borne(slug: str, name: str) -> None:
    """Both names stand in the address, whole, however they are written."""
    assert is_borne(slug, name)


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        *(("juan-garcia-lopez", "Maria Garcia Lopez"), ("jordan-leeds", "Dan Lee")),
        *(
            ("joanna-marshall", "Ann Marsh"),
            ("anna-lisa-smith", "An Li"),
            ("tom-quill", "Ada Quill"),
        ),
        *(
            ("anna-maria-huber", "Anna Maria Schmidt"),
            ("ada-reed", "Ada Quill"),
            ("ada", "Ada Quill"),
        ),
        *(("ada-quill", "Ada"), ("acme-gmbh", "Acme GmbH"), ("ada-quill", "")),
        ("ACoAAAAAAAEurjNV-ada-quill-V1PwV6sv1234567", "Ada Quill"),
    ],
)
def test_a_name_is_not_borne(slug: str, name: str) -> None:
    """A family has one name, and many a name stands within another."""
    assert not is_borne(slug, name)


@given(THEIRS, THEIRS, st.sampled_from(["in two columns", "in one"]))
def test_nobody_bears_another_persons_name(
    one: tuple[str, str], other: tuple[str, str], said: str
) -> None:
    """Whoever has one name of two, or none, is somebody else."""
    assume(one != other)
    slug = "-".join(one).lower()

    names = ("", *other) if said == "in two columns" else (" ".join(other),)

    assert not is_borne(slug, *names)
    assert is_borne("-".join(other).lower(), *names)


@given(
    st.sampled_from(["Colleague", "Team", "Brother", "Similar profile", "Spouse", "Recommended"]),
    THEIRS,
    st.lists(THEIRS, min_size=1, max_size=3, unique=True),
    st.sampled_from(["", address("ada-quill")]),
)
def test_who_stands_in_is_called_as_the_row_says(
    header: str, person: tuple[str, str], others: list[tuple[str, str]], own: str
) -> None:
    """A brother was contacted, and greeted by the name of his sister; no word said so."""
    rows = [
        ["Ada Quill", own, address("tom-ax")],
        *[[" ".join(person), "", address("-".join(other).lower())] for other in others],
    ]

    people, wrong, notes, _ = read(table(["Name", "LinkedIn", header], *rows))

    # A header that says so is of another person, whatever they are called.
    same = [person] if person in others and header != "Recommended" else []
    found = [each.public_identifier for each in people if each.public_identifier != "ada-quill"]
    assert found == ["-".join(each).lower() for each in same]
    assert [(each.reason, each.column) for each in notes if each.line] == [
        ("ADDRESS_BY_NAME", header) for _ in same
    ]
    assert {each.reason for each in wrong} <= {"URL_MISSING"}


@pytest.mark.parametrize(
    ("slug", "first", "last"),
    [
        *(("jo-ann-stone", "Jo", "Ann"), ("john-adam-smith", "John", "Smith")),
        *(("ana-maria", "", "Ana Maria Silva"), ("maria-garcia", "Maria", "Garcia Lopez")),
        *(("ada-quill-reed", "Ada", "Quill"), ("maria-garcia", "", "Maria Garcia Lopez")),
    ],
)
def test_who_has_a_further_name_is_somebody_else(slug: str, first: str, last: str) -> None:
    """An address from another column was taken although it bears more names, or fewer."""
    header = ["First", "Last", "LinkedIn", "Team"] if first else ["Name", "LinkedIn", "Team"]
    name = [first, last] if first else [last]

    people, (wrong,), _, _ = read(table(header, [*name, "", address(slug)]))

    assert (people, wrong.reason) == ([], "URL_MISSING")


@pytest.mark.parametrize(
    "slug", ["ada-quill", "quill-ada", "adaquill", "ada-quill-8b1234a1", "adaquill7", "ada-quill-3"]
)
def test_the_note_tells_whose_address_was_read(slug: str) -> None:
    """In the words of the row, so that somebody can see whether it is they."""
    content = table(["First", "Last", "LinkedIn", "Team"], ["Ada", "Quill", "", address(slug)])

    (person,), _, notes, _ = read(content)

    assert person.public_identifier == slug
    assert f"“{slug}” in Team bears “Ada Quill”" in notes[0].description
