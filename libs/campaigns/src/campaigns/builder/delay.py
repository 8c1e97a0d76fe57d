"""Delays as the builder writes them. Pure.

`delayData` (`{"delay": 90, "unit": "m"}`) is what is executed; the display text
(`"15m"`) counts only where `delayData` is missing. Exact: 90 m are 90 minutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from campaigns.sequences.diagnostics import shown

LONGEST_DELAY = timedelta(days=365)

_SECONDS_BY_UNIT: Mapping[str, int] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 604_800),
}
_PART = re.compile(r"\s*(\d{1,12}(?:[.,]\d{1,9})?)\s*([a-z]*)", re.ASCII)
_LONGEST_TEXT = 40
_AT_ONCE = frozenset({"", "none", "no delay", "immediately", "instant", "now"})


class DelayInvalid(ValueError):
    """The delay is negative, not a number, in an unknown unit, or too long."""


def read_delay(data: Any, display: Any) -> timedelta | None:
    """The delay of an edge from its `delayData` and its `delay`; None if it has none.

    Raises `DelayInvalid` if what it has is no delay.
    """
    if data is not None:
        if not isinstance(data, Mapping):
            raise DelayInvalid("The delay must be an object with `delay` and `unit`.")
        amount = data.get("delay", data.get("value"))
        if not _is_blank(amount):
            return delay_of(amount, data.get("unit"))
    return None if display is None else parse_delay(display)


def delay_of(amount: Any, unit: Any) -> timedelta:
    """`amount` of `unit`, exactly; raises `DelayInvalid` if that is no delay."""
    number = _number(amount)
    if number == 0 and _is_blank(unit):
        return timedelta()
    seconds = _seconds(unit)
    if number < 0:
        raise DelayInvalid("A delay cannot be negative.")
    if number * seconds > int(LONGEST_DELAY.total_seconds()):
        raise DelayInvalid("A delay can be a year at most.")
    return timedelta(microseconds=int(number * seconds * 1_000_000))


def parse_delay(display: Any) -> timedelta:
    """The delay that a display text such as `15m`, `1d 12h` or `0` shows.

    Raises `DelayInvalid` if it shows none.
    """
    if isinstance(display, int | float) and not isinstance(display, bool):
        return delay_of(display, None)
    if not isinstance(display, str) or len(display) > _LONGEST_TEXT:
        raise DelayInvalid(f"“{shown(display)}” is not a delay.")
    text = display.strip().lower()
    if text in _AT_ONCE:
        return timedelta()
    total, position = timedelta(), 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise DelayInvalid(f"“{shown(display)}” is not a delay such as 15m, 2h or 1d.")
        total += delay_of(part[1], part[2])
        position = part.end()
    if total > LONGEST_DELAY:
        raise DelayInvalid("A delay can be a year at most.")
    return total


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _seconds(unit: Any) -> int:
    if isinstance(unit, str):
        seconds = _SECONDS_BY_UNIT.get(unit.strip().lower())
        if seconds is not None:
            return seconds
    if _is_blank(unit):
        raise DelayInvalid("The delay has no unit; it must be one of s, m, h, d, w.")
    raise DelayInvalid(f"“{shown(unit)}” is not a unit of time; it must be one of s, m, h, d, w.")


def _number(amount: Any) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        raise DelayInvalid(f"“{shown(amount)}” is not a number.")
    text = str(amount).strip().replace(",", ".") if not isinstance(amount, int) else None
    if text is not None and len(text) > _LONGEST_TEXT:
        raise DelayInvalid(f"“{shown(text)}” is not a number that a delay can have.")
    try:
        number = Decimal(amount if text is None else text)
    except InvalidOperation as error:
        raise DelayInvalid(f"“{shown(amount)}” is not a number.") from error
    if not number.is_finite() or abs(number) > int(LONGEST_DELAY.total_seconds()):
        raise DelayInvalid("A delay can be a year at most.")
    return number
