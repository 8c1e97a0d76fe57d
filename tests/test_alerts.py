"""Alerts and the runbook speak of metrics that exist."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from identity.audit.metrics import Metrics as AuditMetrics
from prometheus_client import CollectorRegistry
from servicekit.credentials.tls import CertificateStatus
from servicekit.grpc.caller_limits import CallerLimits, limited
from servicekit.grpc.layers import measured
from servicekit.grpc.limit_table import LimitTable
from servicekit.health import Readiness

ROOT = Path(__file__).parent.parent
SERVICES = ("campaign_api", "outreach_worker", "linkedin_gateway", "webhook_dispatcher")
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
_SELECTOR = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b(?:\{([^}]*)\})?")
_UNITS = ("_total", "_seconds")
_FUNCTIONS = {"histogram_quantile", "label_replace"}


def rules() -> Iterator[Any]:
    for path in sorted((ROOT / "deploy/observability/alerts").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["spec"]["groups"]:
            yield from group["rules"]


def exposed() -> dict[str, set[str]]:
    """Every name that is scraped from a service of ours, with its labels."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        registry = CollectorRegistry()
        importlib.import_module(f"{service}.metrics").Metrics(registry)
        AuditMetrics(registry)
        measured(registry)
        CertificateStatus(registry, Readiness())
        limited(CallerLimits(LimitTable), registry)
        for collector, names in registry._collector_to_names.items():
            labels = set(getattr(collector, "_labelnames", ()))
            found |= dict.fromkeys(names, labels | {"le"})
    return found


def selectors(text: str) -> Iterator[tuple[str, set[str]]]:
    """Names and labels in an expression, without what `by (…)` holds."""
    for name, matchers in _SELECTOR.findall(re.sub(r"\b(by|without|on)\s*\([^)]*\)", "", text)):
        if name not in _FUNCTIONS:
            yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: str(rule["alert"]))
def test_every_alert_can_fire(rule: Any) -> None:
    """Its metrics and their labels exist, it says what happens, and the runbook what to do."""
    known = exposed()
    asked = list(selectors(rule["expr"]))

    assert asked
    for name, labels in asked:
        assert name in known, name
        assert labels <= known[name], name
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert f"`{rule['alert']}`" in RUNBOOK


def test_the_runbook_names_metrics_that_exist() -> None:
    """Who follows the runbook finds each number it speaks of."""
    known = exposed()
    spoken = [
        (name, set(re.findall(r"([a-z_]+)(?:[=,]|$)", re.sub(r'"[^"]*"', "", labels))))
        for name, labels in re.findall(r"`([a-z]+(?:_[a-z]+)+)(?:\{([^}]*)\})?`", RUNBOOK)
        if name in known or name.endswith(_UNITS)
    ]

    assert spoken
    for name, labels in spoken:
        assert name in known, name
        assert labels <= known[name], name
