"""One spelling for whoever is meant."""

import pytest
from linkedin_gateway.models.suppression_keys import (
    Subject,
    company_spelling,
    domain_spelling,
    domains_of,
    email_spelling,
    key,
    keys_of,
    masked,
)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Example Works", "example works"),
        ("EXAMPLE WORKS, INC.", "example works"),
        ("Example  Works GmbH & Co. KG", "example works"),
        ("Example-Works S.A.", "example works"),
        ("Example Works S.à r.l.", "example works"),
        ("Exámple Works, Lda.", "example works"),
        ("Example Works sp. z o.o.", "example works"),
        ("Miller & Sons Ltd", "miller and sons"),
        ("Miller's", "millers"),
        ("AG", "ag"),
        ("Limited", "limited"),
        ("...", ""),
    ],
)
def test_companies_are_compared_by_their_name(name: str, spelling: str) -> None:
    """Case, accents, punctuation and legal form make no other company; a bare form stays."""
    assert company_spelling(name) == spelling


@pytest.mark.parametrize("name", ["Example Works GmbH & Co. KG", "A B S.A.", "Société X SAS"])
def test_a_spelling_is_its_own_spelling(name: str) -> None:
    """Spelling it again changes nothing."""
    assert company_spelling(company_spelling(name)) == company_spelling(name)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM", "example.com"),
        ("@example.com", "example.com"),
        ("example.com.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", ""),
        ("not a domain.com", ""),
        ("", ""),
    ],
)
def test_domains_are_compared_as_dns_does(text: str, domain: str) -> None:
    """Whatever is no domain with a dot in it is nobody's."""
    assert domain_spelling(text) == domain


def test_a_domain_covers_those_below_it() -> None:
    """An address is known by its domain and every one above, but not by the top one."""
    assert domains_of("ada@a.b.example.com") == (
        "a.b.example.com",
        "b.example.com",
        "example.com",
    )
    assert domains_of("example.com") == ()


@pytest.mark.parametrize("text", ["ada", "@example.com", "ada @example.com", "ada@", ""])
def test_what_is_no_address(text: str) -> None:
    """Half an address names nobody."""
    assert email_spelling(text) == ""


def test_keys_tell_nothing_and_are_the_organizations() -> None:
    """A key is a hash, and another one in another organization and for another subject."""
    keys = {
        key("org_1", Subject.PERSON, "ada"),
        key("org_2", Subject.PERSON, "ada"),
        key("org_1", Subject.COMPANY, "ada"),
    }

    assert len(keys) == 3
    assert all(len(each) == 64 and "ada" not in each for each in keys)


def test_every_way_to_know_a_person() -> None:
    """Person, address, each domain and company: one key each."""
    found = keys_of("org_1", person="ada", email="Ada@mail.example.com", company="Acme Inc")

    assert found == (
        key("org_1", Subject.PERSON, "ada"),
        key("org_1", Subject.EMAIL, "ada@mail.example.com"),
        key("org_1", Subject.EMAIL_DOMAIN, "mail.example.com"),
        key("org_1", Subject.EMAIL_DOMAIN, "example.com"),
        key("org_1", Subject.COMPANY, "acme"),
    )
    assert len(keys_of("org_1", person="ada")) == 1


def test_lists_do_not_show_people() -> None:
    """Of a person a list shows too little to know them; of a company all."""
    assert masked(Subject.PERSON, "ada-example") == "ad…"
    assert masked(Subject.EMAIL, "ada@example.com") == "ad…@example.com"
    assert masked(Subject.COMPANY, "Acme") == "Acme"
