"""Placeholders in the middle of a path: they are dropped with their edges, and end it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from campaigns.builder.document import Document
from campaigns.sequences.diagnostics import Diagnostics


def warn_of_gaps(
    document: Document, placeholders: Collection[str], diagnostics: Diagnostics
) -> None:
    """Add a warning for each that stands between two nodes, itself or with others beside it."""
    entered = _reached(placeholders, ((edge.source, edge.target) for edge in document.edges))
    left = _reached(placeholders, ((edge.target, edge.source) for edge in document.edges))
    for node in document.nodes:
        if node.placeholder and node.id in entered & left:
            diagnostics.warn(
                node.path,
                "PLACEHOLDER_IN_CHAIN",
                "This node does nothing yet, and the path ends before it: what is drawn after it"
                " is not reached through it.",
            )


def _reached(placeholders: Collection[str], ways: Iterable[tuple[str, str]]) -> set[str]:
    """The placeholders to which a way leads from a node that does something, by them alone."""
    behind: dict[str, list[str]] = defaultdict(list)
    waiting: list[str] = []
    for start, end in ways:
        if end in placeholders:
            (behind[start] if start in placeholders else waiting).append(end)
    found: set[str] = set()
    while waiting:
        placeholder = waiting.pop()
        if placeholder not in found:
            found.add(placeholder)
            waiting += behind[placeholder]
    return found
