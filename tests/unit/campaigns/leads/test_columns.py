"""Headers of lead lists."""

from __future__ import annotations

import pytest
from campaigns.leads.columns import NotALeadList, read_header
from campaigns.leads.headers import LEAD_FIELDS
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.campaigns.leads.test_address_columns import NAMES, address
from tests.unit.campaigns.leads.test_exports import read, table


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("first_name", "first_name"),
        ("First Name", "first_name"),
        ("FIRST-NAME", "first_name"),
        ("firstName", "first_name"),
        ("Surname", "last_name"),
        ("Full Name", "full_name"),
        ("Name", "full_name"),
        ("E-Mail", "email"),
        ("Email Address", "email"),
        ("Company Name", "company"),
        ("Organisation", "company"),
        ("Job Title", "title"),
        ("Position", "title"),
        ("Phone Number", "phone"),
        ("Location", "location"),
        ("Industry", "industry"),
    ],
)
def test_aliases(header: str, field: str) -> None:
    """A field is recognised however its header is spelled."""
    assert read_header([header, "linkedin_url"], {}).index_by_field[field] == 0


@pytest.mark.parametrize(
    "header",
    [
        "linkedin_url",
        "LinkedIn URL",
        "LinkedIn",
        "Linkedin Profile",
        "Profile URL",
        "Person Linkedin Url",
        "profileUrl",
        "My LinkedIn address",
    ],
)
def test_linkedin_column(header: str) -> None:
    """The LinkedIn column has many names."""
    assert read_header(["x", header], {}).linkedin_header == header


@pytest.mark.parametrize(
    "headers",
    [
        ["first_name", "email"],
        ["Company LinkedIn URL", "name"],
        ["Sales Navigator LinkedIn URL"],
        [""],
    ],
)
def test_no_linkedin_column(headers: list[str]) -> None:
    """A list without a person's LinkedIn column cannot be used; its columns are told."""
    with pytest.raises(NotALeadList, match="no LinkedIn column"):
        read_header(headers, {})


def test_preference() -> None:
    """Of several candidates the most exact one counts, the others are variables."""
    columns = read_header(["Company LinkedIn URL", "LinkedIn", "linkedin_url", "Name"], {})

    assert columns.linkedin_header == "linkedin_url"
    assert columns.index_by_variable == {"company_linked_in_url": 0, "linked_in": 1}


def test_further_columns() -> None:
    """Every other column is a variable under its one name; blank headers are none."""
    columns = read_header(["linkedin_url", "Pain Point #1", "coreOffering", "", "Work Email"], {})

    assert columns.index_by_variable == {"pain_point_1": 1, "core_offering": 2, "work_email": 4}
    assert columns.index_by_field["email"] == 4


def test_named_columns() -> None:
    """A column that is named for a field is taken, in any spelling; the rest is recognised."""
    columns = read_header(
        ["Title", "Weblink", "Role"], {"linkedin_url": "weblink", "title": "Role"}
    )

    assert columns.index_by_field == {"linkedin_url": 1, "title": 2}


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"email": "Mail"}, "2 columns “Mail”"),
        ({"email": "MAIL"}, "3 columns “MAIL”"),
        ({"first_name": "Name", "last_name": "Name"}, "first_name and for last_name"),
    ],
)
def test_named_columns_are_one_each(named: dict[str, str], why: str) -> None:
    """The first of several was taken, whichever was meant; one column says one thing of a lead."""
    with pytest.raises(NotALeadList, match=why):
        read_header(["linkedin_url", "Name", "Mail", "Mail", "mail"], named)


def test_a_name_that_is_spelt_so_comes_before_those_that_read_so() -> None:
    """Columns that differ by case alone can be told apart by it; a place may be told by two."""
    columns = read_header(["linkedin_url", "mail", "Mail"], {"email": "Mail"})
    place = read_header(["linkedin_url", "Where"], {"location": "Where", "city": "Where"})

    assert columns.index_by_field["email"] == 2
    assert (place.index_by_field["location"], place.index_by_place["city"]) == (1, 1)


@pytest.mark.parametrize("named", [{"shoe_size": "x"}, {"email": "y"}, {"email": ""}])
def test_named_columns_that_are_not_there(named: dict[str, str]) -> None:
    """A mapping from an unknown field or to an unknown column is refused."""
    with pytest.raises(NotALeadList):
        read_header(["linkedin_url", "x"], named)


def test_every_field_has_its_own_name() -> None:
    """Each field is recognised by the name that the contract gives it."""
    columns = read_header(LEAD_FIELDS, {})

    assert columns.index_by_field == {field: i for i, field in enumerate(LEAD_FIELDS)}
    assert columns.index_by_variable == {}


def test_too_many_columns() -> None:
    """A header beyond measure is refused."""
    with pytest.raises(NotALeadList):
        read_header(["linkedin_url"] * 501, {})


WHAT_IS_SAID_BEFORE = st.sampled_from(
    [
        ["Exported by", address("owner")],
        ["Owner:", address("owner-2")],
        ["Company", "Looms"],
        ["Date", "2026-12-01"],
        ["Name", "Weekly"],
    ]
)


@given(
    st.lists(WHAT_IS_SAID_BEFORE, max_size=4, unique_by=tuple),
    st.sampled_from([("First Name", "LinkedIn"), ("Vorname", "Firma", "LinkedIn-Profil")]),
    st.integers(2, len(NAMES)),
)
def test_who_exported_a_list_is_nobodys_lead(
    before: list[list[str]], header: tuple[str, ...], people: int
) -> None:
    """An address above the header was the first lead, and the list lost its names."""
    rows = [
        [name, *[""] * (len(header) - 2), address(f"p{number}x")]
        for number, name in enumerate(NAMES[:people])
    ]

    found, wrong, notes, _ = read(table(*before, header, *rows))

    assert [each.public_identifier for each in found] == [f"p{i}x" for i in range(people)]
    assert all(each.first_name for each in found)
    assert not wrong
    assert [each.reason for each in notes] == ["NOTE_SKIPPED"] * len(before)


def test_a_header_that_comes_late_costs_nobody() -> None:
    """People above a header are people where they are more than a word about the list."""
    rows = [[name, "Looms", address(f"p{number}x")] for number, name in enumerate(NAMES)]

    found, wrong, _, _ = read(table(*rows[:4], ["Name", "Company", "LinkedIn"], *rows[4:]))

    assert [each.first_name for each in found] == [name.split()[0] for name in NAMES]
    assert not wrong


@example(
    5,
    ("Name", "LinkedIn URL"),
    [["Exported by", address("owner")], ["Owner:", address("owner-2")]],
    ["Looms", "COO"],
)
@given(
    st.integers(1, 5),
    st.sampled_from([("Name", "LinkedIn URL"), ("Name", "LinkedIn", "Company", "Title")]),
    st.lists(WHAT_IS_SAID_BEFORE, max_size=2, unique_by=tuple),
    st.sampled_from([["Looms", "COO"], ["", ""]]),
)
def test_two_lists_in_one_lose_nobody(
    above: int, header: tuple[str, ...], before: list[list[str]], rest: list[str]
) -> None:
    """Three people who stood above a header were taken for who had made the list."""
    rows = [[name, address(name.lower().replace(" ", "-")), *rest][: len(header)] for name in NAMES]

    found, wrong, notes, _ = read(table(*before, *rows[:above], header, *rows[above:]))

    assert [each.first_name for each in found] == [name.split()[0] for name in NAMES]
    assert not wrong
    assert [each.reason for each in notes] == ["NOTE_SKIPPED"] * len(before)


@pytest.mark.parametrize(
    "maker", [["Report", "Max Boss", address("max-9")], ["Max Boss", address("mb9")]]
)
def test_who_stands_elsewhere_above_a_header_has_made_the_list(maker: list[str]) -> None:
    """An address in another column, or in a row of two words, is no lead's."""
    rows = [[name, address(f"p{i}x"), "Looms"] for i, name in enumerate(NAMES)]

    found, _, (note,), _ = read(table(maker, ["Name", "LinkedIn", "Company"], *rows))

    assert len(found) == len(NAMES)
    assert (note.line, note.reason) == (1, "NOTE_SKIPPED")


@pytest.mark.parametrize(
    "said",
    [
        *("List by", "Curated by", "Data provided by", "Account executive", "SDR", "Assigned to"),
        *("Your contact", "Sourced by", "Shared by", "Imported by", "Bearbeitet von", "Gruß"),
    ],
)
@pytest.mark.parametrize(
    "header",
    [("Name", "Company", "LinkedIn URL", "Title"), ("First Name", "Last Name", "LinkedIn URL")],
)
@pytest.mark.parametrize("slug", ["pam-quast", "pq9"])
def test_who_made_a_list_is_no_lead_whatever_it_calls_them(
    said: str, header: tuple[str, ...], slug: str
) -> None:
    """They were greeted as “List” and “Assigned”: only some words of it were known."""
    if said == "Gruß" and len(header) == 3 and slug == "pq9":
        return  # may be a name
    rows = [
        [name, "Looms", address(f"p{i}x"), "COO"][: len(header)] for i, name in enumerate(NAMES)
    ]

    found, _, notes, _ = read(table([said, "Pam Quast", address(slug)], header, *rows))

    assert [each.public_identifier for each in found] == [f"p{i}x" for i in range(len(NAMES))]
    assert [(note.line, note.reason) for note in notes] == [(1, "NOTE_SKIPPED")]


def test_of_two_lists_in_one_the_narrower_loses_nobody() -> None:
    """Whose address bears no name, and whose row is narrower, is a lead where many are so."""
    rows = [[name, "Looms", address(f"p{i}x"), ""] for i, name in enumerate(NAMES)]
    more = [[f"Gil {i}", "Ox", address(f"g{i}x"), "COO"] for i in range(5)]

    found, _, _, _ = read(table(*rows, ["Name", "Company", "LinkedIn URL", "Title"], *more))

    assert len(found) == len(rows) + len(more)


def test_who_works_at_linkedin_is_no_header() -> None:
    """Words of headers in a list without one are what people do, and where."""
    rows = [["Ada", "COO", "LinkedIn", address("ada-1")], ["Bo", "Position", "LinkedIn", "-"]]

    found, _, _, reader = read(table(*rows, ["Cy", "CEO", "Ox", address("cy-3")]))

    assert [each.public_identifier for each in found] == ["ada-1", "cy-3"]
    assert reader.columns is not None
    assert not reader.columns.has_header
