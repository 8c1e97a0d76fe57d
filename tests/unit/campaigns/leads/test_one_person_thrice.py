"""One list put together of three tools, each with addresses of its own for the same people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.campaigns.leads.test_exports import read

PEOPLE = ("Ada", "Bo", "Cy", "Di", "Ed", "Fi")
HEADER = "First Name,Last Name,LinkedIn URL,Company,Source"


def rows() -> list[str]:
    """By the name in the address, by the id of a member, and by Sales Navigator's."""
    return [
        f"{name},Quill,https://www.linkedin.com/in/{address},Northwind Looms,{source}"
        for number, name in enumerate(PEOPLE)
        for source, address in (
            ("apollo", f"{name.lower()}-quill-zz{number}"),
            ("phantombuster", f"ACoAAAAAAAEurjNV_7tQ1N7tSGqVD1PwV6sv-{number}Q"),
            ("salesnav", f"ACwAAAAAAAEurjNWW2v3BY8rUQxQ5nRilmg0g{number}A/"),
        )
    ]


@given(st.permutations(rows()))
def test_every_spelling_is_a_lead_of_its_own(lines: list[str]) -> None:
    """Nothing in the list says that three addresses are one person: each is read as it stands.

    Who they are is known once the first is looked up; the others fail as `DUPLICATE_PERSON` then,
    before anybody hears from them twice.
    """
    found, errors, notes, _ = read("\n".join([HEADER, *lines]))

    assert len(found) == len({person.public_identifier for person in found}) == len(lines)
    assert {person.first_name for person in found} == {*PEOPLE}
    assert (errors, notes) == ([], [])


def test_the_very_same_address_is_one_lead() -> None:
    """In whatever spelling: a slash, a query, capitals, another country's pages."""
    spellings = [
        "https://www.linkedin.com/in/ada-quill-zz1",
        "linkedin.com/in/Ada-Quill-ZZ1/?trk=x",
        "https://de.linkedin.com/in/ada-quill-zz1/",
    ]

    found, _, _, reader = read(
        "\n".join([HEADER, *(f"Ada,Quill,{each},Looms,a" for each in spellings)])
    )

    assert [person.public_identifier for person in found] == ["ada-quill-zz1"]
    assert reader.duplicates == len(spellings) - 1
