"""One endpoint does not take the place of all others, nor do all of one organization."""

from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.limits.endpoint_shares import EndpointShares, OrganizationShares


@given(st.integers(1, 40), st.lists(st.sampled_from("abc"), max_size=200))
def test_nobody_has_more_than_a_quarter(at_once: int, wanted: list[str]) -> None:
    """However many come, a quarter is one endpoint's; what is given back is free again."""
    shares = EndpointShares(at_once)
    most = max(1, at_once // 4)

    taken = [each for each in wanted if shares.take(each)]

    assert all(taken.count(each) == min(wanted.count(each), most) for each in "abc")
    for each in taken:
        shares.give_back(each)
    assert all(shares.take(each) for each in "abc")


@given(st.integers(2, 40))
def test_others_find_a_quarter_free(at_once: int) -> None:
    """However many endpoints of one organization hang, another organization has room."""
    shares = OrganizationShares(at_once)
    taken = sum(shares.take("theirs") for _ in range(100))

    assert at_once - taken == max(1, at_once // 4)
