"""Sequences drawn by a program, as the builder would export them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_INVITATION = "send_connection_request"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One action, and how long after the one before it."""

    type: str
    config: Mapping[str, Any] = field(default_factory=dict)
    after: str = "0m"
    """A number and `s`, `m`, `h`, `d` or `w`."""


def draw(path: Sequence[Node], *, not_accepted: Sequence[Node] = ()) -> str:
    """The JSON of one path; `not_accepted` branches off the path's invitation."""
    nodes = {f"{node.type}-{number}": node for number, node in enumerate((*path, *not_accepted))}
    ids = list(nodes)
    main, branch = ids[: len(path)], ids[len(path) :]
    edges = [*_edges(main, nodes, positive=True)]
    if branch:
        invitation = next(name for name in main if nodes[name].type == _INVITATION)
        edges += _edges([invitation, *branch], nodes, positive=False)
    content = {"nodes": [_node(name, node) for name, node in nodes.items()], "edges": edges}
    return json.dumps(content)


def _node(name: str, node: Node) -> dict[str, Any]:
    data = {"type": node.type, "label": node.type, "isConfigured": True, "config": node.config}
    return {"id": name, "type": "action", "position": {"x": 0, "y": 0}, "data": data}


def _edges(
    names: Sequence[str], nodes: Mapping[str, Node], *, positive: bool
) -> Iterator[dict[str, Any]]:
    for source, target in pairwise(names):
        after = nodes[target].after
        data: dict[str, Any] = {"delayData": {"delay": int(after[:-1]), "unit": after[-1]}}
        if nodes[source].type == _INVITATION:
            data |= {"isConditionalPath": True, "isPositive": positive}
        yield {
            "id": f"e-{target}-{source}",
            "source": source,
            "target": target,
            "type": "conditional" if "isPositive" in data else "buttonedge",
            "data": data,
        }
