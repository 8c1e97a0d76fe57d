"""What people are called by, and whether that can be the same person."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.people.aliases import (
    Alias,
    AliasKind,
    address,
    alias_of,
    contradicts,
    identifier_of,
    is_acting_id,
    provider_alias,
    shown,
    urn_alias,
)

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
        "ada@example.com",
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/in/unavailable/",
        "https://www.linkedin.com/in/edit/about",
        "https://www.linkedin.com/in/",
        "https://example.com/ada",
        "www.linkedin.com",
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
    ],
)
def test_ids_and_old_pages(spelling: str, meant: str) -> None:
    """Ids keep their letters, pages of every product are read, old addresses have become new."""
    assert identifier_of(spelling) == meant


@given(names)
def test_what_is_understood_is_settled(name: str) -> None:
    """Who is meant by what somebody was understood to mean is the same."""
    once = identifier_of(f" https://www.linkedin.com/in/{name.upper()}/ ")

    assert once == identifier_of(once) == identifier_of(f"@{name}") == name


def test_an_id_is_its_viewers() -> None:
    """An id belongs to the account that asks, in the product whose it is; a name to everybody."""
    assert alias_of(ID, "acct_1") != alias_of(ID, "acct_2")
    assert alias_of(ID, "acct_1").product == "classic"
    assert alias_of(SALES_ID, "acct_1").product == "sales_navigator"
    assert alias_of("Ada-Quill", "acct_1") == alias_of("ada-quill", "acct_2")


def test_two_forms_of_a_urn() -> None:
    """A number means everybody the same; a profile's urn is of the account that was shown it."""
    number = Alias(kind=AliasKind.MEMBER_URN, value="19836723")

    assert urn_alias("19836723", "acct_1") == number
    assert urn_alias("urn:li:member:19836723", "acct_2") == number
    assert urn_alias(f"urn:li:fsd_profile:{ID}", "acct_1") == Alias(
        kind=AliasKind.FSD_PROFILE, value=ID, viewer_account_id="acct_1"
    )
    assert urn_alias("urn:li:company:1", "acct_1") is None


def test_only_classic_ids_act() -> None:
    """What acts is given no id of another product."""
    assert is_acting_id(ID)
    assert not is_acting_id(SALES_ID)


def test_a_new_name_is_no_contradiction() -> None:
    """Whoever changed their name is who they were; whoever has another number is not."""
    known = [address("ada-old"), provider_alias(ID, "acct_1"), *shown("acct_1", urn="42")]

    assert not contradicts(
        known, shown("acct_1", provider_id=ID, public_identifier="ada", urn="42")
    )
    assert contradicts(
        known, shown("acct_1", provider_id=ID, public_identifier="ada-old", urn="43")
    )


def test_other_ids_are_no_contradiction() -> None:
    """Another account and another product have ids of their own; the same has the same."""
    known = [provider_alias(ID, "acct_1")]

    assert not contradicts(known, shown("acct_2", provider_id=ID[:-1] + "x"))
    assert not contradicts(known, shown("acct_1", provider_id=SALES_ID))
    assert contradicts(known, shown("acct_1", provider_id=ID[:-1] + "x"))


def test_the_number_has_the_last_word() -> None:
    """An id that is new is no contradiction where the number is the same."""
    known = [provider_alias(ID, "acct_1"), *shown("acct_1", urn="42")]

    assert not contradicts(known, shown("acct_1", provider_id=ID[:-1] + "x", urn="42"))


@given(st.lists(st.sampled_from(["1", "2", "urn:li:member:1", "x"])))
def test_nothing_known_contradicts_nothing(urns: list[str]) -> None:
    """Whoever is resolved first is the lead."""
    seen = [alias for urn in urns for alias in shown("acct_1", urn=urn)]

    assert not contradicts([], seen)
