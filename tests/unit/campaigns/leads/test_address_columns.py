"""Whose addresses are those of the people a list is of."""

from __future__ import annotations

import pytest
from campaigns.leads.columns import NotALeadList
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.campaigns.leads.test_exports import read, table

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

    with pytest.raises(NotALeadList, match="no LinkedIn column") as refused:
        read(table(["Name", "CEO LinkedIn"], *rows))

    assert "“CEO LinkedIn”" in str(refused.value)
    assert "--mapping linkedin_url=" in str(refused.value)
    people, _, _, _ = read(
        table(["Name", "CEO LinkedIn"], *rows), column_by_field={"linkedin_url": "CEO LinkedIn"}
    )
    assert len(people) == len(NAMES)


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


@pytest.mark.parametrize("names", [NAMES, [f"Looms {each} GmbH" for each in "abcdef"]])
@pytest.mark.parametrize("header", ["LI", "Person", "LI URL", "", "Social", "Prospect LI"])
def test_companies_and_handles_deny_nobody(header: str, names: list[str]) -> None:
    """A list was refused whole, and as one without such a column, for what they are called."""
    rows = [[name, address(f"codewiz{i}"), "COO"] for i, name in enumerate(names)]

    people, wrong, _, _ = read(table(["Name", header, "Title"], *rows))

    assert [each.public_identifier for each in people] == [f"codewiz{i}" for i in range(len(names))]
    assert not wrong


@pytest.mark.parametrize("header", ["Prospect LI", "Person", "LI"])
def test_the_same_person_in_every_row_is_no_lead(header: str) -> None:
    """Who owns the list stood under a usual header, and was greeted as the first row."""
    rows = [[name, address("owner-1"), address(f"hx{i}9")] for i, name in enumerate(NAMES)]

    people, _, _, _ = read(table(["Name", "LinkedIn", header], *rows))

    assert [each.public_identifier for each in people] == [f"hx{i}9" for i in range(len(NAMES))]


def test_an_owner_beside_other_peoples_bosses_is_no_lead() -> None:
    """Where the rows' own people are nowhere the list is refused, and says what it has."""
    rows = [[name, address("owner-1"), address(f"boss-{i}-zz")] for i, name in enumerate(NAMES)]

    with pytest.raises(NotALeadList, match="“CEO LinkedIn”"):
        read(table(["Name", "LinkedIn", "CEO LinkedIn"], *rows))


@given(
    st.sampled_from(OWN),
    st.sampled_from(SOMEBODY_ELSES),
    st.lists(st.sampled_from(["opaque", "id", ""]), min_size=1, max_size=len(NAMES)),
    st.sampled_from(["{first}-zz{i}", "{first}", "{first}-{last}x", "x{last}-{first}"]),
    st.sampled_from(["First Name", "Name"]),
    st.sampled_from([1, -1]),
)
def test_no_column_is_preferred_over_the_one_that_a_person_would_name(
    own: str, other: str, kinds: list[str], theirs: str, names: str, order: int
) -> None:
    """First names that others have too beat the header that says whose address it is."""
    rows = []
    for i, (name, kind) in enumerate(zip(NAMES, kinds, strict=False)):
        first, last = name.lower().split()
        own_address = {"opaque": address(f"x{i}{i}9"), "id": assigned(i), "": ""}[kind]
        they = address(theirs.format(first=first, last=last, i=i))
        rows.append([name.split()[0] if names == "First Name" else name, own_address, they])

    people, _, _, reader = read(table(*(row[::order] for row in [[names, own, other], *rows])))

    assert reader.columns is not None
    assert reader.columns.linkedin_header == own
    assert len(people) == len([kind for kind in kinds if kind])
