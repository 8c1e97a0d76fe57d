"""Weighted fair order between the campaigns of an account."""

from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.pace.ranking import virtual_finish


def test_small_flow_is_next_but_one() -> None:
    """A flow that comes late takes its place at the front, not behind a long queue."""
    served, big = 10.0, [float(number) for number in range(11, 1000)]

    small = virtual_finish(virtual_time=served, last=0.0, weight=1)

    assert sum(other < small for other in big) <= 1


@given(st.integers(1, 10))
def test_weight_is_a_share(weight: int) -> None:
    """A flow of weight n has n places for each one of weight 1."""
    heavy, light = 0.0, virtual_finish(virtual_time=0.0, last=0.0, weight=1)
    places = 0
    while (heavy := virtual_finish(virtual_time=0.0, last=heavy, weight=weight)) <= light + 1e-9:
        places += 1

    assert places == weight
