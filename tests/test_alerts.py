"""Alerts and the runbook speak of metrics that exist."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from campaigns.workflow.contracts import TASK_QUEUE as LEADS_QUEUE
from devstack.metrics_page import SERVICES, common, common_registry, own, own_registry
from devstack.observability import rules
from devstack.observability.rules import FIRES, SILENT, alerts, groups, worlds, worlds_of
from webhook_dispatcher.deliveries.workflow import TASK_QUEUE as DELIVERIES_QUEUE

ROOT = Path(__file__).parent.parent
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
OBSERVABILITY = ROOT / "deploy/observability"
ENTRIES = (ROOT / "docs/alerts.md").read_text().split("\n## ")[1:]
ALERTS = alerts(OBSERVABILITY)
_OF_TEMPORAL = {
    "temporal_num_pollers": {"task_queue", "poller_type"},
    "temporal_request_failure_total": {"operation"},
    "temporal_request_total": {"operation"},
    "temporal_worker_task_slots_available": {"worker_type", "task_queue", "instance"},
    "temporal_worker_task_slots_used": {"worker_type"},
    "temporal_workflow_task_execution_failed_total": {"workflow_type", "failure_reason"},
    "temporal_workflow_task_schedule_to_start_latency_seconds_bucket": {"task_queue", "le"},
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
_FUNCTIONS = {
    "histogram_quantile",
    "label_replace",
    "group_left",
    "max_over_time",
    "last_over_time",
}


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


def test_every_rule_is_promql() -> None:
    """Where promtool is not there a slip of the pen is found all the same."""
    for group in groups(OBSERVABILITY):
        for rule in group["rules"]:
            promql_parser.parse(rule["expr"])


def test_what_was_not_played_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without promtool `make rules` fails; `make check` goes on, and says so in one line."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PROMTOOL", raising=False)

    alone = rules.main([])
    refused = capsys.readouterr().err
    beside = rules.main(["--or-say-so"])
    said = capsys.readouterr().err

    assert (alone, beside) == (1, 0)
    assert "apt-get install prometheus" in refused
    assert said.startswith("NOT RUN: ")
    assert said.count("\n") == 1
    assert "apt-get install prometheus" in said


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
        assert {FIRES, SILENT} <= set(world) <= {FIRES, SILENT, "every"}
        for which in (FIRES, SILENT):
            assert all(set(each) == {"after", "series"} for each in worlds_of(world, which))


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


def test_an_objective_that_is_met_is_seen_to_be() -> None:
    """Codes of faults have no series before the first: without one the part is 0, not unknown."""
    recorded = [
        rule["expr"]
        for group in groups(OBSERVABILITY)
        for rule in group["rules"]
        if rule.get("labels", {}).get("slo") == "api_availability"
        and rule["record"] != "outreach:slo_budget:ratio"
    ]

    assert len(recorded) == 5
    assert all(") or vector(0)) /" in expr for expr in recorded)


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


def test_what_the_pages_name_is_in_the_code() -> None:
    """Whoever searches a log for what an entry or an alert names finds what somebody writes."""
    sources = (
        path.read_text()
        for tree in ("services", "libs")
        for path in (ROOT / tree).glob("*/src/**/*.py")
    )
    written = set(re.findall(r'\b([a-z]+(?:_[a-z]+)+)(?:"|=)', "".join(sources)))
    pages = [RUNBOOK, (ROOT / "docs/alerts.md").read_text()]
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", "".join(pages)))
    told = " ".join(rule["annotations"]["description"] for rule in ALERTS)
    told = re.sub(r"{{.*?}}", "", told)
    named |= set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", told))

    # Of every process, by the client library; a folder of PostgreSQL's.
    named -= {"process_cpu_seconds_total", "pg_wal"}

    assert named - written - set(known()) == set()


def test_what_an_alert_counts_was_begun() -> None:
    """A counter that first appears at 1 has not increased: it begins at nought, or is looked for.

    `… unless last_over_time(…[1d] offset …)` finds what was not there before, whatever gaps there
    were, and `or vector(0)` what never was.
    """
    begun = _begun()
    for rule in ALERTS:
        for name, matchers in _COUNTED.findall(rule["expr"]):
            if name in _OF_TEMPORAL or not re.search(r"> 0\b", rule["expr"]):
                continue
            looked_for = re.search(
                rf"{name}(?:{{[^}}]*}})?"
                rf"(?:\s+unless\s+last_over_time\({name}|\[\w+\]\)\) or vector\(0\))",
                rule["expr"],
            )
            found = [each for each in begun.get(name, ()) if _matches(each, matchers)]
            assert found or looked_for, (rule["alert"], name, matchers)


_COUNTED = re.compile(r"([a-z_]+_total)(?:\{([^}]*)\})?\[")


def _begun() -> dict[str, list[dict[str, str]]]:
    """Every series that a process has from its start."""
    series: dict[str, list[dict[str, str]]] = {}
    for registry in (common_registry(), *map(own_registry, SERVICES)):
        for family in registry.collect():
            for sample in family.samples:
                series.setdefault(sample.name, []).append(sample.labels)
    return series


def _matches(labels: Mapping[str, str], matchers: str) -> bool:
    compared = re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', matchers)
    return all(
        bool(re.fullmatch(value if "~" in how else re.escape(value), labels.get(label, "")))
        is not how.startswith("!")
        for label, how, value in compared
    )


def test_task_queues_are_those_of_the_workers() -> None:
    """Both are looked for by name: the pollers of one do not stand for those of the other."""
    (rule,) = (each for each in ALERTS if each["alert"] == "TemporalPollersGone")

    assert set(re.findall(r'task_queue="([^"]+)"', rule["expr"])) == {LEADS_QUEUE, DELIVERIES_QUEUE}
