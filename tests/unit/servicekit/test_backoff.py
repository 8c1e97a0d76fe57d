"""servicekit.backoff."""

from datetime import timedelta

from servicekit.backoff import Backoff


def test_waits_grow_to_a_longest_and_begin_again() -> None:
    """Each wait is up to twice the one before, between half of it and all of it."""
    backoff = Backoff(timedelta(seconds=1), timedelta(seconds=8))

    waits = [backoff.following().total_seconds() for _ in range(6)]
    backoff.reset()

    for wait, full in zip(waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert full / 2 <= wait <= full
    assert backoff.following() <= timedelta(seconds=1)
