"""Names as people would say them."""
# ruff: noqa: RUF001 - letters in costume are meant

from __future__ import annotations

import pytest
from campaigns.texts.job_titles import JOBS
from campaigns.texts.names.name_order import NameColumn, read_name
from campaigns.texts.names.name_words import ALONE_NO_NAME, HONORIFICS, PLACEHOLDER_NAMES
from campaigns.texts.person_names import (
    Names,
    clean_name,
    cleaned,
    judged_names,
    names_of,
    split_turned,
)
from hypothesis import given
from hypothesis import strategies as st


def split_name(full_name: str, *, turned: bool = False) -> tuple[str, str]:
    """First and last name; of a person whose column says nothing else."""
    known = read_name(full_name, NameColumn(by_comma=turned))
    assert known is not None
    return known.given, known.family


def is_turned(full_name: str) -> bool:
    return split_turned(full_name) is not None


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


@pytest.mark.parametrize(
    ("cell", "called"),
    [
        ("Ada", "Ada"),
        ("ADA", "Ada"),
        ("J. Robert", "Robert"),
        ("Mary J.", "Mary"),
        ("J.", ""),
        ("J", ""),
        ("J.R.", ""),
        ("JP", "JP"),
        ("李", "李"),
        ("𝓐𝓭𝓪", "Ada"),
        ("Ⓐⓓⓐ", "Ada"),
        ("ᴀᴅᴀ", "Ada"),
        ("CEO", ""),
        ("Founder & CEO", ""),
        ("Head of Sales", ""),
        ("Geschäftsführerin", ""),
        ("Mason", "Mason"),
        ("Dean", "Dean"),
        ("Looms GmbH", ""),
        ("ada@looms.example", ""),
        ("www.looms.example", ""),
        ("First Name", ""),
        ("Vorname", ""),
        ("LinkedIn", ""),
        ("the best recruiter in this town", ""),
        ("ИВАН", "Иван"),
        ("ΑΛΕΞΑΝΔΡΟΣ", "Αλεξανδρος"),
        ("ŐZE", "Őze"),
        ("A\u200bda", "Ada"),
        ("Ada She/Her", "Ada"),
        ("Ada (They/Them)", "Ada"),
        ("Frau Ada", "Ada"),
        ("Herr", ""),
        ("Frau Dr.", ""),
        ("Mme", ""),
        ("Sra.", ""),
        ("Mrs", ""),
        ("Prof. Dr.", ""),
        ("MBA", ""),
        ("Utente LinkedIn", ""),
        ("LinkedInメンバー", ""),
        ("LinkedIn-jäsen", ""),
        ("Software Engineer", ""),
        ("Senior Recruiter", ""),
        ("Account Executive", ""),
        ("Chief Executive Officer", ""),
        ("Vice President", ""),
        ("Sales Rep", ""),
        ("Berater", ""),
        ("Ingénieur commercial", ""),
        ("looms.example.com", ""),
        ("looms.de", ""),
        ("ada(at)looms.example", ""),
        ("Open to work", ""),
        ("Guest", ""),
        ("Pan", "Pan"),
        ("Summer", "Summer"),
        ("Chase", "Chase"),
        ("Art", "Art"),
        ("Maria de Souza", "Maria de Souza"),
        ("+49 151 1234", ""),
    ],
)
def test_whom_to_greet(cell: str, called: str) -> None:
    """A first name is one that the person would be called by; initials, jobs and firms are none."""
    assert names_of(cell, "Quill").first == called


def test_one_name_in_two_cells() -> None:
    """What says nothing says so whole, although half of it might be a name."""
    assert names_of("LinkedIn", "Member") == Names()


def test_full_name_keeps_initials() -> None:
    """Initials are part of the whole name."""
    assert names_of("J.", "Quill") == Names(first="", last="Quill", full="J. Quill")


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_first_name_is_a_word(first: str, last: str) -> None:
    """Whatever two cells hold, who is greeted is greeted by more than an initial."""
    called = names_of(first, last).first

    assert called == called.strip()
    assert all(len(word.strip(".")) > 1 or word.lower() == word.upper() for word in called.split())


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("LOVELACE,ADA", "Ada", "Lovelace"),
        ("van Beek, Jan", "Jan", "van Beek"),
        ("O'Brien, Mary Ann", "Mary Ann", "O'Brien"),
        ("Lovelace, Dr. Ada", "Ada", "Lovelace"),
        ("Doe, Jane, MBA", "Jane", "Doe"),
        ("Ma, Jack (he/him)", "Jack", "Ma"),
    ],
)
def test_the_last_name_first(name: str, first: str, last: str) -> None:
    """A single word before the comma is nobody's whole name: what is behind it is the first."""
    assert split_name(name) == (first, last)
    assert is_turned(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Ada Lovelace, PhD", "Ada Lovelace, Ph.D., MBA", "Ada Lovelace, London", "Ada Lovelace,"),
        *("Ada Lovelace, CEO", "Ada Lovelace, 42", "Ada Lovelace, Acme GmbH"),
    ],
)
def test_a_comma_behind_a_whole_name(name: str) -> None:
    """Degrees, places and jobs behind a whole name turn nothing round."""
    assert split_name(name) == ("Ada", "Lovelace")
    assert not is_turned(name)


def test_a_turned_column() -> None:
    """Where a column says the last name first, several words before the comma are one too."""
    assert split_name("Byron King, Ada", turned=True) == ("Ada", "Byron King")
    assert split_name("Ada Lovelace, PhD", turned=True) == ("Ada", "Lovelace")


@pytest.mark.parametrize(
    "name",
    [
        *("Acme AG", "ACME AG", "Muster GmbH", "Foo Inc.", "Foo, Inc.", "Muster GmbH & Co. KG"),
        *("Smith & Sons", "Foo et Fils", "Acme S.p.A.", "Acme A/S", "Volvo AB", "Wool sp. z o.o."),
    ],
)
def test_a_company_is_nobodys_name(name: str) -> None:
    """Nobody is greeted by the name of a company, in one cell or in two."""
    first, _, last = name.rpartition(" ")

    assert split_name(name) == ("", "")
    assert names_of(name, "").first == ""
    if name in {"Acme AG", "Muster GmbH", "Foo Inc."}:
        assert names_of(first, last) == Names()


@pytest.mark.parametrize("name", ["Kim Se", "Jane Ag", "JOHN SE", "Marie Sa", "Oy Lin", "Ada Inca"])
def test_syllables_are_no_legal_forms(name: str) -> None:
    """What is somebody's name where it is not spelled as a legal form stays one."""
    assert all(split_name(name))


@pytest.mark.parametrize(
    ("first", "last", "called"),
    [
        *(("Ada Lovelace", "Lovelace", "Ada"), ("ADA LOVELACE", "Lovelace", "Ada")),
        *(("Lovelace Ada", "Lovelace", "Ada"), ("Lovelace, Ada", "Lovelace", "Ada")),
        *(("Lovelace, Ada", "", "Ada"), ("Ada, PhD", "Lovelace", "Ada")),
        *(("Ada van Beek", "van Beek", "Ada"), ("Ada King", "Lovelace", "Ada King")),
        *(("Lovelace", "Lovelace", ""), ("Ada", "", "Ada"), ("Ada", "Lovelace", "Ada")),
        *(("Ph.D.", "Lovelace", ""), ("III", "Lovelace", ""), ("Student", "Lovelace", "")),
        *(("Nobody", "Lovelace", ""), ("Dña. Ada", "Lovelace", "Ada")),
    ],
)
def test_a_first_name_that_has_the_last_one_too(first: str, last: str, called: str) -> None:
    """Tools put the whole name into it: `Lovelace, Ada` was greeted as Lovelace.

    Where both cells say the same nobody knows which of them it is.
    """
    assert names_of(first, last).first == called


@given(st.sampled_from(["Ada", "Mary Ann", "Jörg", "Li"]), st.sampled_from(["Quill", "van Beek"]))
def test_nobody_is_greeted_by_a_last_name_that_is_known(given_name: str, family: str) -> None:
    """However a cell puts the two together."""
    for cell in (f"{given_name} {family}", f"{family} {given_name}", f"{family}, {given_name}"):
        assert names_of(cell, family) == names_of(given_name, family)


_ODD = sorted(
    {*ALONE_NO_NAME, *HONORIFICS, *PLACEHOLDER_NAMES, *JOBS}
    | {"unnamed", "linkedin", "jobtitle", "gmbh", "ag", "no", "null", "void", "j", "ß", "straße"}
)
odd_cells = st.tuples(
    st.one_of(
        st.sampled_from(_ODD), st.sampled_from(["ada", "jörg", "lovelace", "name", "member"])
    ),
    st.sampled_from([str.title, str.upper, str.lower, str.capitalize]),
    st.sampled_from(["", "", "7", "12", ".", " "]),
).map(lambda drawn: drawn[1](drawn[0]) + drawn[2])


@given(odd_cells, st.one_of(st.just(""), odd_cells))
def test_usual_words_are_judged_as_any_cell(first: str, last: str) -> None:
    """The short way that most names take leads where the long one does."""
    assert clean_name(first) == cleaned(first)
    assert names_of(first, last) == judged_names(first, last)


@pytest.mark.parametrize(
    ("cell", "called"),
    [
        *(("Dr. med. Ada", "Ada"), ("Prof. Dr. med. dent. Ada", "Ada"), ("DR. MED. ADA", "Ada")),
        *(("Dr. rer. nat. Ada", "Ada"), ("Dr.-Ing. Ada", "Ada"), ("Dipl.-Kfm. Ada", "Ada")),
        *(("Prof. Dr. h.c. Ada", "Ada"), ("Dr. med. Dr. phil. Ada", "Ada"), ("Dr. med.", "")),
        *(("Dipl.-Ing.", ""), ("Dr.-Ing.", ""), ("Prof. Dr. med. dent.", "")),
        *(("Rechtsanwalt Ada", "Ada"), ("RA Ada", "Ada"), ("RAin Ada", "Ada")),
        ("Capt. Ada", "Ada"),
        *(("CEO Ada", "Ada"), ("Ada CEO", "Ada"), ("CTO Mary Ann", "Mary Ann")),
    ],
)  # fmt: skip
def test_all_that_stands_before_and_behind(cell: str, called: str) -> None:
    """Of `Dr. med. Ada` the first word alone was taken off, and `med. Ada` was greeted."""
    assert names_of(cell, "Quill").first == called


@pytest.mark.parametrize(
    ("first", "last"),
    [
        *(("Max", "Coach"), ("Mark", "Director"), ("Med", "Amin"), ("Dr. Med", "Amin")),
        *(("Grant", "Manager"), ("Junior", "Leiter"), ("Page", "Founder"), ("Nat", "Quill")),
        *(("Do", "Nott"), ("Phil", "Owner"), ("Data", "Ram"), ("Co", "Engineer"), ("Ra", "Kim")),
        *(("Maj", "Lind"), ("Dana", "Noreply"), ("St.John", "Quill")),
    ],
)
def test_a_name_beside_a_job_is_a_name(first: str, last: str) -> None:
    """Who is called `Max Coach` is greeted as Max, by one cell and by two."""
    assert names_of(first, last).first == first.removeprefix("Dr. ")
    if last != "Noreply":
        assert split_name(f"{first} {last}") == (first.removeprefix("Dr. "), last)


@pytest.mark.parametrize(
    "name",
    [
        *("Vice President", "Managing Director", "Do Not Contact", "General Manager"),
        *("Senior Software Engineer", "Product Manager", "DO NOT CALL", "account executive"),
    ],
)
def test_a_job_in_two_cells_is_nobody(name: str) -> None:
    """A split at the first or the last space leaves `Vice` to be greeted."""
    words = name.split()

    for at in range(1, len(words)):
        assert names_of(" ".join(words[:at]), " ".join(words[at:])).first == ""


@pytest.mark.parametrize(
    "cell",
    [
        *("Coach", "Data Scientist", "Prokurist", "Teamleiter", "Buchhaltung", "Noreply"),
        *("Familie", "Self-employed", "no-reply", "ada.quill", "J?rgen", "Ren?e", "Fran?ois"),
        *("J??rgen", "J\ufffdrgen", "Ren\ufffd"),
    ],
)
def test_what_cannot_be_read_is_no_name(cell: str) -> None:
    """Jobs, mailboxes and letters that an export has lost are nobody's name."""
    assert names_of(cell, "").first == ""


def test_a_mailbox_that_has_the_last_name_too() -> None:
    """What is left of it is the first name."""
    assert names_of("ada.quill", "Quill") == Names(first="Ada", last="Quill", full="Ada Quill")
