"""Addresses of profiles."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from campaigns.leads.profile_address import ProfileAddressInvalid, profile_url, public_identifier
from hypothesis import given
from hypothesis import strategies as st

ASSIGNED = "ACoAAB1cDeFgHiJkLmNoPqRsTuVwXyZ012345_-"
SALES = "ACwAAB1cDeFgHiJkLmNoPqRsTuVwXyZ0123456789"


@pytest.mark.parametrize(
    "address",
    [
        "https://www.linkedin.com/in/jane-doe",
        "https://www.linkedin.com/in/jane-doe/",
        "http://linkedin.com/in/jane-doe",
        "HTTPS://WWW.LINKEDIN.COM/IN/JANE-DOE",
        "www.linkedin.com/in/jane-doe",
        "linkedin.com/in/jane-doe",
        "//linkedin.com/in/jane-doe",
        "https:/linkedin.com/in/jane-doe",
        "https://de.linkedin.com/in/jane-doe",
        "https://m.linkedin.com/in/jane-doe",
        "https://www.linkedin.com/mwlite/in/jane-doe",
        "https://www.linkedin.com/comm/in/jane-doe",
        "https://www.linkedin.com/in/jane-doe?trk=x&y=/company/z",
        "https://www.linkedin.com/in/jane-doe#about",
        "https://www.linkedin.com/in/jane-doe/details/experience/",
        "https://www.linkedin.com/in/jane-doe/en",
        "https://www.linkedin.com//in//jane-doe//",
        "https://www.linkedin.com:443/in/jane-doe",
        "https%3A%2F%2Fwww.linkedin.com%2Fin%2Fjane-doe",
        "  <https://www.linkedin.com/in/jane-doe>\u200b ",
        '"linkedin.com/in/jane-doe"',
        "/in/jane-doe",
        "in/jane-doe/",
        "https://www.linkedin.com/in/j%61ne%2Ddoe",
        "https://www.linkedin.com/in/in/jane-doe",
        "https://www.linkedin.com/in/https://www.linkedin.com/in/jane-doe",
        "https://www.linkedin.com/in/linkedin.com/in/jane-doe",
        "https://www.linkedin.com/in//jane-doe/",
        "https://www.linkedin.com/in/jane-doe/https://twitter.com/jane",
        "https://www.linkedin.com/in/jane-doe.",
        "https://www.linkedin.com/in/jane-doe),",
        "https://www.linkedin.com/in/jane\u2013doe",
        "https://www.linkedin.com/in/jane%E2%80%91doe",
        "https://www.linkedin.com/in/jane\u00ad-\u200bdoe",
        '=HYPERLINK("https://www.linkedin.com/in/jane-doe","Jane")',
        '=hyperlink( "linkedin.com/in/jane-doe" ; "Jane")',
        "[Jane](https://www.linkedin.com/in/jane-doe)",
        "https://www.linkedin.com/in/jane-doe%3Ftrk%3Dx",
        "https://www.linkedin.com/in/jane-doe%253Ftrk%253Dx",
        "https://www.linkedin.com/in/jane-doe%2F",
        "https://www.linkedin.com/in/jane-doe&trk=x",
        "https://www.linkedin.com/in/jane-doe&amp;trk=x",
        "“https://www.linkedin.com/in/jane-doe”",
        "«linkedin.com/in/jane-doe»",
        "https://www.linkedin.com/in/in%2Fjane-doe",
        "https://www.linkedin.com/in/https%3A%2F%2Fwww.linkedin.com%2Fin%2Fjane-doe",
        "https://www.linkedin.com/in/jane-doe%2Fedit",
        "https://www.linkedin.com/in/jane-doe%2Fdetails%2Fskills",
        "https://www.linkedin.com/in/jane-doe\u2014",
        "https://www.linkedin.com/in/jane-doe%E2%80%93/",
        "https://www.linkedin.com/in/jane-doe (Jane Doe)",
        '<a href="https://www.linkedin.com/in/jane-doe">',
        "<a class='x' href='https://www.linkedin.com/in/jane-doe/'>Jane</a>",
    ],
)
def test_one_person(address: str) -> None:
    """However her address is written, it is the same person."""
    assert public_identifier(address) == "jane-doe"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("linkedin.com/in/j%C3%B6rg-m%C3%BCller", "jörg-müller"),
        ("linkedin.com/in/jörg-müller", "jörg-müller"),
        ("linkedin.com/in/jo\u0308rg-mu\u0308ller", "jörg-müller"),
        ("linkedin.com/in/j%25C3%25B6rg-m%25C3%25BCller", "jörg-müller"),
        ("linkedin.com/in/%E6%9D%8E%E5%B0%8F%E9%BE%99", "李小龙"),
        ("linkedin.com/in/jane_doe.1", "jane_doe.1"),
        (f"linkedin.com/in/{ASSIGNED}", ASSIGNED),
        (f"linkedin.com/in/{ASSIGNED}.", ASSIGNED),
        (f"linkedin.com/sales/lead/{SALES},NAME_SEARCH,aBcD", SALES),
        (f"linkedin.com/sales/people/{SALES}%2CNAME_SEARCH%2CaBcD?_ntb=x", SALES),
        (f"linkedin.com/in/{SALES}", SALES),
        (f"linkedin.com/in/{SALES},NAME_SEARCH,aBcD", SALES),
        (f"linkedin.com/in/sales/lead/{SALES},NAME_SEARCH,aBcD", SALES),
        (f"linkedin.com/in/https://www.linkedin.com/sales/lead/{SALES}", SALES),
    ],
)
def test_letters(address: str, expected: str) -> None:
    """Letters of any script, encoded or not; LinkedIn's own ids keep their capitals."""
    assert public_identifier(address) == expected


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "URL_MISSING"),
        ("   ", "URL_MISSING"),
        ("N/A", "URL_MISSING"),
        ("https://www.linkedin.com/company/acme/", "COMPANY_PAGE"),
        ("linkedin.com/school/acme", "COMPANY_PAGE"),
        ("/company/acme", "COMPANY_PAGE"),
        ("https://www.linkedin.com/showcase/acme", "COMPANY_PAGE"),
        ("https://www.linkedin.com/sales/lead/ACwAAB,NAME_SEARCH,x", "SALES_NAVIGATOR"),
        ("https://www.linkedin.com/sales/people/ACwAAB", "SALES_NAVIGATOR"),
        ("https://www.linkedin.com/talent/profile/AEMAA", "RECRUITER"),
        ("https://www.linkedin.com/recruiter/profile/1", "RECRUITER"),
        ("https://example.com/in/jane-doe", "NOT_LINKEDIN"),
        ("https://www.linkedin.com@example.com/in/jane-doe", "NOT_LINKEDIN"),
        ("https://linkedin.com.example.com/in/jane-doe", "NOT_LINKEDIN"),
        ("https://notlinkedin.com/in/jane-doe", "NOT_LINKEDIN"),
        ("https://lnkd.in/abc", "NOT_LINKEDIN"),
        ("jane@acme.com", "NOT_LINKEDIN"),
        ("jane-doe", "URL_UNREADABLE"),
        ("yes", "URL_UNREADABLE"),
        ("https://www.linkedin.com", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/%20", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/me", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/-", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/in/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/in/in", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/unavailable/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/edit/about/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/undefined", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/N/A", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/n-a", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/None", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/in/N/A", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/in%2Fin", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/https%3A%2F%2Ftwitter.com%2Fjane", "NOT_LINKEDIN"),
        ("https://www.linkedin.com/in/404", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/first_name", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/sales/lead/7", "SALES_NAVIGATOR"),
        ("https://www.linkedin.com/in/company", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/name", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/example/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/LinkedInMember/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/not-available?trk=x", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/not%2Davailable", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/firstname-lastname", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/.", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/https://twitter.com/jane", "NOT_LINKEDIN"),
        ('=HYPERLINK("https://example.com/in/jane","Jane")', "NOT_LINKEDIN"),
        ("#N/A", "URL_MISSING"),
        ("LinkedIn Member", "URL_MISSING"),
        ("https://www.linkedin.com/in/%FF%FE", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/a%2Fb", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/a%00b", "URL_UNREADABLE"),
        ("https://www.linkedin.com/in/jane doe", "URL_UNREADABLE"),
        ("https://www.linkedin.com/pub/jane-doe/1/2a/345", "URL_UNREADABLE"),
        ("https://www.linkedin.com/feed/", "URL_UNREADABLE"),
        ("https://www.linkedin.com/profile/view?id=1", "URL_UNREADABLE"),
        ("https://[::1/in/x", "URL_UNREADABLE"),
        ("linkedin.com/in/" + "x" * 151, "URL_UNREADABLE"),
        ("linkedin.com/in/" + "x" * 5000, "URL_UNREADABLE"),
    ],
)
def test_refused(address: str, reason: str) -> None:
    """What is no person's profile is refused with what it is instead."""
    with pytest.raises(ProfileAddressInvalid) as error:
        public_identifier(address)

    assert error.value.reason == reason
    assert error.value.description


@given(
    st.text(max_size=40)
    | st.text(max_size=20).map("linkedin.com/in/{}".format)
    | st.text(st.sampled_from("aÄİß%2Fé/.-_ACo "), max_size=25).map("/in/{}".format)
)
def test_normalising_is_idempotent(address: str) -> None:
    """The address of an identifier leads to that identifier; no input crashes."""
    try:
        identifier = public_identifier(address)
    except ProfileAddressInvalid:
        return
    assert public_identifier(profile_url(identifier)) == identifier
    assert public_identifier(f"linkedin.com/in/{identifier}/?x=1") == identifier


WORDS = st.text(st.sampled_from("abcdéö19"), min_size=2, max_size=12).filter(
    lambda word: word not in {"in", "me"}
)
BEFORE = st.sampled_from(
    [
        "https://www.linkedin.com/in/",
        "linkedin.com/in/in/",
        "https://linkedin.com/in/https://www.linkedin.com/in/",
        '=HYPERLINK("https://www.linkedin.com/in/',
        "  <https://de.linkedin.com/in/",
    ]
)
AFTER = st.sampled_from(["", "/", ".", ")", "/?trk=x", "/details/x", '","Jane")', ">", "\u200b"])
DASH = st.sampled_from(["-", "\u2013", "\u2011", "%E2%80%93", "\u2212"])


@given(WORDS, WORDS, st.lists(st.tuples(BEFORE, DASH, AFTER), min_size=2, max_size=3))
def test_two_spellings_are_one(
    first: str, last: str, spellings: list[tuple[str, str, str]]
) -> None:
    """Whatever tools do to an address, it is the address of the same person."""
    read = {
        public_identifier(before + first + dash + last + after)
        for before, dash, after in spellings
        if before.startswith("=") == (after == '","Jane")')
    }

    assert read <= {f"{first}-{last}"}


@given(st.sampled_from("in me edit unavailable undefined null settings feed".split()), BEFORE)  # noqa: SIM905
def test_nobody_is_called_so(word: str, before: str) -> None:
    """Pages that every member has never become people."""
    for address in (f"{before}{word}", f"{before}{word.upper()}/", f"{before}{word}."):
        with pytest.raises(ProfileAddressInvalid):
            public_identifier(address)


@given(
    st.sampled_from(
        ["nan", "null", "undefined", "keine angabe", "first name", "not found", "membre linkedin"]
    ),
    st.sampled_from(["-", "_", ".", "", "%20"]),
    st.sampled_from(["", "/", "?trk=x"]),
    st.integers(1, 2),
)
def test_what_says_nothing_in_a_cell_names_nobody(
    said: str, between: str, behind: str, times: int
) -> None:
    """A tool puts its word for nothing behind /in/: `/in/nan`, `/in/undefined-undefined`."""
    words = said.split() if " " in said else [said] * times

    for spelling in (between.join(words), between.join(words).upper()):
        with pytest.raises(ProfileAddressInvalid):
            public_identifier(f"https://www.linkedin.com/in/{spelling}{behind}")


@given(
    st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x17E, categories=["Ll"]), min_size=1)
)
def test_what_was_read_wrongly_on_its_way_is_undone(letters: str) -> None:
    """`jÃ¶rg` was taken for another person than `jörg`, though the cells beside it were mended."""
    slug = f"ada-{letters[:40]}-1"
    right = public_identifier(f"https://www.linkedin.com/in/{slug}")
    try:
        wrong = slug.encode().decode("cp1252")
    except UnicodeDecodeError:
        return
    for spelling in (wrong, quote(wrong)):
        assert public_identifier(f"https://www.linkedin.com/in/{spelling}") == right
