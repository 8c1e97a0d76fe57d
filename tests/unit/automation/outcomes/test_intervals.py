"""Where a true rate lies, and the difference of two."""

from automation.outcomes.intervals import difference, share


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
