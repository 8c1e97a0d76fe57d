"""What people are called by, and whether that can be the same person."""

from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.people.aliases import (
    Alias,
    AliasKind,
    address,
    alias_of,
    contradicts,
    is_acting_id,
    provider_alias,
    shown,
    urn_alias,
)

ID = "ACoAAAAAAAEurjNV_7tQ1N7tSGqVD1PwV6sv-lQ"
SALES_ID = "ACwAABzz11aQfooBarBazQuxQuuxCorge01"


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
