"""servicekit.ttl_cache."""

from datetime import timedelta

from servicekit.ttl_cache import TtlCache


class Stopwatch:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_value_is_good_for_a_while() -> None:
    """It is there until its time is over, and again once it was read anew."""
    stopwatch = Stopwatch()
    cache: TtlCache[str, int] = TtlCache(timedelta(seconds=5), monotonic=stopwatch)

    cache.put("a", 0)
    stopwatch.at += 4.9
    assert cache.get("a") == 0
    stopwatch.at += 0.1
    assert cache.get("a") is None

    cache.put("a", 2)
    assert cache.get("a") == 2


def test_it_keeps_no_more_than_it_may() -> None:
    """A cache that is full forgets everything; it never grows beyond."""
    cache: TtlCache[int, int] = TtlCache(timedelta(seconds=5), most=2)

    for number in range(3):
        cache.put(number, number)

    assert [cache.get(number) for number in range(3)] == [None, None, 2]
