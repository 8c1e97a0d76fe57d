"""Three layers of caps, of which the lowest binds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.kinds.caps import binding_caps
from linkedin_gateway.kinds.registry import KINDS
from linkedin_gateway.models import DAY, HOUR, MONTH, WEEK, Cap, Kind

TIERS = ("free", "premium", "sales_navigator", "recruiter")


def numbers(kind: Kind, tier: str, *, noted: bool = False) -> dict[timedelta, int]:
    return {
        cap.per: cap.actions
        for cap in binding_caps(kind, tier=tier, noted=noted)
        if not cap.shared and not cap.noted
    }


def test_defaults_of_a_paid_account() -> None:
    """The defaults are those that are published."""
    assert numbers(Kind.INVITATION, "premium") == {HOUR: 5, DAY: 20, WEEK: 100}
    assert numbers(Kind.VISIT, "premium") == {HOUR: 15, DAY: 80, WEEK: 400}
    assert numbers(Kind.INVITATION, "free") == {HOUR: 3, DAY: 10, WEEK: 60}


@given(
    st.sampled_from([kind for kind in Kind if KINDS[kind].ceiling is not None]),
    st.sampled_from(TIERS),
    st.integers(0, 1000),
)
def test_nobody_goes_above_the_ceiling(kind: Kind, tier: str, wanted: int) -> None:
    """Whatever a customer sets, an hour holds no more than the ceiling."""
    customer = [Cap(kind=kind, per=HOUR, actions=wanted)]

    found = binding_caps(kind, tier=tier, noted=False, customer=customer)

    ceiling = KINDS[kind].ceiling or 0
    assert min(cap.actions for cap in found if cap.per == HOUR) <= min(ceiling, wanted)


def test_customer_only_lowers() -> None:
    """A lower cap of the customer binds and is named; a higher one has no effect."""
    low = Cap(kind=Kind.MESSAGE, per=DAY, actions=3)
    high = Cap(kind=Kind.MESSAGE, per=HOUR, actions=49)

    found = {
        cap.per: cap
        for cap in binding_caps(Kind.MESSAGE, tier="premium", noted=False, customer=[low, high])
    }

    assert (found[DAY].actions, found[DAY].layer) == (3, "customer")
    assert (found[HOUR].actions, found[HOUR].layer) == (10, "tier")


@pytest.mark.parametrize("tier", TIERS)
def test_notes_are_scarce_on_free_accounts(tier: str) -> None:
    """A free account has a quota of notes; without a note only the usual caps hold."""
    with_note = binding_caps(Kind.INVITATION, tier=tier, noted=True)
    without = binding_caps(Kind.INVITATION, tier=tier, noted=False)

    noted = {cap.per: cap.actions for cap in with_note if cap.noted}
    assert noted == ({WEEK: 15, MONTH: 5} if tier == "free" else {})
    assert not any(cap.noted for cap in without)


@pytest.mark.parametrize("kind", [Kind.VISIT, Kind.LOOKUP])
def test_profile_reads_share_a_budget(kind: Kind) -> None:
    """Visits and lookups together stay under what the provider lets one read a day."""
    (shared,) = [cap for cap in binding_caps(kind, tier="premium", noted=False) if cap.shared]

    assert (shared.per, shared.actions) == (DAY, 95)


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.INMAIL])
def test_messages_and_inmails_share_a_budget(kind: Kind) -> None:
    """An InMail to somebody who connected meanwhile goes as a message, and must fit as one."""
    shared = {
        cap.per: cap.actions
        for cap in binding_caps(kind, tier="premium", noted=False)
        if cap.shared
    }

    assert shared == {HOUR: 10, DAY: 40, WEEK: 200}


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.INMAIL])
def test_a_customers_message_cap_binds_the_shared_budget(kind: Kind) -> None:
    """An InMail that went as a message could exceed what the customer allowed of messages."""
    low = Cap(kind=Kind.MESSAGE, per=DAY, actions=3)

    found = binding_caps(kind, tier="premium", noted=False, customer=[low])

    assert [(cap.actions, cap.layer) for cap in found if cap.shared and cap.per == DAY] == [
        (3, "customer")
    ]
