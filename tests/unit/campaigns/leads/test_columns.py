"""Headers of lead lists."""

from __future__ import annotations

import pytest
from campaigns.leads.columns import NotALeadList, read_header
from campaigns.leads.headers import LEAD_FIELDS
from hypothesis import given
from hypothesis import strategies as st

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


SOMEBODY_ELSES = (
    *("CEO LinkedIn", "Founder LinkedIn", "Colleague", "AE", "CSM", "Contact 2", "Liked By"),
    *("Empfohlen von", "Warm intro", "Post Author", "My LinkedIn", "Commented On", "Chef-Profil"),
)
OWN = ("LinkedIn URL", "linkedin_url", "LinkedIn-Profil", "Person Linkedin Url", "Profile URL")
NAMES = ("Ada Quill", "Bo Marsh", "Cy Oxley", "Di Fenn", "Ed Stone", "Fi Heath")


def address(slug: str) -> str:
    return f"https://www.linkedin.com/in/{slug}"


def assigned(number: int) -> str:
    return address(f"ACoAAAAAAAEurjNV_7tQ1N7tSGqVD1PwV6sv-{number}Q")


@given(
    st.sampled_from(OWN),
    st.sampled_from(SOMEBODY_ELSES),
    st.lists(st.sampled_from(["slug", "id", "", "n/a"]), min_size=1, max_size=len(NAMES)),
    st.sampled_from([1, -1]),
    st.sampled_from(["Name", "Note"]),
)
def test_nobody_of_another_column_is_contacted(
    own: str, other: str, kinds: list[str], order: int, first: str
) -> None:
    """A boss who stood in every row was greeted by the names of those who stood in most."""
    addresses = [
        {"slug": address(f"p{number}x"), "id": assigned(number)}.get(kind, kind)
        for number, kind in enumerate(kinds)
    ]
    rows = [
        [name, own_address, address(f"boss-{number}-zz")]
        for number, (name, own_address) in enumerate(zip(NAMES, addresses, strict=False))
    ]

    people, wrong, _, _ = read(table(*(row[::order] for row in [[first, own, other], *rows])))

    assert not [each for each in people if each.public_identifier.startswith("boss")]
    assert len(people) == len([kind for kind in kinds if kind in {"slug", "id"}])
    assert {each.reason for each in wrong} <= {"URL_MISSING"}


@given(
    st.sampled_from(["LinkedIn-Kontakt", "Social link", "Sales Navigator URL", "Whoever"]),
    st.sampled_from(SOMEBODY_ELSES),
    st.sampled_from([1, -1]),
)
def test_a_name_in_the_address_says_whose_it_is(own: str, other: str, order: int) -> None:
    """Where no header says which column the people are in, the names beside them do."""
    rows = [
        [name, address(name.lower().replace(" ", "-")), address(f"boss-{number}-zz")]
        for number, name in enumerate(NAMES)
    ]
    rows[2][1], rows[3][1] = "-", address("fenn-weaves")

    people, (wrong,), _, _ = read(table(*(row[::order] for row in [["Name", own, other], *rows])))

    assert [each.public_identifier for each in people] == [
        *("ada-quill", "bo-marsh", "fenn-weaves", "ed-stone", "fi-heath")
    ]
    assert (wrong.line, wrong.reason) == (4, "URL_MISSING")


def test_ids_of_sales_navigator_are_the_people_and_not_who_was_commented_on() -> None:
    """An id that LinkedIn has assigned counted less than a name, whoever it was the name of."""
    ids = [f"ACwAAAAAAAEurjNWW2v3BY8rUQxQ5nRilmg0g{number}A" for number in range(3)]
    rows = [
        [
            name.split()[0],
            f"https://www.linkedin.com/sales/lead/{each},NAME_SEARCH,x",
            address(f"boss-{i}"),
        ]
        for i, (name, each) in enumerate(zip(NAMES, ids, strict=False))
    ]

    people, _, _, _ = read(table(["First Name", "Sales Navigator URL", "Commented On"], *rows))

    assert [each.public_identifier for each in people] == ids


def test_columns_of_people_that_compete_are_told() -> None:
    """Whoever uploads the list hears whose addresses are left out; a colleague's are no news."""
    header = ["LinkedIn URL", "CEO LinkedIn", "Colleague", "Person Linkedin Url"]
    rows = [
        [address(f"p{i}x"), address(f"boss-{i}"), address("carer"), address(f"p{i}x")]
        for i in range(3)
    ]

    _, _, (note,), _ = read(table(header, *rows))

    assert (note.line, note.column, note.reason) == (0, "CEO LinkedIn", "PEOPLE_LEFT_OUT")
    assert "“LinkedIn URL”" in note.description


def test_names_that_the_addresses_deny_make_nobody_a_lead() -> None:
    """A list whose only people are the bosses of those it names is no list of those people."""
    rows = [[name, address(f"boss-{number}-zz")] for number, name in enumerate(NAMES)]

    with pytest.raises(NotALeadList, match="no LinkedIn column"):
        read(table(["Name", "CEO LinkedIn"], *rows))


def test_a_column_of_others_stands_in_for_whom_it_names() -> None:
    """Where the list's own cell is blank, another column counts if it bears the row's name."""
    people, (wrong,), _, _ = read(
        table(
            ["Name", "LinkedIn URL", "Contact 2"],
            ["Ada Quill", address("ada-1"), address("max-boss")],
            ["Bo Marsh", "n/a", address("bo-marsh-9")],
            ["Cy Oxley", "n/a", address("eva-boss")],
        )
    )

    assert [each.public_identifier for each in people] == ["ada-1", "bo-marsh-9"]
    assert (wrong.line, wrong.reason) == (4, "URL_MISSING")


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

    found, _, _, _ = read(table(*rows[:4], ["Name", "Company", "LinkedIn"], *rows[4:]))

    assert len(found) == len(NAMES)
