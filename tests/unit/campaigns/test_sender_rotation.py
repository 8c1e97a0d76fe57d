"""Leads are dealt to accounts by what these can still do."""

from collections import Counter

from campaigns.senders.rotation import assign
from hypothesis import given
from hypothesis import strategies as st

ACCOUNTS = st.dictionaries(
    st.sampled_from([f"acct_{n}" for n in range(6)]), st.floats(0, 500), min_size=1
)


@given(leads=st.integers(0, 200), capacities=ACCOUNTS)
def test_everybody_gets_an_account_that_can_act(leads: int, capacities: dict[str, float]) -> None:
    """Nobody is given to an account without capacity while there is one with."""
    assigned = assign(leads, capacities, {})

    assert len(assigned) == leads
    able = {account for account, capacity in capacities.items() if capacity > 0}
    assert set(assigned) <= (able or set(capacities))


@given(leads=st.integers(1, 200), capacities=ACCOUNTS)
def test_shares_are_those_of_the_capacities(leads: int, capacities: dict[str, float]) -> None:
    """No account gets less than its share rounded down: the law of highest averages."""
    total = sum(capacities.values())
    if total < 1:
        return
    counts = Counter(assign(leads, capacities, {}))

    for account, capacity in capacities.items():
        assert counts[account] >= int(leads * capacity / total * (1 - 1e-9))


@given(leads=st.integers(0, 60), more=st.integers(0, 60), capacities=ACCOUNTS)
def test_dealing_in_two_goes_is_dealing_once(
    leads: int, more: int, capacities: dict[str, float]
) -> None:
    """Page by page, with the loads of the pages before, comes to the same."""
    first = assign(leads, capacities, {})
    second = assign(more, capacities, Counter(first))

    assert [*first, *second] == assign(leads + more, capacities, {})


def test_a_loaded_account_waits_for_the_others() -> None:
    """What it has already counts."""
    assert assign(3, {"one": 10, "two": 10}, {"one": 3}) == ["two", "two", "two"]
