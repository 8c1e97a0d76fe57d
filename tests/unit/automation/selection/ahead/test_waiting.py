"""Whom senders have before them, whichever campaign released them."""

from automation.selection.ahead.waiting import Waiting, plan_left, waiting_by_account
from hypothesis import given
from hypothesis import strategies as st

ACCOUNTS = st.lists(st.sampled_from(["acct_1", "acct_2", "acct_3"]), min_size=1, unique=True)
FOUND = st.lists(
    st.builds(
        Waiting,
        account_ids=ACCOUNTS,
        account_id=st.sampled_from(["", "acct_1", "acct_2", "acct_gone"]),
        leads=st.integers(0, 100),
    )
)


@given(FOUND)
def test_everybody_who_waits_is_somebodys_load(found: list[Waiting]) -> None:
    """Whoever was released by hand too, and whose account sends no more."""
    waiting = waiting_by_account(found)

    assert sum(waiting.values()) == sum(each.leads for each in found)
    assert waiting.keys() <= {account for each in found for account in each.account_ids}


def test_who_is_nobodys_is_shared_out() -> None:
    """Beside those that a sender has of its own, in another campaign too."""
    both = ["acct_1", "acct_2"]
    found = [
        Waiting(account_ids=both, account_id="", leads=5),
        Waiting(account_ids=["acct_2"], account_id="acct_2", leads=4),
    ]

    assert waiting_by_account(found) == {"acct_1": 3, "acct_2": 6}


def test_of_a_plan_is_left_who_neither_waits_nor_began() -> None:
    """Who waits since Sunday begins on Monday as well."""
    assert plan_left(20, waiting=20, begun=0) == 0
    assert plan_left(20, waiting=3, begun=4) == 13
    assert plan_left(20, waiting=40, begun=0) == 0
