"""How long a sequence of 100 steps takes to compile, next to reading the same JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from campaigns.builder.compiler import compile_sequence

from devstack.bench.measurements import spread

STEPS = 100
_ROUNDS = 7
_TIMES = 20
_TEXT = (
    "Hello {{first_name|there}}, how does {{company}} plan its service?\n\n"
    "We have compared forty plants."
)
_BLOCK: tuple[tuple[str, dict[str, Any]], ...] = (
    ("profile_visit", {}),
    ("like_post", {"numberOfPosts": 2, "recentPostDays": 30}),
    ("comment_post", {"customComment": _TEXT}),
    ("condition", {"condition": "has_posts"}),
    ("send_connection_request", {"customMessage": _TEXT}),
    ("wait", {"delay": 2, "unit": "d"}),
    ("split", {}),
    ("send_followup", {"customMessage": _TEXT, "smartFollowups": True}),
    ("withdraw_request", {}),
    ("webhook", {"webhookId": "7f1d2c3b-4a59-4e68-9b77-0c1d2e3f4a5b"}),
)
_BY_ANSWER = tuple({"isConditionalPath": True, "isPositive": yes} for yes in (True, False))
_BY_SHARE = tuple({"percentage": 50, "variant": name} for name in "AB")
_ONE: tuple[dict[str, Any], ...] = ({},)
_WAYS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "profile_visit": _ONE,
    "like_post": _ONE,
    "comment_post": _ONE,
    "condition": _BY_ANSWER,
    "send_connection_request": _BY_ANSWER,
    "wait": _ONE,
    "split": _BY_SHARE,
    "send_followup": _ONE,
    "withdraw_request": _ONE,
    "webhook": _ONE,
}
"""What leads on from a node of each type."""


def measure_compiling() -> dict[str, Any]:
    """Milliseconds of both, and how many times as long compiling takes; the quickest of a round.

    The floor is `json.loads` of the same text, in turns with what is measured. Raises
    `RuntimeError` when the drawing of the bench does not compile.
    """
    source = drawing_of(STEPS)
    compilation = compile_sequence(source, writer_configured=False)
    if compilation.sequence is None or len(compilation.sequence.steps) != STEPS:
        raise RuntimeError(f"the drawing of the bench is wrong: {compilation.violations}")
    compiling, reading = [], []
    for _ in range(_ROUNDS):
        compiling.append(_quickest(lambda: compile_sequence(source, writer_configured=False)))
        reading.append(_quickest(lambda: json.loads(source)))
    return {
        "steps": STEPS,
        "bytes": len(source),
        "compile_ms": spread(compiling),
        "floor_ms": spread(reading),
        "times_the_floor": spread(
            [whole / floor for whole, floor in zip(compiling, reading, strict=True)]
        ),
    }


def drawing_of(steps: int) -> str:
    """A drawing of so many steps in a row, of every kind but InMail, as the builder exports it."""
    nodes = [_node(number, *_BLOCK[number % len(_BLOCK)]) for number in range(steps)]
    edges = [edge for number in range(steps - 1) for edge in _edges(nodes, number)]
    return json.dumps({"nodes": nodes, "edges": edges, "timestamp": "2026-03-02T09:00:00.000Z"})


def _node(number: int, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{kind}-{number}",
        "type": "action",
        "position": {"x": "0", "y": str(number * 120)},
        "data": {"type": kind, "label": kind.title(), "isConfigured": True, "config": config},
        "measured": {"width": 220, "height": 62},
        "selected": False,
    }


def _edges(nodes: list[dict[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    """What leads from a node to the next one; where paths part, every way leads there."""
    source, target = nodes[number], nodes[number + 1]
    # LinkedIn refuses an invitation for three weeks after a withdrawal.
    days = 21 if source["data"]["type"] == "withdraw_request" else 1
    delay: dict[str, Any] = {"delay": f"{days}d", "delayData": {"delay": str(days), "unit": "d"}}
    for way in _WAYS[source["data"]["type"]]:
        yield {
            "id": f"e-{target['id']}-{source['id']}",
            "source": source["id"],
            "target": target["id"],
            "type": "conditional" if "isPositive" in way else "buttonedge",
            "animated": True,
            "data": delay | way,
        }


def _quickest(work: Callable[[], object]) -> float:
    """Milliseconds: what disturbs a run only ever makes it longer."""
    best = float("inf")
    for _ in range(_TIMES):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * 1000
