"""What the bench runs: two drawings of the builder, and invented people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A sequence as the builder would export it."""

    source: str
    steps: int


def _drawing(types: Sequence[str], *, delay: dict[str, Any]) -> Drawing:
    nodes = [
        {
            "id": f"{name}-{number}",
            "type": "action",
            "data": {"type": name, "label": name, "isConfigured": True, "config": _config(name)},
        }
        for number, name in enumerate(types)
    ]
    edges = [
        {
            "id": f"e-{number}",
            "source": nodes[number]["id"],
            "target": nodes[number + 1]["id"],
            "type": "buttonedge",
            "data": {
                "delayData": delay,
                **({"isConditionalPath": True, "isPositive": True} if _is_invitation(name) else {}),
            },
        }
        for number, name in enumerate(types[:-1])
    ]
    return Drawing(source=json.dumps({"nodes": nodes, "edges": edges}), steps=len(types))


def _is_invitation(name: str) -> bool:
    return name == "send_connection_request"


def _config(name: str) -> dict[str, Any]:
    if name == "comment_post":
        return {"customComment": "Thank you for writing this down, {{first_name}}."}
    if name in {"send_followup", "send_connection_request"}:
        return {"customMessage": "Hello {{first_name}}, how does {{company}} see it?"}
    if name == "webhook":
        return {"webhookId": "bench"}
    return {}


LINE = _drawing(
    (
        "profile_visit",
        "like_post",
        "comment_post",
        "send_connection_request",
        "send_followup",
        "profile_visit",
        "webhook",
        "send_followup",
    ),
    delay={"delay": 0, "unit": "m"},
)
"""Eight steps of every usual kind, without a delay between them."""

SLEEPERS = _drawing(("profile_visit", "profile_visit"), delay={"delay": 52, "unit": "w"})
"""One step, then a year's sleep."""


def write_people(file: Path, name: str, count: int) -> Path:
    """A lead list of invented people, different for every name."""
    rows = [
        f"Lead{number},Number,Example {number} GmbH,https://www.linkedin.com/in/{name}-{number}"
        for number in range(count)
    ]
    text = "\n".join(["first_name,last_name,company,linkedin_url", *rows])
    file.write_text(text + "\n", encoding="utf-8")
    return file
