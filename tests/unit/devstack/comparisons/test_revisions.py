"""Decisions of two revisions, compared pair by pair."""

from devstack.comparisons.revisions import compared


def test_shares_are_of_pairs() -> None:
    """A machine that is slow for both of a pair says nothing of either."""
    quick = {"p50_ms": 2.0, "p99_ms": 20.0}
    slow = {"p50_ms": 10.0, "p99_ms": 100.0}
    measured = {
        "before": [quick, slow, quick],
        "now": [{name: 2 * value for name, value in each.items()} for each in (quick, slow, quick)],
    }

    told = dict(compared(measured))

    assert told["p50_ms"]["share"]["runs"] == [2.0, 2.0, 2.0]
    assert (told["p99_ms"]["before"], told["p99_ms"]["now"]) == (20.0, 40.0)
