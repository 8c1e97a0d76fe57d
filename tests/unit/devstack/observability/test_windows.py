"""devstack.observability.windows."""

import re

import pytest
from devstack.observability.rules import groups
from devstack.observability.windows import divided, shortened

FACTOR = 60


@pytest.mark.parametrize(
    ("window", "shorter"),
    [("5m", "5000ms"), ("1h", "60000ms"), ("1d", "1440000ms"), ("1h30m", "60000ms30000ms")],
)
def test_a_window_is_divided(window: str, shorter: str) -> None:
    """By the factor, each unit by itself, to the millisecond."""
    assert divided(window, FACTOR) == shorter


def test_only_windows_are_shorter() -> None:
    """Every shipped rule keeps its expression, its labels and its words; its times are divided."""
    given = [rule for group in groups() for rule in group["rules"]]
    quick = [rule for group in shortened(groups(), FACTOR) for rule in group["rules"]]

    assert len(given) == len(quick)
    for before, after in zip(given, quick, strict=True):
        windows = re.findall(r"\[([^\]]+)\]", before["expr"])
        shorter = re.findall(r"\[([^\]]+)\]", after["expr"])
        assert shorter == [divided(window, FACTOR) for window in windows]
        offsets = [re.findall(r"offset (\w+)", rule["expr"]) for rule in (before, after)]
        assert offsets[1] == [divided(offset, FACTOR) for offset in offsets[0]]
        without = [re.sub(r"\[[^\]]+\]|offset \w+", "[]", rule["expr"]) for rule in (before, after)]
        assert without[0] == without[1]
        assert after.get("for") == (divided(before["for"], FACTOR) if "for" in before else None)
        for part in ("labels", "annotations", "alert", "record"):
            assert before.get(part) == after.get(part)


def test_no_window_is_shorter_than_two_scrapes() -> None:
    """With a scrape a second a rate over less would be of one sample, and so of nothing."""
    for group in shortened(groups(), FACTOR):
        for rule in group["rules"]:
            for window in re.findall(r"\[(\d+)ms\]", rule["expr"]):
                assert int(window) >= 3_000
