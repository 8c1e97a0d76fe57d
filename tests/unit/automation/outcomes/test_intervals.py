"""Where a true rate lies, and the difference of two."""

import random

from automation.outcomes.intervals import Share, difference, gap_within, share
from hypothesis import given
from hypothesis import strategies as st


def test_the_examples_of_who_found_it() -> None:
    """Newcombe's papers of 1998, by Wilson's score and by method 10."""
    one, gap = share(81, 263), difference(share(56, 70), share(48, 80))

    assert (round(one.low, 4), round(one.high, 4)) == (0.2553, 0.3662)
    assert tuple(round(end, 4) for end in gap) == (0.0524, 0.3339)


def test_nobody_proves_nothing() -> None:
    """A share of nobody leaves every difference open."""
    assert difference(share(0, 0), share(3, 4)) == (-1.0, 1.0)


def test_none_and_all_have_an_exact_end() -> None:
    """A page once told `1.73e-16` of none of 140: a float's dust is no rate."""
    assert [(share(0, of).low, share(of, of).high) for of in (1, 140, 560)] == [(0.0, 1.0)] * 3


@st.composite
def shares(draw: st.DrawFn) -> Share:
    of = draw(st.integers(1, 60))
    return share(draw(st.integers(0, of)), of)


@given(first=shares(), second=shares())
def test_of_one_pair_the_gap_is_the_difference(first: Share, second: Share) -> None:
    """And who is nowhere compared changes nothing."""
    gap = gap_within([(share(0, 0), first), (first, second), (second, share(0, 0))])

    assert gap is not None
    assert abs(gap.low - difference(first, second)[0]) < 1e-9
    assert abs(gap.high - difference(first, second)[1]) < 1e-9


def test_what_differs_between_pairs_is_no_gap() -> None:
    """In good weeks most were ranked, in bad ones most were drawn: together they differ by 42.

    Within the weeks nobody accepted oftener.
    """
    weeks = [(share(72, 90), share(8, 10)), (share(1, 10), share(9, 90))]
    pooled = difference(share(73, 100), share(17, 100))

    gap = gap_within(weeks)

    assert pooled[0] > 0.4
    assert gap is not None
    assert abs(gap.difference) < 1e-9
    assert gap.low < 0 < gap.high


def test_nothing_is_compared_where_no_pair_has_both() -> None:
    """However many there are of each."""
    assert gap_within([(share(5, 9), share(0, 0)), (share(0, 0), share(3, 9))]) is None


def test_the_true_gap_lies_within_ninety_five_times_of_a_hundred() -> None:
    """Of eight weeks of thirteen who were ranked and two who were drawn, whose rates differ."""
    dice, within = random.Random(3), 0
    for _ in range(1_000):
        weeks = []
        for week in range(8):
            drawn = 0.15 + 0.05 * week
            ranked = drawn + 0.15
            weeks.append(
                (
                    share(sum(dice.random() < ranked for _ in range(13)), 13),
                    share(sum(dice.random() < drawn for _ in range(2)), 2),
                )
            )
        gap = gap_within(weeks)
        assert gap is not None
        within += gap.low <= 0.15 <= gap.high

    assert 940 <= within <= 985
