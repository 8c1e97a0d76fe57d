"""Whoever is meant is understood, or it is said that nobody is."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models.identifier import identifier_of

ID = "ACoAAAAAAAEurjNV_7tQ1N7tSGqVD1PwV6sv-lQ"
SALES_ID = "ACwAABzz11aQfooBarBazQuxQuuxCorge01"
names = st.text(string.ascii_lowercase + string.digits + "-", min_size=3, max_size=30).filter(
    lambda name: (
        name.strip("-") == name
        and name not in {"unavailable", "undefined", "edit", "pub", "null", "none"}
    )
)


@pytest.mark.parametrize(
    "spelling",
    [
        "ada-zz1",
        "Ada-ZZ1",
        "@ada-zz1",
        "in/ada-zz1",
        "/in/ada-zz1/",
        "https://www.linkedin.com/in/ada-zz1",
        "http://linkedin.com/in/ada-zz1/?utm_source=share",
        "https://de.linkedin.com/in/ada-zz1/details/experience#top",
        "linkedin.com/in/in/ada-zz1",
        "https://www.linkedin.com/in/ada-zz1)",
        "https://www.linkedin.com/in/ada-zz1.",
        "ada\N{EN DASH}zz1",
        "\N{ZERO WIDTH SPACE}ada-\N{ZERO WIDTH JOINER}zz1\N{WORD JOINER}",
        "\N{LEFT-TO-RIGHT MARK}https://www.linkedin.com/in/ada-zz1\N{ZERO WIDTH NO-BREAK SPACE}",
        '=HYPERLINK("https://www.linkedin.com/in/ada-zz1","Ada")',
        "https://www.linkedin.com/in/ada%2Dzz1",
        "https://www.linkedin.com/in/ada-zz1;jsessionid=3",
        "https://www.linkedin.com/in/ada-zz1&trk=share",
        "www.linkedin.com/in/ada-zz1|Ada Quill",
        "linkedin.com/in/ada-zz1\\",
        "https://www.linkedin.com/in/ada-zz1\N{IDEOGRAPHIC FULL STOP}",
        "`https://linkedin.com/in/ada-zz1`",
        "\N{LEFT DOUBLE QUOTATION MARK}ada-zz1\N{RIGHT DOUBLE QUOTATION MARK}",
        "'ada-zz1'",
        "*ada-zz1*",
        "<@ada-zz1>",
        "\N{FULLWIDTH LATIN SMALL LETTER A}da-zz1",
        "ada-zz1\N{HANGUL FILLER}",
        "ada\N{HANGUL CHOSEONG FILLER}-zz1",
        "ada-zz1\N{COMBINING GRAPHEME JOINER}",
        "ada-zz1\N{VARIATION SELECTOR-16}",
        "https://www.linkedin.com/in/ada%252Dzz1",
        "https%253A%252F%252Fwww.linkedin.com%252Fin%252Fada-zz1",
        "https://www.linkedin.com/in/ada-zz1?trk=/in/bob",
        "https://www.linkedin.com/in/ada-zz1 (https://de.linkedin.com/in/Ada-ZZ1)",
        "https://www.linkedin.com/in/ada-zz1\n",
        "\thttps://www.linkedin.com/in/ada-zz1?x=1\tCEO",
    ],
)
def test_every_spelling_means_the_same(spelling: str) -> None:
    """Whoever is meant is understood, however they are written."""
    assert identifier_of(spelling) == "ada-zz1"


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "   ",
        "\N{ZERO WIDTH SPACE}",
        "@",
        "a",
        "Ada Quill",
        "ada*quill",
        "ada|quill",
        "ada=quill",
        "\N{HANGUL FILLER}\N{HANGUL FILLER}",
        "ada@example.com",
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/in/unavailable/",
        "https://www.linkedin.com/in/edit/about",
        "https://www.linkedin.com/in/",
        "https://example.com/ada",
        "www.linkedin.com",
        "https://www.linkedin.com/in/ad%25252525C3%25252525A4-quill",
        "https://www.linkedin.com/in/ada%ZZquill",
        "https://www.linkedin.com/in/ada%20quill",
        "https://www.linkedin.com/in/ada\nquill",
        "https://www.linkedin.com/in/ada-\nquill",
        "linkedin.com/in/ada\thttps://www.linkedin.com/in/bob",
        "linkedin.com/in/ada-zz1;linkedin.com/in/bob",
        "linkedin.com/in/ada-zz1, linkedin.com/in/bob",
    ],
)
def test_nobody_is_meant(spelling: str) -> None:
    """What names no profile is nobody, never somebody of that name."""
    assert identifier_of(spelling) == ""


@pytest.mark.parametrize(
    ("spelling", "meant"),
    [
        (f"https://www.linkedin.com/in/{ID}/", ID),
        (f"https://www.linkedin.com/sales/lead/{SALES_ID},NAME_SEARCH,x1y2", SALES_ID),
        (f"https://www.linkedin.com/sales/people/{SALES_ID}", SALES_ID),
        ("https://www.linkedin.com/pub/ada-quill/1a/2b3/c4d", "ada-quill-c4d2b31a"),
        ("https://www.linkedin.com/pub/ada-quill/1a/2b3/c4d?trk=a/b", "ada-quill-c4d2b31a"),
    ],
)
def test_ids_and_old_pages(spelling: str, meant: str) -> None:
    """Ids keep their letters, pages of every product are read, old addresses have become new."""
    assert identifier_of(spelling) == meant


@given(
    st.text("aä-é0\N{CYRILLIC SMALL LETTER YA}z", min_size=3, max_size=12).filter(
        lambda name: name.strip("-") == name
    ),
    st.integers(0, 3),
)
def test_however_often_it_was_escaped(name: str, times: int) -> None:
    """An address that tools have escaped again and again names who it named, never another."""
    escaped = name
    for _ in range(times):
        escaped = quote(escaped, safe="")

    assert identifier_of(f"https://www.linkedin.com/in/{escaped}/") == identifier_of(name)


@given(names)
def test_what_is_understood_is_settled(name: str) -> None:
    """Who is meant by what somebody was understood to mean is the same."""
    once = identifier_of(f" https://www.linkedin.com/in/{name.upper()}/ ")

    assert once == identifier_of(once) == identifier_of(f"@{name}") == name


@pytest.mark.parametrize(
    "name",
    ["ada-quill-1a2b3c", "\N{ROCKET}-ada-quill", "ada-\N{HEAVY BLACK HEART}\ufe0f-1", "ада-квилл"],
)
def test_names_that_people_have(name: str) -> None:
    """Letters of every script, and the symbols that assigned names come with."""
    assert identifier_of(f"https://www.linkedin.com/in/{name}/?x=1") == name


@given(st.text(max_size=40))
def test_what_is_stored_of_any_text_can_be_seen(text: str) -> None:
    """Whoever is understood by anything is somebody who can have a profile."""
    identifier = identifier_of(text)

    assert identifier == identifier_of(identifier)
    assert not set(identifier) & set('|;&\\*`"<>()[]{}?#@:/, \u3164\u034f')
