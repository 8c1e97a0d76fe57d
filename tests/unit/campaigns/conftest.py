"""A drawing of the builder, made by hand."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest
from campaigns.builder.compiler import Compilation, compile_sequence
from campaigns.sequences.sequence import Sequence


class Drawing:
    """Nodes and edges as the builder exports them, with as little as it takes."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.edges: list[Any] = []

    def node(self, node_id: str, action: str, /, **config: Any) -> Drawing:
        data = {"type": action, "label": action.title(), "isConfigured": True, "config": config}
        self.nodes.append({"id": node_id, "type": "action", "position": {}, "data": data})
        return self

    def placeholder(self, node_id: str, action: str = "send_followup") -> Drawing:
        data = {"type": action, "label": "Copy", "config": {}}
        self.nodes.append({"id": node_id, "type": "addStep", "data": data})
        return self

    def edge(
        self, source: str, target: str, delay: Any = 15, unit: Any = "m", **flags: Any
    ) -> Drawing:
        data = {"delay": f"{delay}{unit}", "delayData": {"delay": delay, "unit": unit}, **flags}
        self.edges.append(
            {"id": "e", "source": source, "target": target, "type": "buttonedge", "data": data}
        )
        return self

    def accepted(self, source: str, target: str, delay: Any = 15, unit: Any = "m") -> Drawing:
        return self.edge(source, target, delay, unit, isConditionalPath=True, isPositive=True)

    def not_accepted(self, source: str, target: str, delay: Any = 7, unit: Any = "d") -> Drawing:
        return self.edge(source, target, delay, unit, isConditionalPath=True, isPositive=False)

    def compile(
        self, *, writer_configured: bool = False, literal: Collection[str] = ()
    ) -> Compilation:
        source = json.dumps({"nodes": self.nodes, "edges": self.edges})
        return compile_sequence(source, writer_configured=writer_configured, literal=literal)

    def sequence(self, *, literal: Collection[str] = ()) -> Sequence:
        """The compiled sequence; the drawing must be good."""
        compilation = self.compile(literal=literal)
        assert compilation.violations == ()
        assert compilation.sequence is not None
        return compilation.sequence

    def reasons(self, *, writer_configured: bool = False) -> list[tuple[str, str]]:
        """Field and reason of every violation."""
        compilation = self.compile(writer_configured=writer_configured)
        assert (compilation.sequence is None) == bool(compilation.violations)
        return [(each.field, each.reason) for each in compilation.violations]

    def warned(self, *, writer_configured: bool = False) -> list[tuple[str, str]]:
        """Field and reason of every warning."""
        compilation = self.compile(writer_configured=writer_configured)
        return [(each.field, each.reason) for each in compilation.warnings]


@pytest.fixture
def drawing() -> Drawing:
    return Drawing()


@pytest.fixture
def branching() -> Drawing:
    """Visit, invite; accepted: message twice; not accepted: withdraw and visit."""
    return (
        Drawing()
        .node("visit", "profile_visit")
        .node("invite", "send_connection_request", customMessage="Hello {{first_name}}")
        .node("first", "send_followup", customMessage="Thank you")
        .node("second", "send_followup", customMessage="One more thing")
        .node("withdraw", "withdraw_request")
        .node("again", "profile_visit")
        .edge("visit", "invite", 90, "m")
        .accepted("invite", "first", 4, "h")
        .accepted("first", "second", 3, "d")
        .not_accepted("invite", "withdraw", 2, "w")
        .not_accepted("withdraw", "again", 1, "d")
    )
