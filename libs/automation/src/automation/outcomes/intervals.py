"""How far a share that was counted can be from the true one. Pure.

Wilson's score interval: it stays between 0 and 1, and says something about none of
ten too. Source: E. Wilson, "Probable inference, the law of succession, and
statistical inference", 1927.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many, with the interval in which the true share lies 95 times of 100."""

    count: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        """The share that was counted; None of nobody."""
        return self.count / self.of if self.of else None


def share(count: int, of: int) -> Share:
    """The share with its interval; of nobody it may be anything.

    Raises `ValueError` if it is more than all, or less than nobody.
    """
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share")
    if of == 0:
        return Share(count=0, of=0, low=0.0, high=1.0)
    low, high = _wilson(count / of, of)
    return Share(count=count, of=of, low=low, high=high)


def difference(first: Share, second: Share) -> tuple[float, float]:
    """Where the first rate less the second lies; from -1 to 1 where one is of nobody.

    Of both of Wilson's intervals. Source: R. Newcombe, "Interval estimation for the difference
    between independent proportions", 1998, method 10.
    """
    if first.rate is None or second.rate is None:
        return -1.0, 1.0
    return _newcombe((first.rate, first.low, first.high), (second.rate, second.low, second.high))


@dataclass(frozen=True, kw_only=True)
class Gap:
    """By how much rates differ, and the interval in which that lies 95 times of 100."""

    difference: float
    low: float
    high: float


def gap_within(pairs: Sequence[tuple[Share, Share]]) -> Gap | None:
    """By how much first rates exceed second ones within pairs; None where no pair has both.

    What differs between pairs, the season say, counts for neither: a pair counts by how much it
    tells (Mantel and Haenszel), and the interval is Newcombe's of the averages, each of as many as
    its weights leave. Of one pair it is `difference`. Source: X. Yan and X. Su, "Stratified Wilson
    and Newcombe confidence intervals for multiple binomial proportions", 2010.
    """
    both = [(first, second) for first, second in pairs if first.of and second.of]
    if not both:
        return None
    told = [first.of * second.of / (first.of + second.of) for first, second in both]
    weights = [each / sum(told) for each in told]
    one = _average([first for first, _ in both], weights)
    other = _average([second for _, second in both], weights)
    low, high = _newcombe(one, other)
    return Gap(difference=one[0] - other[0], low=low, high=high)


def _average(shares: Sequence[Share], weights: Sequence[float]) -> tuple[float, float, float]:
    """The rate with its interval, of shares of somebody."""
    parts = list(zip(shares, weights, strict=True))
    rate = sum(weight * each.count / each.of for each, weight in parts)
    of = 1 / sum(weight**2 / each.of for each, weight in parts)
    return (rate, *_wilson(rate, of))


def _wilson(rate: float, of: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    spread = z * z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / of + spread / of / 4) / (1 + spread)
    # Of none and of all an end is exact, and no float's dust.
    low = max(0.0, middle - half) if rate > 0 else 0.0
    return low, min(1.0, middle + half) if rate < 1 else 1.0


def _newcombe(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float]:
    (one, one_low, one_high), (other, other_low, other_high) = first, second
    below = sqrt((one - one_low) ** 2 + (other_high - other) ** 2)
    above = sqrt((one_high - one) ** 2 + (other - other_low) ** 2)
    return one - other - below, one - other + above
