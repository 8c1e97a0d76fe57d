"""Dashboards ask for what exists, and say what to think of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from tests.test_alerts import known, selectors

BOARDS = sorted((Path(__file__).parent.parent / "deploy/observability/dashboards").glob("*.json"))
DOCS = Path(__file__).parent.parent / "docs"
PROCESS = {
    "process_resident_memory_bytes": {"job", "instance"},
    "process_cpu_seconds_total": {"job", "instance"},
    "temporal_request_latency_seconds_bucket": {"le"},
    "temporal_sticky_cache_size": set[str](),
}


def board(path: Path) -> Any:
    return json.loads(path.read_text())


def panels(path: Path) -> Iterator[Any]:
    for panel in board(path)["panels"]:
        if panel["type"] != "row":
            yield panel


def test_there_is_one_for_each_question() -> None:
    """Overview, campaigns, accounts, webhooks, calls and processes, Temporal."""
    assert {path.stem for path in BOARDS} == {
        "overview",
        "campaigns",
        "accounts-and-pace",
        "webhooks",
        "rpc-and-runtime",
        "temporal",
    }


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: str(path.stem))
def test_a_board_has_a_picture(path: Path) -> None:
    """Drawn on live data (`make dashboard-pictures`), shown on the page, and quickly loaded."""
    picture = DOCS / f"dashboards/{path.stem}.png"

    assert f"(dashboards/{picture.name})" in (DOCS / "dashboards.md").read_text()
    assert 0 < picture.stat().st_size <= 200_000


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: str(path.stem))
def test_a_board_can_be_put_anywhere(path: Path) -> None:
    """It has an address, is not edited by hand, and asks whichever Prometheus is chosen."""
    shown = board(path)
    (source,) = shown["templating"]["list"]

    assert shown["uid"] == f"outreach-{path.stem}"
    assert shown["editable"] is False
    assert (source["name"], source["type"], source["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    ids = [panel["id"] for panel in shown["panels"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: str(path.stem))
def test_a_panel_says_what_it_shows(path: Path) -> None:
    """A title, a sentence, a unit, and a legend for each query, which are told apart."""
    for panel in panels(path):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert all(target["legendFormat"] for target in panel["targets"])
        letters = [target["refId"] for target in panel["targets"]]
        assert letters == sorted(set(letters))
        assert all(letters)


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: str(path.stem))
def test_a_query_asks_for_what_exists(path: Path) -> None:
    """Names and labels are those that are scraped or recorded; rates fit any zoom."""
    exists = known() | PROCESS
    for target in (target for panel in panels(path) for target in panel["targets"]):
        expr = target["expr"]
        promql_parser.parse(expr.replace("$__rate_interval", "1m"))
        assert target["datasource"]["uid"] == "$datasource"
        for name, labels in selectors(expr):
            assert name in exists, name
            assert labels <= exists[name], name
        for window in re.findall(r"rate\([^\[]*\[([^\]]*)\]", expr):
            assert window == "$__rate_interval"
