"""How far a share that was counted can be from the true one. Pure.

Wilson's score interval: it stays between 0 and 1, and says something about none of
ten too. Source: E. Wilson, "Probable inference, the law of succession, and
statistical inference", 1927.
"""

from __future__ import annotations

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
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    rate, spread = count / of, z * z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / of + spread / of / 4) / (1 + spread)
    # Of none and of all an end is exact, and no float's dust.
    low = max(0.0, middle - half) if count else 0.0
    high = min(1.0, middle + half) if count < of else 1.0
    return Share(count=count, of=of, low=low, high=high)


def difference(first: Share, second: Share) -> tuple[float, float]:
    """Where the first rate less the second lies; from -1 to 1 where one is of nobody.

    Of both of Wilson's intervals. Source: R. Newcombe, "Interval estimation for the difference
    between independent proportions", 1998, method 10.
    """
    if first.rate is None or second.rate is None:
        return -1.0, 1.0
    gap = first.rate - second.rate
    below = sqrt((first.rate - first.low) ** 2 + (second.high - second.rate) ** 2)
    above = sqrt((first.high - first.rate) ** 2 + (second.rate - second.low) ** 2)
    return gap - below, gap + above
