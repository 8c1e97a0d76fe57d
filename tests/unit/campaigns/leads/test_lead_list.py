"""Lead lists, read as they arrive."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Collection, Mapping
from typing import TypeGuard

import pytest
from campaigns.leads.encodings import mended
from campaigns.leads.lead_list import LeadListReader, NotALeadList, RowError, RowNote
from campaigns.models import Person
from campaigns.texts.render import Reader, render, values_of
from hypothesis import given
from hypothesis import strategies as st

from tests import laws

HEADER = "First Name,last-name,LinkedIn URL,Company,Pain Point\n"


def read(
    content: str | bytes,
    *,
    size: int = 10,
    named: Mapping[str, str] | None = None,
    literal: Collection[str] = (),
) -> tuple[list[Person], list[RowError], LeadListReader]:
    """People, bad rows and the reader, after the whole list."""
    data = content.encode() if isinstance(content, str) else content
    reader = LeadListReader(named, literal=literal)
    found: list[Person | RowError] = []
    for i in range(0, len(data), size):
        found += reader.feed(data[i : i + size])
    found += reader.close()
    people = [each for each in found if isinstance(each, Person)]
    return people, [each for each in found if isinstance(each, RowError)], reader


def test_person() -> None:
    """A row is a person with every further column as a variable."""
    people, _, _ = read(HEADER + " Jane ,Doe,linkedin.com/in/Jane-Doe,Acme,late parts\n")

    assert people == [
        Person(
            public_identifier="jane-doe",
            first_name="Jane",
            last_name="Doe",
            company="Acme",
            variables={"pain_point": "late parts"},
        )
    ]


def test_bad_rows_do_not_stop_the_rest() -> None:
    """Lesson 17: a row without a profile becomes no lead; it is told, and the good ones go in."""
    rows = [
        "a,b,linkedin.com/company/acme,,",
        "a,b,linkedin.com/in/one,,",
        "",
        "a,b,,,",
        'a,b,linkedin.com/in/two,"Acme, Ltd.","x\ny"',
        "a,b,linkedin.com/sales/lead/x,,",
        "a,b,linkedin.com/in/three,Acme, Ltd.,",
        "a,b,linkedin.com/in/four,Acme, Ltd.,extra",
    ]
    people, bad, reader = read(HEADER + "\n".join(rows))

    assert [each.public_identifier for each in people] == ["one", "two", "three"]
    assert [(each.line, each.column, each.reason) for each in bad] == [
        (2, "LinkedIn URL", "COMPANY_PAGE"),
        (5, "LinkedIn URL", "URL_MISSING"),
        (8, "LinkedIn URL", "SALES_NAVIGATOR"),
        (10, "Pain Point", "ROW_TOO_LONG"),
    ]
    assert (reader.rows, reader.rejected, reader.duplicates) == (7, 4, 0)


def test_same_person_twice() -> None:
    """One person is one lead, however the address is spelled."""
    people, bad, reader = read(
        "name,linkedin\nJane Doe,https://linkedin.com/in/jane\nJane,de.linkedin.com/in/JANE/?x=1\n"
    )

    assert (len(people), bad) == (1, [])
    assert (reader.rows, reader.duplicates) == (2, 1)


def test_full_name() -> None:
    """A list may have full names only."""
    people, _, _ = read('Name,LinkedIn\n"Dr. Jane van Beek, MBA",linkedin.com/in/x\n')

    assert (people[0].first_name, people[0].last_name) == ("Jane", "van Beek")


def test_short_rows() -> None:
    """Missing cells at the end are blank; blank columns are known as variables all the same."""
    people, _, _ = read(HEADER + "Jane,Doe,linkedin.com/in/jane\n")

    assert (people[0].company, people[0].variables) == ("", {"pain_point": ""})


def test_named_columns() -> None:
    """An explicit mapping wins over what a header looks like."""
    people, _, _ = read(
        "LinkedIn,Weblink\nx,linkedin.com/in/jane\n", named={"linkedin_url": "Weblink"}
    )

    assert people[0].public_identifier == "jane"


@pytest.mark.parametrize(
    "content", ["", "\n \n", "name,email\nJane,j@x.example\n", b"\x89PNG\r\n\x1a\n\0", b"\0" * 9]
)
def test_unreadable(content: str | bytes) -> None:
    """An empty file, no LinkedIn column and what is not text are refused as a whole."""
    with pytest.raises(NotALeadList):
        read(content)


def test_header_only() -> None:
    """A list without rows is a list."""
    people, bad, reader = read(HEADER)

    assert (people, bad, reader.rows) == ([], [], 0)


def test_overlong_value() -> None:
    """A cell beyond measure is told with its column."""
    _, bad, _ = read(HEADER + f"Jane,Doe,linkedin.com/in/jane,Acme,{'x' * 5001}\n", size=1000)

    assert [(each.column, each.reason) for each in bad] == [("Pain Point", "VALUE_TOO_LONG")]


@pytest.mark.law
def test_a_long_list_streams() -> None:
    """A long list is read in seconds: 100,000 rows take less than half a minute.

    The suite reads a tenth of them in a tenth of the time, `make laws` all.
    """
    pages = 1_000 if laws.drawn_anew() else 100
    reader = LeadListReader()
    people = 0
    began = time.process_time()
    list(reader.feed(HEADER.encode()))
    for page in range(pages):
        rows = (
            f'Jane,"Doe, J.",https://www.linkedin.com/in/p-{page}-{i},Acme,"a ""b"""\n'
            for i in range(100)
        )
        people += sum(isinstance(each, Person) for each in reader.feed("".join(rows).encode()))
    list(reader.close())

    assert people == reader.rows == 100 * pages
    assert time.process_time() - began < 0.03 * pages


def test_memory_is_bounded() -> None:
    """Rows that have been handed out are not kept."""
    reader = LeadListReader()
    list(reader.feed(HEADER.encode()))
    row = ("Jane,Doe,linkedin.com/in/same,Acme," + "x" * 500 + "\n").encode()
    tracemalloc.start()
    try:
        for _ in range(50):
            list(reader.feed(row * 50))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reader.duplicates == 2_499
    assert kept < 2_500 * len(row) / 5


@given(st.text(max_size=80) | st.text(st.sampled_from('a,;"\n\r\tin/'), max_size=80))
def test_no_rows_crash(body: str) -> None:
    """Whatever the rows hold, each is a person, a duplicate or told."""
    content = ("name,linkedin\n" + body).encode("utf-8", "surrogatepass")

    people, bad, reader = read(content)

    assert len(people) + len(bad) + reader.duplicates == reader.rows
    assert len(bad) == reader.rejected


@given(st.integers(1, 60))
def test_pieces_change_nothing(size: int) -> None:
    """Where the file is cut into pieces changes neither people nor lines."""
    content = HEADER + 'J,"D\nD",linkedin.com/in/é,🚀,"a, b"\n\nx,y,nope,,\nK,L,/in/k,,"open\n/in/z'

    assert read(content, size=size)[:2] == read(content, size=10_000)[:2]


def test_what_is_meant_is_a_value() -> None:
    """A name that looks like nothing is one where the customer says so, for that list alone."""
    content = "first name,company,linkedin\nNan,null,/in/nan-1\nnull,[Looms],/in/x\n"

    judged, _, _ = read(content)
    meant, _, _ = read(content, literal=["Nan", "[Looms]"])

    assert [(each.first_name, each.company) for each in judged] == [("", ""), ("", "")]
    assert [(each.first_name, each.company) for each in meant] == [("Nan", ""), ("", "[Looms]")]
    assert [values_of(each)["first_name"] for each in meant] == ["Nan", ""]
    assert [values_of(each)["company"] for each in meant] == ["", "[Looms]"]


@given(st.sampled_from(["null", "Nan", "%COMPANY%", "J.", "CEO", "-"]))
def test_meant_in_every_field(word: str) -> None:
    """Whatever is confirmed by name is said as it stands, wherever it stands."""
    content = f"first name,last name,company,title,pain,linkedin\n{','.join([word] * 5)},/in/x\n"

    ((person,), _, _) = read(content, literal=[word])

    values = values_of(person)
    assert {values[name] for name in ("first_name", "last_name", "company", "title", "pain")} == {
        word
    }


def notes_of(content: str) -> list[tuple[int, str, str]]:
    """What is told of a list, without its people."""
    reader = LeadListReader()
    found = [*reader.feed(content.encode()), *reader.close()]
    return [
        (each.line, each.reason, each.description) for each in found if isinstance(each, RowNote)
    ]


def test_last_name_first_is_understood_and_told() -> None:
    """A directory's names are turned round, several words as well, and one word says so."""
    content = (
        'Name,LinkedIn\n"Lovelace, Ada",linkedin.com/in/a\n"Byron King, Bo",linkedin.com/in/b\n'
        '"Doe, Jane",linkedin.com/in/c\n"Reed, Cy",linkedin.com/in/d\n'
    )

    people, _, _ = read(content)

    assert [(each.first_name, each.last_name) for each in people] == [
        *(("Ada", "Lovelace"), ("Bo", "Byron King"), ("Jane", "Doe"), ("Cy", "Reed"))
    ]
    assert notes_of(content) == [
        (0, "NAMES_TURNED", "“Lovelace, Ada” and the like are read as last name, first name.")
    ]


@pytest.mark.parametrize(
    "row", ["Muster GmbH,,", ",Muster,GmbH", "Acme AG,,", ",CEO,", ",Herr,Doe", ",Foo Inc.,"]
)
def test_what_is_no_name_is_told(row: str) -> None:
    """A row whose name nobody can be greeted by goes in, and is told with the name."""
    content = f"Full Name,First Name,Last Name,LinkedIn\n{row},linkedin.com/in/a\n"

    people, _, _ = read(content)
    told = notes_of(content)

    assert values_of(people[0])["first_name"] == ""
    assert [(line, reason) for line, reason, _ in told] == [(2, "NO_NAME")]


def test_a_company_that_is_meant() -> None:
    """A name that was allowed by name is somebody's, whatever it looks like."""
    content = "Name,LinkedIn\nAcme AG,linkedin.com/in/a\n"

    people, _, _ = read(content, literal=["Acme AG"])

    assert (people[0].first_name, people[0].literal) == ("Acme AG", ("Acme AG",))


@pytest.mark.parametrize("notes", [21, 100, 250])
@pytest.mark.parametrize("people", [1, 40])
def test_many_notes(notes: int, people: int) -> None:
    """However many lines of notes stand before the header, with commas or without, it is found."""
    before = "".join(f"Note {i}, which says; nothing\n" for i in range(notes))
    rows = "".join(f"Ada;Quill;linkedin.com/in/a-{i}\n" for i in range(people))

    found, bad, reader = read(before + "First Name;Last Name;LinkedIn\n" + rows, size=1000)

    assert (len(found), bad, reader.skipped) == (people, [], notes)
    assert found[0].first_name == "Ada"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("JÃ¼rgen", "Jürgen"),
        ("RenÃ©e", "Renée"),
        ("Jürgen", "Jürgen"),
        ("Ãngel", "Ãngel"),
        ("Lâm", "Lâm"),
        ("Åke", "Åke"),
        ("\ufeffAda", "Ada"),
    ],
)
def test_a_name_that_was_read_wrongly_on_its_way(said: str, meant: str) -> None:
    """UTF-8 that a tool took for Windows-1252 is undone; names that look like it stay."""
    people, _, _ = read(f"First Name,LinkedIn\n{said},linkedin.com/in/a\n")

    assert people[0].first_name == meant


@given(st.text("äöüßéèêçñåøæœšžÄÖÜÉÅabc", max_size=8))
def test_what_was_mangled_is_mended_once(name: str) -> None:
    """Whatever western name is mangled so is itself again."""
    mangled = name.encode().decode("cp1252", "replace")

    assert mended(mangled) == name or "\ufffd" in mangled


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_in_one_column(separator: str) -> None:
    """A file whose lines a program has put into one cell each is read as what it was."""
    lines = ["First Name,LinkedIn", '""Ada"",linkedin.com/in/a', "Bo,linkedin.com/in/b"]
    content = "".join(f'"{line.replace(",", separator)}"\n' for line in lines)

    people, bad, _ = read(content)

    assert [(each.first_name, each.public_identifier) for each in people] == [
        ("Ada", "a"),
        ("Bo", "b"),
    ]
    assert bad == []


@pytest.mark.parametrize(
    "content",
    [
        "Name\x1b[31m,Mail\x07\nAda,x\n",
        "Name,LinkedIn\x1b[2J,Firma\n\x1b[31m#N/A,linkedin.com/in/a,\x07N/A\nx,\x1b]0;x,y\n",
    ],
)
def test_nothing_that_is_told_steers_a_screen(content: str) -> None:
    """What a list says comes back in print only, whoever reads it at whatever terminal."""
    reader = LeadListReader()
    told = ""
    try:
        found = [*reader.feed(content.encode()), *reader.close()]
        told = "".join(each.description + each.column for each in found if not_person(each))
        told += "".join(reader.columns.headers if reader.columns else ())
    except NotALeadList as error:
        told = str(error)

    assert told
    assert told.isprintable()


def not_person(each: object) -> TypeGuard[RowError | RowNote]:
    return not isinstance(each, Person)


FIRST_NAMES = ("ada@acme.com", "CEO", "J.", "ADA 🚀", "Dr. Ada, MBA", "Ada", "Nan")
LAST_NAMES = ("Quill", "van Beek", "Marsh, MBA", "null", "GmbH", "QUILL")
COMPANIES = ("Self-employed", "Freelance", "11-50", "info@acme.com", "Acme GmbH", "null", "Looms")


@pytest.mark.parametrize(
    ("header", "english"),
    [
        ("Vorname;Nachname;Firma", "First Name;Last Name;Company"),
        ("Prénom;Nom;Entreprise", "First Name;Last Name;Company"),
        ("Nombre;Apellidos;Empresa", "First Name;Last Name;Company"),
        ("Imię;Nazwisko;Firma", "First Name;Last Name;Company"),
        ("Given Name;Family Name;Account Name", "First Name;Last Name;Company"),
    ],
)
@given(
    first=st.sampled_from(FIRST_NAMES),
    last=st.sampled_from(LAST_NAMES),
    company=st.sampled_from(COMPANIES),
    literal=st.sampled_from([(), ("Nan", "Freelance")]),
)
def test_a_column_that_is_understood_says_what_its_field_says(
    header: str, english: str, first: str, last: str, company: str, literal: Collection[str]
) -> None:
    """`{{Vorname}}` of a list went past every judgement: people were greeted as CEO."""
    plain = "".join(f"Ada;Quill;Acme;linkedin.com/in/ada-{n}\n" for n in range(3))
    rows = f"{first};{last};{company};linkedin.com/in/x\n{plain}"

    ((foreign, *_), _, _) = read(f"{header};LinkedIn\n{rows}", literal=literal)
    ((known, *_), _, _) = read(f"{english};LinkedIn\n{rows}", literal=literal)

    said = [_said(f"{{{{{name}|}}}}", foreign) for name in header.split(";")]
    assert said == [_said(f"{{{{{name}|}}}}", known) for name in english.split(";")]


def _said(text: str, person: Person) -> str:
    return render(text, Reader(person=person))


def test_a_column_of_full_names_says_the_full_name() -> None:
    """What is headed otherwise than a field is judged as the field for which it is read."""
    content = "Vor- und Nachname;LinkedIn\nDr. ADA QUILL, MBA;linkedin.com/in/ada-quill\n"

    ((person,), _, _) = read(content)

    assert _said("{{Vor- und Nachname}}", person) == "Ada Quill"


def test_a_column_beside_the_one_that_is_understood_stands_as_it_is() -> None:
    """Only the column that fills a field is judged as that field."""
    content = "First Name;Company;Note;LinkedIn\nAda;Looms;CEO;linkedin.com/in/ada\n"

    ((person,), _, _) = read(content)

    assert _said("{{Note}}", person) == "CEO"
