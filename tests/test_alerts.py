"""Alerts and the runbook speak of metrics that exist."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.metrics_page import SERVICES, common, own

ROOT = Path(__file__).parent.parent
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
_SELECTOR = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b(?:\{([^}]*)\})?")
_SUFFIXES = {
    "counter": ("",),
    "gauge": ("",),
    "info": ("_info",),
    "histogram": ("_bucket", "_count", "_sum"),
    "distribution": ("_bucket", "_gcount", "_gsum"),
}
_UNITS = ("_total", "_seconds")
_FUNCTIONS = {"histogram_quantile", "label_replace"}


def rules() -> Iterator[Any]:
    for path in sorted((ROOT / "deploy/observability/alerts").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["spec"]["groups"]:
            yield from group["rules"]


def exposed() -> dict[str, set[str]]:
    """Every name that is scraped from a service of ours, with its labels."""
    found: dict[str, set[str]] = {}
    for family in (*common(), *chain.from_iterable(map(own, SERVICES))):
        for suffix in _SUFFIXES[family.kind]:
            found.setdefault(f"{family.name}{suffix}", {"le"}).update(family.labels)
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
