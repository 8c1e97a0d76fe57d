"""Metrics are named by one rule, say what they are, and stand on one page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from devstack.metrics_page import SERVICES, Family, common, own, renewed
from servicekit.telemetry import metrics

PAGE = Path(__file__).parent.parent / "docs/metrics.md"
LABELS = {
    "activity",
    "answer",
    "because",
    "call",
    "certificate",
    "code",
    "dependency",
    "direction",
    "event",
    "kind",
    "limit",
    "loop",
    "method",
    "outcome",
    "pool",
    "proof",
    "reason",
    "source",
    "state",
    "status",
    "transition",
    "type",
    "verdict",
    "way",
    "window",
    "workflow",
}
"""All that a label may be; each has few values, and none of them is an id."""
_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_TAKEN = ("_count", "_sum", "_bucket", "_created", "_info")
"""What Prometheus adds by itself."""
_NOT_BASE = ("_ms", "_milliseconds", "_minutes", "_hours", "_days", "_percent", "_kilobytes")
_UNITS = ("_seconds", "_bytes", "_ratio")


def families() -> Iterator[Family]:
    yield from common()
    for service in SERVICES:
        yield from own(service)


@pytest.mark.parametrize("family", list(families()), ids=lambda family: str(family.name))
def test_a_name_is_a_noun_and_its_unit(family: Family) -> None:
    """Counters are totals, times are seconds of a clock that is named, the help is a sentence."""
    assert _NAME.fullmatch(family.name)
    assert not family.name.endswith(_TAKEN)
    assert not any(part in f"{family.name}_" for part in (f"{each}_" for each in _NOT_BASE))
    assert family.name.endswith("_total") == (family.kind == "counter")
    if family.kind in {"histogram", "distribution"}:
        assert family.name.endswith(_UNITS)
    assert family.help.endswith(".")
    if "_seconds" in family.name and "_timestamp_" not in family.name:
        # A sandbox's clock runs thousands of times as fast: which one it is must be said.
        assert re.search("(real|domain) time", family.help, re.IGNORECASE)
    assert set(family.labels) <= LABELS


def test_a_name_means_one_thing() -> None:
    """What two services expose by one name has the same labels, kind and meaning in both."""
    known: dict[str, Family] = {}

    for family in families():
        assert known.setdefault(family.name, family) == family


def test_the_page_is_fresh() -> None:
    """docs/metrics.md has the metrics that there are; `make metrics-page` writes them."""
    page = PAGE.read_text()

    assert page == renewed(page)


def test_a_lead_of_weeks_is_told_from_one_of_months() -> None:
    """The buckets of a lead's time part what a sequence may take: days, weeks, three months."""
    days = [bound / 86_400 for bound in metrics.WEEKS]

    assert min(days) <= 1 / 24
    assert max(days) >= 84
    assert sum(7 <= bound <= 42 for bound in days) >= 5
