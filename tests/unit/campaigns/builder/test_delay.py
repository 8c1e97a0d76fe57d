"""Delays as the builder writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from campaigns.builder.delay import (
    LONGEST_DELAY,
    DelayInvalid,
    delay_of,
    parse_delay,
    read_delay,
)
from hypothesis import given
from hypothesis import strategies as st

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (90, "m", timedelta(minutes=90)),
        ("90", "m", timedelta(minutes=90)),
        (1.5, "h", timedelta(minutes=90)),
        ("0.1", "h", timedelta(minutes=6)),
        (30, "S", timedelta(seconds=30)),
        (2, " Weeks ", timedelta(weeks=2)),
        (3, "days", timedelta(days=3)),
        (5, "minutes", timedelta(minutes=5)),
        (0, None, timedelta()),
        (365, "d", LONGEST_DELAY),
    ],
)
def test_amount_and_unit(amount: Any, unit: Any, expected: timedelta) -> None:
    """Lesson 4: a wait is exactly as long as it was drawn, whether number or text."""
    assert delay_of(amount, unit) == expected


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        (-1, "m"),
        ("soon", "m"),
        (True, "m"),
        ([], "m"),
        (5, "fortnights"),
        (5, None),
        (5, 7),
        (366, "d"),
        (10**400, "s"),
        (float("inf"), "s"),
        (float("nan"), "s"),
        ("1e999999", "s"),
        ("NaN", "d"),
        ("9" * 5000, "s"),
    ],
)
def test_no_delay(amount: Any, unit: Any) -> None:
    """What is negative, no number, too long or of an unknown unit is refused."""
    with pytest.raises(DelayInvalid):
        delay_of(amount, unit)


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ("15m", timedelta(minutes=15)),
        ("1d", timedelta(days=1)),
        ("0", timedelta()),
        (0, timedelta()),
        ("", timedelta()),
        ("1d 12h", timedelta(hours=36)),
        ("2 weeks", timedelta(weeks=2)),
        ("1.5h", timedelta(minutes=90)),
        ("immediately", timedelta()),
    ],
)
def test_display_text(display: Any, expected: timedelta) -> None:
    """The display text is understood where it is all there is."""
    assert read_delay(None, display) == expected


@pytest.mark.parametrize("display", ["15", 15, "later", "-1d", "1d ago", "300d 300d", [], "5" * 99])
def test_display_text_that_says_no_delay(display: Any) -> None:
    """A display text without a unit or without sense is refused, not taken as zero."""
    with pytest.raises(DelayInvalid):
        parse_delay(display)


def test_delay_data_is_executed() -> None:
    """`delayData` counts, and the display text is only shown."""
    assert read_delay({"delay": 2, "unit": "h"}, "15m") == timedelta(hours=2)


def test_delay_data_without_amount() -> None:
    """The display text stands in for a `delayData` that says nothing."""
    assert read_delay({"delay": None, "unit": "m"}, "1d") == timedelta(days=1)


def test_no_delay_at_all() -> None:
    """An edge may have no delay."""
    assert read_delay(None, None) is None


@given(st.integers(0, 500_000), st.sampled_from("smhdw"))
def test_display_and_data_agree(amount: int, unit: str) -> None:
    """What the builder shows and what it executes are the same delay."""
    try:
        expected = delay_of(amount, unit)
    except DelayInvalid:
        with pytest.raises(DelayInvalid):
            parse_delay(f"{amount}{unit}")
    else:
        assert parse_delay(f"{amount}{unit}") == expected


@given(anything, anything)
def test_nothing_crashes(data: Any, display: Any) -> None:
    """Whatever is in the file, it is a delay from zero to a year or it is refused."""
    try:
        delay = read_delay(data, display)
    except DelayInvalid:
        return
    assert delay is None or timedelta() <= delay <= LONGEST_DELAY
