"""Alerts and the runbook speak of metrics that exist."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from devstack.metrics_page import SERVICES, common, own
from devstack.observability.rules import alerts, groups, worlds

ROOT = Path(__file__).parent.parent
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
OBSERVABILITY = ROOT / "deploy/observability"
ENTRIES = (ROOT / "docs/alerts.md").read_text().split("\n## ")[1:]
ALERTS = alerts(OBSERVABILITY)
_OF_TEMPORAL = {
    "temporal_num_pollers": {"poller_type"},
    "temporal_request_failure_total": {"operation"},
    "temporal_request_total": {"operation"},
    "temporal_worker_task_slots_available": {"worker_type", "instance"},
    "temporal_worker_task_slots_used": {"worker_type"},
    "temporal_workflow_task_execution_failed_total": {"workflow_type", "failure_reason"},
    "temporal_workflow_task_schedule_to_start_latency_seconds_bucket": {"le"},
}
"""What the SDK exposes of itself; counters of it are absent until their first time."""
_SELECTOR = re.compile(
    r"(?<![\w:])([a-z][a-z0-9:]*(?:_[a-z0-9:]+)+|leads_parked)(?![\w:])(?:\{([^}]*)\})?"
)
_SUFFIXES = {
    "counter": ("",),
    "gauge": ("",),
    "info": ("_info",),
    "histogram": ("_bucket", "_count", "_sum"),
    "distribution": ("_bucket", "_gcount", "_gsum"),
}
_UNITS = ("_total", "_seconds")
_FUNCTIONS = {"histogram_quantile", "label_replace", "group_left"}


@cache
def exposed() -> dict[str, set[str]]:
    """Every name that is scraped from a service of ours, with its labels."""
    found: dict[str, set[str]] = {}
    for family in (*common(), *chain.from_iterable(map(own, SERVICES))):
        for suffix in _SUFFIXES[family.kind]:
            found.setdefault(f"{family.name}{suffix}", {"le"}).update(family.labels)
    return found


def selectors(text: str) -> Iterator[tuple[str, set[str]]]:
    """Names and labels in an expression, without what `by (…)` holds."""
    for name, matchers in _SELECTOR.findall(
        re.sub(r"\b(by|without|on|group_left)\s*\([^)]*\)", "", text)
    ):
        if name not in _FUNCTIONS:
            yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


@cache
def known() -> dict[str, set[str]]:
    """What a rule may ask for: what is scraped, and what is recorded."""
    recorded = [rule for group in groups(OBSERVABILITY) for rule in group["rules"]]
    return {
        **exposed(),
        **_OF_TEMPORAL,
        "service_build_info": {"service"},
        **{rule["record"]: {"slo"} for rule in recorded if "record" in rule},
    }


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_every_alert_can_fire(rule: Any) -> None:
    """Its metrics and their labels exist, it says what happens, and what to do is written down."""
    asked = list(selectors(rule["expr"]))

    assert asked
    for name, labels in asked:
        assert name in known(), name
        assert labels <= known()[name], name
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"runbook_url", "summary", "description"}
    assert rule["annotations"]["runbook_url"] == f"docs/alerts.md#{rule['alert'].lower()}"


def test_recordings_ask_for_what_exists() -> None:
    """What is recorded is made of metrics that are scraped, by labels that they have."""
    for group in groups(OBSERVABILITY):
        for rule in group["rules"]:
            for name, labels in selectors(rule["expr"]):
                assert name in known(), name
                assert labels <= known()[name], name


def test_every_alert_has_an_entry() -> None:
    """How bad it is, where to look and what to do; none is left of an alert that is gone."""
    entries = {entry.partition("\n")[0]: entry for entry in ENTRIES}

    assert set(entries) == {rule["alert"] for rule in ALERTS}
    for entry in entries.values():
        assert all(f"- **{part}**: " in entry for part in ("How bad", "Look here", "Do this"))


def test_every_alert_has_its_worlds() -> None:
    """One in which it fires and one in which it stays silent; `make rules` plays them."""
    told = worlds(OBSERVABILITY)

    assert set(told) == {rule["alert"] for rule in ALERTS}
    for world in told.values():
        assert {"fires", "silent"} <= set(world) <= {"fires", "silent", "every"}
        assert all(set(world[each]) == {"after", "series"} for each in ("fires", "silent"))


def test_objectives_are_looked_at_over_every_window() -> None:
    """Each objective has a budget, and is recorded for both alerts, quickly and slowly."""
    recorded = [rule for group in groups(OBSERVABILITY) for rule in group["rules"]]
    objectives = {
        rule["labels"]["slo"]
        for rule in recorded
        if rule.get("record") == "outreach:slo_budget:ratio"
    }

    assert objectives == {"api_availability", "api_latency", "step", "event", "reply"}
    for window in ("5m", "30m", "1h", "6h", "3d"):
        name = f"outreach:slo_errors:ratio_rate{window}"
        found = {rule["labels"]["slo"] for rule in recorded if rule.get("record") == name}
        assert found == objectives


def test_the_runbook_names_metrics_that_exist() -> None:
    """Who follows the runbook finds each number it speaks of."""
    scraped = exposed()
    spoken = [
        (name, set(re.findall(r"([a-z_]+)(?:[=,]|$)", re.sub(r'"[^"]*"', "", labels))))
        for name, labels in re.findall(r"`([a-z]+(?:_[a-z]+)+)(?:\{([^}]*)\})?`", RUNBOOK)
        if name in scraped or name.endswith(_UNITS)
    ]

    assert spoken
    for name, labels in spoken:
        assert name in scraped, name
        assert labels <= scraped[name], name
