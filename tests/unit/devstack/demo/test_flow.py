"""What the demo reads out of a builder JSON."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from devstack.demo.flow import expected_duration, read_flow, suitable_speed

EXAMPLES = Path(__file__).parents[4] / "examples"


def drawing(*types: str, delay: dict[str, Any]) -> str:
    """A chain of nodes as the builder exports it."""
    return json.dumps(
        {
            "nodes": [
                {"id": f"n{n}", "type": "action", "data": {"type": name, "config": {}}}
                for n, name in enumerate(types)
            ],
            "edges": [
                {
                    "id": f"e{n}",
                    "source": f"n{n}",
                    "target": f"n{n + 1}",
                    "type": "buttonedge",
                    "data": {"delayData": delay},
                }
                for n in range(len(types) - 1)
            ],
        }
    )


@pytest.mark.parametrize(
    "example", ["sequence.json", "legacy_sequence.json", "extended_sequence.json"]
)
def test_the_examples_name_their_webhooks(example: str) -> None:
    """Both dialects say which endpoint a webhook node means."""
    flow = read_flow((EXAMPLES / example).read_text(encoding="utf-8"))

    assert flow.sequence is not None
    assert len(flow.webhooks) == 1


def test_a_longer_sequence_runs_on_a_faster_clock() -> None:
    """Weeks and days take about the same time on the wall."""
    days = read_flow(drawing("profile_visit", "like_post", delay={"delay": 2, "unit": "d"}))
    weeks = read_flow(drawing("profile_visit", "like_post", delay={"delay": 2, "unit": "w"}))

    durations = [expected_duration(flow, leads=10, accounts=2) for flow in (days, weeks)]

    assert timedelta(days=2) < durations[0] < durations[1]
    assert suitable_speed(durations[0], leads=10) < suitable_speed(durations[1], leads=10)


def test_a_sequence_of_minutes_does_not_run_in_slow_motion() -> None:
    """A very short sequence still gets a clock that is fast, yet not absurdly so."""
    flow = read_flow(drawing("profile_visit", delay={"delay": 0, "unit": "m"}))

    speed = suitable_speed(expected_duration(flow, leads=1, accounts=2), leads=1)

    assert 200 <= speed <= 1000


def test_what_cannot_be_compiled_is_left_to_the_service_to_refuse() -> None:
    """A text that is no JSON has no webhooks, and some duration."""
    flow = read_flow("not json")

    assert (flow.sequence, flow.webhooks) == (None, ())
    assert expected_duration(flow, leads=10, accounts=2) > timedelta()


def test_every_exit_counts_for_the_duration() -> None:
    """The longest way may lead through a wait and any exit, and paths that meet are no trap."""
    names = [f"s{number}" for number in range(40)]
    nodes = [{"id": name, "type": "action", "data": {"type": "split"}} for name in names]
    nodes.append({"id": "end", "type": "action", "data": {"type": "wait", "config": WEEK}})
    edges = [
        {"source": name, "target": target, "data": {"variant": variant}}
        for name, target in zip(names, [*names[1:], "end"], strict=True)
        for variant in "AB"
    ]
    flow = read_flow(json.dumps({"nodes": nodes, "edges": edges}))

    assert flow.sequence is not None
    assert expected_duration(flow, leads=1, accounts=1) > timedelta(weeks=1)


WEEK = {"delay": 1, "unit": "w"}
