"""Where bars and whiskers of a chart lie, in pixels: what the page's SVG is drawn from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automation.outcomes.intervals import Share

WIDTH, LABEL, ROW, BAR = 640, 150, 26, 14
_NARROW = "\u00a0"
"""A space at which no line ends."""
_SCALES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Ends of the axis, so that a few in a hundred are seen as well as half."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One bar: its label, its share, and whether it counts yet."""

    label: str
    share: Share
    is_mature: bool = True


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A row drawn: `y` is the bar's top; `low` and `high` the whisker's ends, None of nobody."""

    label: str
    told: str
    is_mature: bool
    y: float
    length: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars one below the other, with a tick of the axis at each fifth of its end."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    height: int


def chart(title: str, rows: Sequence[Row]) -> Chart:
    """A chart of shares; the axis ends where every bar, and nearly every whisker, has room."""
    end = _end_of([row.share for row in rows])
    room = WIDTH - LABEL - 90

    def at(rate: float) -> float:
        return round(LABEL + room * min(rate, end) / end, 1)

    bars = tuple(
        Bar(
            label=row.label,
            told=told(row.share),
            is_mature=row.is_mature,
            y=number * ROW + (ROW - BAR) / 2,
            length=round(at(row.share.rate or 0) - LABEL, 1),
            low=at(row.share.low) if row.share.of else None,
            high=at(row.share.high) if row.share.of else None,
        )
        for number, row in enumerate(rows)
    )
    ticks = tuple((at(end * part / 5), percent(end * part / 5)) for part in range(6))
    return Chart(title=title, bars=bars, ticks=ticks, height=len(rows) * ROW + 24)


def percent(rate: float) -> str:
    """A rate as people read it."""
    return f"{rate * 100:.3g}{_NARROW}%"


def told(share: Share) -> str:
    """A share with its denominator; one of nobody says so."""
    if share.rate is None:
        return "of nobody yet"
    return f"{percent(share.rate)} ({share.count:,}{_NARROW}of{_NARROW}{share.of:,})"


def _end_of(shares: Sequence[Share]) -> float:
    counted = [share for share in shares if share.rate is not None]
    most = max((share.rate or 0.0 for share in counted), default=0.0)
    widest = max((min(share.high, most * 2) for share in counted), default=0.0)
    reach = max(most, widest)
    return next((scale for scale in _SCALES if scale >= reach), 1.0)
