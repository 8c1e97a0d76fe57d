"""Cells that say nothing."""
# ruff: noqa: RUF001 - letters in costume are meant

from __future__ import annotations

from collections.abc import Callable

import pytest
from campaigns.models import Person
from campaigns.sequences.sequence import AiOptions, Sequence, Step, StepKind
from campaigns.texts.blanks import LONGEST, is_blank, is_no_company, says_nothing
from campaigns.texts.lead_check import lead_check
from campaigns.texts.render import Reader, rendering, values_of
from campaigns.texts.writing import writing_task
from hypothesis import given
from hypothesis import strategies as st

NOTHING = """
    null undefined N/A #N/A nan None - -- … ? tbd Unknown #REF! #NAME? #NV #¡REF! k.A. s/o n/d
    unbekannt inconnu desconocido não-informado sconosciuto onbekend brak неизвестно 不明
    ukendt okänt tuntematon neuvedeno nincs necunoscut bilinmiyor άγνωστο невідомо
    未設定 不适用 未提供
    o.A. н/п b/d لا-يوجد לא-ידוע tidak-ada không-rõ ไม่ระบุ
    #ИМЯ? #Н/Д #ССЫЛКА! #ARG! #LICZBA! #NAAM? #DEEL/0! #名前? #DEĞER!
    """.split()  # noqa: SIM905  words read best as words
PHRASES = (
    "LinkedIn Member",
    "Membre LinkedIn",
    "LinkedIn-Mitglied",
    "Confidential",
    "Not Available",
    "[object Object]",
    "keine Angabe",
    "k. A.",
    "Non renseigné",
    "Sin datos",
    "Não informado",
    "kein Eintrag",
    "Pas de nom",
    "no definido",
    "senza nome",
    "niet ingevuld",
    "ikke oplyst",
    "není k dispozici",
    "null, undefined",
    "N/A (unknown)",
    "n/a; n/a",
    "Unknown Contact",
    "Err:508",
    "none given",
    "Loading...",
    "<unset>",
    "NoneType",
    "Former Member",
    "privé",
)
WRAPPINGS = ("{}", " {} ", "({})", "[{}]", "<{}>", "{}.", "'{}'", "\u200b{}\u00a0")
STYLES = (str, str.upper, str.lower, str.title)
SAYING = """
    Rien 空 Leo #HR #1 N.C. Na-Young
    Ada Jörg Nadia Nina Noa 李 Åse Nat O'Neil X-Æ Void Nothing Blank Acme 42 €€ 🚀 Kadir So
    """.split()  # noqa: SIM905  words read best as words


@pytest.mark.parametrize("word", [*NOTHING, *PHRASES])
def test_says_nothing(word: str) -> None:
    """What tools and people write where they know nothing says nothing, however it is wrapped."""
    for wrapping in WRAPPINGS:
        assert is_blank(wrapping.format(word)), wrapping.format(word)


@given(
    st.sampled_from([word for word in (*NOTHING, *PHRASES) if not word.startswith("#")]),
    st.sampled_from(WRAPPINGS),
    st.sampled_from(STYLES),
)
def test_folded(word: str, wrapping: str, style: type[str]) -> None:
    """In any case it is the same word."""
    assert is_blank(wrapping.format(style(word)))


@given(
    st.lists(
        st.sampled_from([*NOTHING, *PHRASES, *SAYING, "Unnamed", "no", "7", "n", "  "]), max_size=3
    ),
    st.sampled_from(["", " ", "  ", "-"]),
    st.sampled_from(STYLES),
)
def test_words_are_judged_as_any_cell(words: list[str], between: str, style: type[str]) -> None:
    """The short way that most cells take leads where the long one does."""
    cell = style(between.join(words))

    assert is_blank(cell) == (says_nothing(cell) if len(cell) <= LONGEST else not cell.strip())


def test_letters_in_costume() -> None:
    """Styled letters are the letters that they look like."""
    assert is_blank("𝓷𝓾𝓵𝓵")
    assert is_blank("ｎ／ａ")


def test_blank_in_brackets() -> None:
    """A pivot table writes `(blank)`; without brackets it is somebody's name."""
    assert is_blank("(blank)")
    assert is_blank("[Blank]")


@pytest.mark.parametrize("value", ["\\N", "\\\\N", '"\\N"', "Unnamed: 3", "unnamed:0"])
def test_what_programs_write_for_nothing(value: str) -> None:
    """A database exports NULL so, and a column without a name is headed so; N alone is a letter."""
    assert is_blank(value)
    assert not is_blank("N")


@pytest.mark.parametrize("value", SAYING)
def test_says_something(value: str) -> None:
    """Names, numbers, signs with a meaning and pictures are values."""
    assert not is_blank(value)


@given(st.text(st.characters(categories=["L"]), min_size=61, max_size=80))
def test_what_is_long_says_something(value: str) -> None:
    """No sentence is taken for nothing."""
    assert not is_blank(value)


@pytest.mark.parametrize(
    "value",
    [
        *("Self-employed", "FREELANCE", "Stealth Startup", "selbständig", "-"),
        *("Self", "me", "Various", "Looking for work", "xxx", "false", "0"),
        *("info@looms.example", "https://looms.example", "11-50 employees", "1,001 - 5,000", "10+"),
    ],
)
def test_no_company(value: str) -> None:
    """Who has no company writes so, and is not written to about it."""
    assert is_no_company(value)


@pytest.mark.parametrize(
    "value", ["Looms", "3M", "1&1", "4711", "42", "booking.com", "Home24", "Various Artists Ltd"]
)
def test_a_company(value: str) -> None:
    """Numbers, words and addresses that companies are called by."""
    assert not is_no_company(value)


TEXT = "Hi {{first_name}} of {{company|your firm}}"
# How lists of eleven tools say that they know nothing: first name, last name, company.
ROWS = (
    ("undefined", "undefined", "undefined"),
    ("null", "null", "null"),
    ("N/A", "N/A", "N/A"),
    ("#N/A", "#N/A", "#N/A"),
    ("-", "-", "-"),
    ("nan", "nan", "nan"),
    ("LinkedIn Member", "", "Confidential"),
    ("LinkedIn", "Member", "Confidential"),
    ("[first name]", "[last name]", "[company]"),
    ("{{firstName}}", "x", "x"),
    ("#NAME?", "x", "#REF!"),
    ("None", "None", "None"),
    ("Unknown", "Unknown", "Self-employed"),
    ("ada@looms.example", "", "null"),
    ("CEO", "", "N.A."),
    ("J.", "Quill", "-"),
    ("Northwind Looms GmbH", "", "(none)"),
)


@pytest.mark.parametrize(("first", "last", "company"), ROWS)
def test_nobody_is_greeted_as_nothing(first: str, last: str, company: str) -> None:
    """A lead whose name says nothing is held back before anybody is contacted."""
    person = Person(public_identifier="a", first_name=first, last_name=last, company=company)
    sequence = Sequence(
        steps=(Step(step_id="s", index=0, kind=StepKind.SEND_FOLLOWUP, label="", text=TEXT),)
    )

    held = lead_check(sequence, [])("lead_1", person)

    assert held is not None
    assert held.reason == "VARIABLE_MISSING"


@pytest.mark.parametrize(("first", "last", "company"), ROWS)
def test_the_fallback_is_said(first: str, last: str, company: str) -> None:
    """Where there is a fallback it is said, and the cell is not."""
    person = Person(public_identifier="a", first_name=first, last_name=last, company=company)

    said = rendering("Hi {{first_name|there}} of {{company|your firm}}", Reader(person=person))

    assert said.text == f"Hi there of {'x' if company == 'x' else 'your firm'}"


@given(st.sampled_from([*NOTHING, *PHRASES]), st.sampled_from(WRAPPINGS), st.sampled_from(STYLES))
def test_no_value_says_nothing(word: str, wrapping: str, style: type[str]) -> None:
    """Whatever field or column it stands in, nothing is no value: not for texts, not for AI."""
    cell = wrapping.format(style(word))
    person = Person(
        public_identifier="a",
        first_name=cell,
        last_name=cell,
        company=cell,
        title=cell,
        industry=cell,
        location=cell,
        variables={"pain": cell, "Company": cell, "full_name": cell},
    )

    assert not any(values_of(person).values())
    facts = writing_task(StepKind.COMMENT_POST, AiOptions(), person, headline=cell, post=cell).case
    assert facts.splitlines() == ["<data>", "</data>"]


NO_COMPANIES = (
    *("Undisclosed Company", "Confidential Employer", "Confidential - Fortune 500"),
    *("Unknown firm", "Undisclosed (Fortune 500)", "None (self employed)"),
    *("N/A - retired", "N.N.", "n. n."),
    *("arbeitslos", "desempregado", "desempleada"),
    *("sin empresa", "aucune entreprise", "disoccupato"),
    *("au chômage", "keine Firma", "werkloos"),
    *("Error 404", "404 Not Found", "Currently unemployed"),
    *("Looking for new opportunities", "Open to new opportunities", "Auf Jobsuche"),
    *("Seeking new opportunities!", "Unternehmen vertraulich", "Vertrauliches Unternehmen"),
)


@given(st.sampled_from(NO_COMPANIES), st.sampled_from(STYLES))
def test_nobody_works_there(value: str, style: Callable[[str], str]) -> None:
    """People without an employer, or with one they do not name, work at no company to be named."""
    assert is_no_company(style(value))


@pytest.mark.parametrize(
    "value",
    [
        *("N.N. Group", "NN", "N.N. GmbH"),
        *("NN Group", "Unknown Worlds", "Stealth - Security", "Unknown (Studio)"),
        *("Confidential Records", "Undisclosed Desires Ltd", "None of the Above"),
        *("Null-Fehler GmbH", "Freelance.com", "Freelance - Malt"),
        *("Private Company Partners", "Error Error - Studio", "Hidden Company Tours"),
        *("Empty Company", "The Unknown Company", "404 Media"),
        *("Open to All", "Transition", "Nonesuch Records"),
        *("Confidentia - Law", "Independent (newspaper)"),
    ],
)
def test_companies_that_sound_like_none(value: str) -> None:
    """A name that only begins like one of these is a company's."""
    assert not is_no_company(value)
