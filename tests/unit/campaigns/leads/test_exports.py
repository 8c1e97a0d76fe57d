"""Lists as tools export them."""
# ruff: noqa: E501, ISC004 - a table of tools reads best as one

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from campaigns.leads.lead_list import LeadListReader, RowError, RowNote
from campaigns.models import Person
from campaigns.texts.render import values_of
from hypothesis import example, given
from hypothesis import strategies as st

ADA = "https://www.linkedin.com/in/ada-zz1"
ADA_BY_SALES = "ACwAABzz11aQfooBarBazQuxQuuxCorge01"
SALES = f"https://www.linkedin.com/sales/lead/{ADA_BY_SALES},NAME_SEARCH,x"
LOOMS = "https://www.linkedin.com/company/looms"


def read(
    content: str | bytes, **options: object
) -> tuple[list[Person], list[RowError], list[RowNote], LeadListReader]:
    """Everybody, what is wrong, what is told, and the reader."""
    reader = LeadListReader(**options)  # type: ignore[arg-type]
    data = content.encode() if isinstance(content, str) else content
    found = [*reader.feed(data), *reader.close()]
    return (
        [each for each in found if isinstance(each, Person)],
        [each for each in found if isinstance(each, RowError)],
        [each for each in found if isinstance(each, RowNote)],
        reader,
    )


def table(*rows: Sequence[str], delimiter: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue()


# What each tool calls its columns, and a row of it; in every one Ada is Ada at her own address.
TOOLS = {
    "LinkedIn's connections": ("First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        ["Ada", "Quill", ADA, "", "Looms", "COO", "20 Nov 2026"]),
    "Captain Data": ("full_name,linkedin_profile_id,sales_navigator_profile_url,linkedin_profile_url",
        ["Ada Quill", "123456", SALES, ADA]),
    "HubSpot with counters":
        ("First Name,Last Name,LinkedIn Connections,LinkedIn Bio,LinkedIn Profile (Public)",
        ["Ada", "Quill", "500", "I weave", ADA]),
    "HubSpot": ("Record ID,First Name,Last Name,Email,LinkedIn URL,Company name,Contact owner",
        ["7", "Ada", "Quill", "a@looms.example", ADA, "Looms", "Bo Marsh"]),
    "company column first": ("Company,LinkedIn,First Name,LinkedIn", ["Looms", LOOMS, "Ada", ADA]),
    "PhantomBuster, older": ("profileUrl,fullName,firstName,lastName,vmid,defaultProfileUrl",
        [SALES, "Ada Quill", "Ada", "Quill", "x", ADA]),
    "PhantomBuster":
        ("profileUrl,fullName,firstName,lastName,companyName,companyUrl,regularCompanyUrl,title,"
         "location,linkedInProfileUrl,query,defaultProfileUrl",
        [SALES, "Ada Quill", "Ada", "Quill", "Looms", LOOMS, LOOMS, "COO", "Oslo",
         f"https://www.linkedin.com/in/{ADA_BY_SALES}", "q", ADA]),
    "Lusha": ("First Name,Last Name,Company LinkedIn URL,LinkedIn Profile Url",
        ["Ada", "Quill", LOOMS, ADA]),
    "Apollo":
        ("First Name,Last Name,Title,Company Name,Email,Person Linkedin Url,Website,"
         "Company Linkedin Url,City,State,Country",
        ["Ada", "Quill", "COO", "Looms", "", ADA, "looms.example", LOOMS, "Oslo", "", "Norway"]),
    "Clay": ("Full Name,Job Title,Company Domain,LinkedIn Profile,Company LinkedIn",
        ["Ada Quill", "COO", "looms.example", ADA, LOOMS]),
    "lemlist": ("email,firstName,lastName,companyName,linkedinUrl,icebreaker",
        ["", "Ada", "Quill", "Looms", ADA, "Nice looms"]),
    "HeyReach": ("profileUrl,firstName,lastName,headline,position,company,location",
        [ADA, "Ada", "Quill", "Weaver", "COO", "Looms", "Oslo"]),
    "Waalaxy": ("firstName,lastName,occupation,linkedinUrl,salesNavigatorUrl,company_linkedinUrl",
        ["Ada", "Quill", "COO", ADA, SALES, LOOMS]),
    "Evaboot":
        ("First Name,Last Name,Current Job,Company Linkedin URL,Linkedin URL Unique ID,"
         "Linkedin URL Public,Sales Navigator URL",
        ["Ada", "Quill", "COO", LOOMS, f"https://www.linkedin.com/in/{ADA_BY_SALES}", ADA, SALES]),
    "Recruiter": ("First Name,Last Name,Headline,Location,Current Title,Current Company,Profile URL",
        ["Ada", "Quill", "Weaver", "Oslo", "COO", "Looms", ADA]),
    "Salesforce": ("Name,Title,Account Name,LinkedIn Profile__c,Lead Owner",
        ["Ada Quill", "COO", "Looms", ADA, "Bo Marsh"]),
    "Dux-Soup": ("id,Profile,Picture,First Name,Last Name,Company,CompanyProfile",
        ["1", ADA, "https://media.licdn.com/x", "Ada", "Quill", "Looms", LOOMS]),
    "Snov.io": ("First name,Last name,Source,Social link,Company,Company social",
        ["Ada", "Quill", "list", ADA, "Looms", LOOMS]),
    "Kaspr": ("First name,Last name,LinkedIn,Company LinkedIn page", ["Ada", "Quill", ADA, LOOMS]),
    "German spreadsheet": ("Vorname;Nachname;Firma;Position;LinkedIn-Profil",
        ["Ada", "Quill", "Looms", "COO", ADA]),
    "German, name beside first name": ("Vorname;Name;Firma;Link", ["Ada", "Quill", "Looms", ADA]),
    "French": ("Prénom;Nom;Société;Poste;Profil LinkedIn", ["Ada", "Quill", "Looms", "COO", ADA]),
    "Spanish": ("Nombre;Apellidos;Empresa;Cargo;Perfil de LinkedIn",
        ["Ada", "Quill", "Looms", "COO", ADA]),
    "Portuguese": ("Nome;Sobrenome;Empresa;Cargo;URL do perfil",
        ["Ada", "Quill", "Looms", "COO", ADA]),
    "Italian": ("Nome;Cognome;Azienda;Ruolo;Profilo", ["Ada", "Quill", "Looms", "COO", ADA]),
    "Dutch": ("Voornaam;Achternaam;Bedrijf;Functie;LinkedIn", ["Ada", "Quill", "Looms", "COO", ADA]),
    "referrer beside": ("First Name,Referrer LinkedIn,My link",
        ["Ada", "https://www.linkedin.com/in/bo-zz2", ADA]),
}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_the_person_and_the_name(tool: str) -> None:
    """Whatever a tool calls its columns, the row is about the person at her own address."""
    header, row = TOOLS[tool]
    delimiter = ";" if ";" in header else ","
    content = header + "\n" + table(row, delimiter=delimiter)

    (person,), bad, _, _ = read(content)

    assert bad == []
    assert person.public_identifier == "ada-zz1"
    assert values_of(person)["first_name"] == "Ada"
    assert person.last_name in {"Quill", ""}


@given(st.sampled_from(sorted(TOOLS)), st.randoms(use_true_random=False))
def test_the_order_of_columns_is_nothing(tool: str, random: object) -> None:
    """However the columns of a tool are shuffled, they are the same columns."""
    header, row = TOOLS[tool]
    delimiter = ";" if ";" in header else ","
    pairs = list(zip(header.split(delimiter), row, strict=True))
    random.shuffle(pairs)  # type: ignore[attr-defined]

    (person,), _, _, _ = read(table(*zip(*pairs, strict=True), delimiter=delimiter))

    assert person.public_identifier == "ada-zz1"
    assert values_of(person)["first_name"] == "Ada"


CONNECTIONS = """Notes:
"Some of the addresses may be missing, as an (invented) note of three lines says."

First Name,Last Name,URL,Email Address,Company,Position,Connected On
Ada,Quill,https://www.linkedin.com/in/ada-zz1,,Northwind Looms,COO,20 Nov 2026
Bo,Marsh,https://www.linkedin.com/in/bo-zz2,,Harbour & Sons,Director,18 Nov 2026
"""


def test_notes_before_the_table() -> None:
    """What stands before the header is skipped and told, and costs nobody."""
    people, bad, notes, reader = read(CONNECTIONS)
    alone, _, none, _ = read(CONNECTIONS.partition("\n\n")[2])

    assert people == alone
    assert [each.first_name for each in people] == ["Ada", "Bo"]
    assert (bad, none, reader.skipped) == ([], [], 2)
    assert [(each.line, each.reason) for each in notes] == [
        (1, "NOTE_SKIPPED"),
        (2, "NOTE_SKIPPED"),
    ]


def test_what_is_no_row() -> None:
    """A total, a note and the header again are skipped and told; a blank line is nothing."""
    content = (
        "sep=;\nName;Firma;LinkedIn\nAda Quill;Looms;/in/ada\n\nName;Firma;LinkedIn\n"
        "Bo Marsh;Ox;/in/bo\nGesamt;2;\nExported by Cy;;\n"
    )

    people, bad, notes, reader = read(content)

    assert [each.public_identifier for each in people] == ["ada", "bo"]
    assert (bad, reader.rows) == ([], 2)
    assert [(each.line, each.reason) for each in notes] == [
        (5, "HEADER_REPEATED"),
        (7, "TOTAL_SKIPPED"),
        (8, "NOTE_SKIPPED"),
    ]


def test_cells_that_say_nothing_are_told() -> None:
    """Each row says which of its cells were taken for empty."""
    people, _, (note,), _ = read("Name,Company,LinkedIn\nAda,N/A,/in/ada\nBo,Ox,/in/bo\n")

    assert [each.company for each in people] == ["", "Ox"]
    assert (note.line, note.column, note.reason) == (2, "Company", "SAYS_NOTHING")
    assert "“N/A” in Company" in note.description


@pytest.mark.parametrize(
    ("content", "first", "last"),
    [
        ("/in/ada-quill\n/in/bo-marsh\n", "", ""),
        ("Ada Quill,/in/ada-quill-1\nBo Marsh,/in/bo-marsh-2\n", "Ada", "Quill"),
        ("Quill,Ada,/in/ada-quill-1\nMarsh,Bo,/in/bo-marsh-2\n", "Ada", "Quill"),
        ("Looms,/in/ada-quill\nOx,/in/bo-marsh\n", "", ""),
    ],
)
def test_without_a_header(content: str, first: str, last: str) -> None:
    """A list without a header loses nobody, and names are read where the addresses bear them out."""
    people, bad, _, reader = read(content)

    assert (len(people), bad) == (2, [])
    assert (people[0].first_name, people[0].last_name) == (first, last)
    assert reader.columns is not None
    assert not reader.columns.has_header


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Contact,URL", ["Ada Quill"]),
        ("Name des Kontakts,LinkedIn Seite", ["Dr. Ada Quill"]),
        ("Primary Contact First Name,LinkedIn", ["Ada"]),
        ("Kontakt Vorname,Kontakt Nachname,LinkedIn", ["Ada", "Quill"]),
        ("Company,Whoever,LinkedIn", ["Quill", "Ada Quill"]),
        ("Slug,Wer,LinkedIn", ["ada-quill", "Ada Quill"]),
    ],
)
@pytest.mark.parametrize("others", [0, 2])
def test_names_under_a_header_of_their_own(header: str, cells: list[str], others: int) -> None:
    """No name was found under a header that nobody knows, though the addresses bear it out."""
    more = [[each.replace("Ada", "Bo") for each in cells], ["", *["Ox"] * (len(cells) - 1)]]
    slugs = ["bo-quill-2", "ACoAAAAAAAEurjNV_7tQ1N7tSGqVD1PwV6sv-0Q"]
    rows = [[*row, f"/in/{slug}"] for row, slug in zip(more, slugs, strict=True)][:others]

    (ada, *_), _, _, _ = read(table(header.split(","), [*cells, "/in/ada-quill-zz1"], *rows))

    assert values_of(ada)["first_name"] == "Ada"


@pytest.mark.parametrize("header", ["Manager First Name", "CEO First Name", "Vorname des Chefs"])
def test_names_that_no_address_bears_are_somebody_elses(header: str) -> None:
    """Nobody is greeted by the name of their boss."""
    people, _, _, _ = read(f"{header},LinkedIn\nMax,/in/ada-quill-1\nMax,/in/bo-maxwell-2\n")

    assert [each.first_name for each in people] == ["", ""]


def test_a_list_without_a_header_can_be_named() -> None:
    """Its columns go by their numbers."""
    people, _, _, _ = read(
        "x,Ada,/in/x1\ny,Bo,/in/x2\n", column_by_field={"first_name": "2", "company": "Column 1"}
    )

    assert [(each.first_name, each.company) for each in people] == [("Ada", "x"), ("Bo", "y")]


def test_another_column_stands_in() -> None:
    """Where the best column has no address, another one of the same person has."""
    content = table(
        ["First Name", "LinkedIn URL", "Sales Navigator LinkedIn", "Referrer LinkedIn"],
        ["Ada", ADA, "", ""],
        ["Bo", "", SALES, ""],
        ["Cy", "", "", "https://www.linkedin.com/in/somebody-else"],
    )

    people, (wrong,), _, _ = read(content.replace("Sales Navigator LinkedIn", "profileUrl"))

    assert [each.public_identifier for each in people] == ["ada-zz1", ADA_BY_SALES]
    assert (wrong.line, wrong.reason) == (4, "URL_MISSING")


@given(
    st.permutations(["Our LinkedIn", "Lead LinkedIn", "LinkedIn", "Profile"]),
    st.lists(st.integers(0, 1), min_size=3, max_size=60),
    st.sampled_from([1, -1]),
)
def test_a_colleague_in_every_row_is_nobodys_lead(
    headers: list[str], carers: list[int], order: int
) -> None:
    """Of two columns of members the one with different people is the list."""
    rows = [
        [f"https://www.linkedin.com/in/carer-{carer}", f"https://www.linkedin.com/in/lead-{i}"]
        for i, carer in enumerate(carers)
    ]
    turned = [row[::order] for row in [headers[:2], *rows]]

    people, _, told, _ = read(table(*turned))

    assert [each.public_identifier for each in people] == [f"lead-{i}" for i in range(len(carers))]
    assert not told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
def test_every_row_whatever_the_encoding(encoding: str) -> None:
    """A list that a spreadsheet saved on whatever machine is read whole, and its encoding told."""
    text = (
        "Vorname;Nachname;Firma;LinkedIn\r\nBjörn;Öst;Bäckerei Kühn;/in/bjoern\r\n"
        "Ada;Quill;Looms;/in/ada\r\n"
    )

    people, bad, _, reader = read(text.encode(encoding))

    assert [(each.first_name, each.company) for each in people] == [
        ("Björn", "Bäckerei Kühn"),
        ("Ada", "Looms"),
    ]
    assert bad == []
    assert reader.encoding == {
        "cp1252": "Windows-1252",
        "mac-roman": "Mac Roman",
        "utf-16": "UTF-16",
    }.get(encoding, "UTF-8")


def test_handles_that_tools_break() -> None:
    """Doubled prefixes are undone; nobody is called in, edit or unavailable."""
    addresses = [
        "https://www.linkedin.com/in/in/ada-1",
        "https://www.linkedin.com/in/https://www.linkedin.com/in/bo-2",
        "https://www.linkedin.com/in/linkedin.com/in/cy-3",
        "https://www.linkedin.com/in/unavailable/",
        "https://www.linkedin.com/in//di-4/",
        "https://www.linkedin.com/in/edit/about/",
        "https://www.linkedin.com/in/ed-5/https://twitter.com/ed",
    ]

    people, bad, _, _ = read(table(["First Name", "LinkedIn URL"], *(["X", a] for a in addresses)))

    assert [each.public_identifier for each in people] == ["ada-1", "bo-2", "cy-3", "di-4", "ed-5"]
    assert [each.line for each in bad] == [5, 7]


def test_the_day_of_the_person() -> None:
    """A zone, a place or a country decides whose day it is; what does not say is left open."""
    content = table(
        ["LinkedIn", "Time zone", "Location", "Country"],
        ["/in/a", "Asia/Tokyo", "Oslo", ""],
        ["/in/b", "", "San Francisco, CA", ""],
        ["/in/c", "-", "", "Norway"],
        ["/in/d", "", "Remote", ""],
    )

    people, _, _, _ = read(content)

    assert [each.time_zone for each in people] == [
        "Asia/Tokyo",
        "America/Los_Angeles",
        "Europe/Oslo",
        "",
    ]


NOTES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12)


@given(st.lists(NOTES, min_size=1, max_size=4), st.integers(0, 60))
@example([";", ";", ";"], 0)
@example(["0;", "0;", "0;"], 0)
@example(["0;0", "1;1", "2;2", "3;3"], 0)
@example(["<A"], 1)
@example(["<name> of May"], 1)
@example(["PAR1"], 1)
@example(["BZh"], 1)
@example(["begin:vcard"], 1)
def test_nobody_is_lost_behind_anything(before: list[str], people: int) -> None:
    """Whatever stands before a table, all of its rows are people, wrong or told."""
    lines = [each.replace('"', "") for each in before]
    rows = [f"A{i},x,https://www.linkedin.com/in/p-{i}z" for i in range(people)]
    content = "\n".join([*lines, "First Name,Company,LinkedIn URL", *rows])

    found, _, _, _ = read(content)

    assert [each.public_identifier for each in found] == [f"p-{i}z" for i in range(people)]


@pytest.mark.parametrize(
    ("header", "cells", "zone", "title"),
    [
        ("LinkedIn URL,Job Title,Country/Region", "CTO,Ukraine", "Europe/Kyiv", "CTO"),
        ("LinkedIn URL,Job Title,Time Zone", "CTO,america_slash_new_york", "America/New_York", "CTO"),
        ("LinkedIn-URL,Jobbezeichnung,Land/Region", "CTO,Deutschland", "Europe/Berlin", "CTO"),
        ("LinkedIn URL,Title,Mailing City,Mailing State/Province,Mailing Country",
         "CTO,Austin,TX,USA", "America/Chicago", "CTO"),
        ("Prospect Linkedin Public URL,Current Job,Location", '"CTO","Berlin, Germany"',
         "Europe/Berlin", "CTO"),
    ],
)  # fmt: skip
def test_the_day_and_the_job_as_tools_head_them(
    header: str, cells: str, zone: str, title: str
) -> None:
    """HubSpot, Salesforce and Evaboot have names of their own for a place, a zone and a job."""
    reader = LeadListReader()
    content = f"{header}\nhttps://www.linkedin.com/in/ada-byron,{cells}\n".encode()

    (person,) = (
        each for each in [*reader.feed(content), *reader.close()] if isinstance(each, Person)
    )

    assert (person.time_zone, person.title) == (zone, title)


def test_a_company_that_is_none_is_told() -> None:
    """Its fallback is said, and the row did not tell why; what is meant is allowed by name."""
    content = table(
        ["LinkedIn", "Company"],
        ["/in/a", "Self-employed"],
        ["/in/b", "info@looms.example"],
        ["/in/c", "Looms"],
    )

    told = [(each.line, each.reason) for each in read(content)[2]]
    meant = LeadListReader(literal=["Self-employed"])
    notes = [
        each
        for each in [*meant.feed(content.encode()), *meant.close()]
        if isinstance(each, RowNote)
    ]

    assert told == [(2, "SAYS_NOTHING"), (3, "SAYS_NOTHING")]
    assert [each.line for each in notes] == [3]
