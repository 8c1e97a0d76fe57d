"""A panel is a question of somebody who looks; its description says what to think of the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """A question: what is asked for, by which unit, and what to think of it."""

    title: str
    unit: str
    description: str
    queries: tuple[tuple[str, str], ...]
    """Each with its legend."""
    most: float | None = None
    """Where its axis ends, if no value can be above."""


Rows = Mapping[str, Sequence[Panel]]
"""The panels of a dashboard, by the title of their row."""


def one(expr: str, legend: str = "") -> tuple[tuple[str, str], ...]:
    return ((expr, legend),)


def quantiles(histogram: str, by: str = "") -> tuple[tuple[str, str], ...]:
    """The median and the slowest hundredth of a histogram."""
    labels = f"{by}, le" if by else "le"
    name = f"{{{{{by}}}}} " if by else ""
    rate = f"sum by ({labels}) (rate({histogram}_bucket[$__rate_interval]))"
    return tuple((f"histogram_quantile({q}, {rate})", f"{name}p{q * 100:g}") for q in (0.5, 0.99))
