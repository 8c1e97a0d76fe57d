"""The drawing as a graph: which node follows which, and whether that can be walked. Pure.

Placeholders are dropped with their edges. Condition flags count only where an
edge leaves a connection request or a condition, because the builder copies them
onto every later edge of a branch. A lead walks one path, so a node has one
follower, unless it parts them: a connection request and a condition have one for
each answer, a split one for each share. Paths may meet again, but never turn back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from campaigns.builder.delay import DelayInvalid, parse_delay, read_delay
from campaigns.builder.document import Document, Edge, Node
from campaigns.builder.extensions import ShareOfLeads, read_share, shared_out
from campaigns.builder.gaps import warn_of_gaps
from campaigns.builder.settings import Settings
from campaigns.builder.steps import kind_of
from campaigns.sequences.diagnostics import Diagnostics, shown
from campaigns.sequences.durations import describe_duration
from campaigns.sequences.sequence import StepKind

_AMBIGUOUS = "SEQUENCE_AMBIGUOUS_PATH"
_PLACEHOLDER_ID = "add-step"
_ANSWERED = frozenset({StepKind.SEND_CONNECTION_REQUEST, StepKind.CONDITION})
"""The kinds whose followers depend on an answer."""
_EDGE_NAMES = frozenset({"delay", "delayData", "isPositive", "isConditionalPath"})
_SHARE_NAMES = frozenset({"percentage", "variant"})


class Branch(Enum):
    """On which answer a follower is reached; in the order in which steps are numbered.

    For a connection request `yes` is accepted, and `no` is not accepted.
    """

    NEXT = auto()
    YES = auto()
    NO = auto()


@dataclass(frozen=True, kw_only=True)
class Link:
    """One way from a node to its follower."""

    path: str
    target: str
    branch: Branch
    delay: timedelta | None
    share: ShareOfLeads | None = None


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The nodes that do something, by id, and the ways between them."""

    nodes: Mapping[str, Node]
    links: Mapping[str, Sequence[Link]]

    def follower(self, node_id: str, *branches: Branch) -> Link | None:
        """The way that leaves a node on one of these branches."""
        return next((link for link in self.links[node_id] if link.branch in branches), None)

    def starts(self) -> list[str]:
        """The nodes that follow no other, in the order of the drawing."""
        followers = {link.target for links in self.links.values() for link in links}
        return [node_id for node_id in self.nodes if node_id not in followers]

    def walk(self, start: str) -> Iterator[str]:
        """Every node that can be reached, once: yes before no, shares as the file has them."""
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            node_id = waiting.pop()
            if node_id in seen:
                continue
            seen.add(node_id)
            yield node_id
            links = sorted(self.links[node_id], key=lambda link: link.branch.value)
            waiting.extend(link.target for link in reversed(links))


def read_graph(document: Document, diagnostics: Diagnostics) -> Graph:
    """The graph of a drawing; what cannot be walked in it goes to the diagnostics."""
    nodes, placeholders = _nodes(document, diagnostics)
    warn_of_gaps(document, placeholders, diagnostics)
    links: dict[str, list[Link]] = {node_id: [] for node_id in nodes}
    for edge in document.edges:
        if edge.source in placeholders or edge.target in placeholders:
            continue
        if _leads_somewhere(edge, nodes, diagnostics):
            link = _link(edge, nodes, diagnostics)
            _add(link, links[edge.source], nodes[edge.source], diagnostics)
    for node_id, node in nodes.items():
        if kind_of(node) is StepKind.SPLIT:
            links[node_id] = _share_out(node, links[node_id], diagnostics)
    graph = Graph(nodes=nodes, links=links)
    _check_walk(graph, diagnostics)
    return graph


def _nodes(document: Document, diagnostics: Diagnostics) -> tuple[dict[str, Node], set[str]]:
    nodes: dict[str, Node] = {}
    placeholders = {node.id for node in document.nodes if node.placeholder}
    for node in document.nodes:
        if node.placeholder:
            continue
        if node.id in nodes or node.id in placeholders:
            problem = f"Another node has the id “{shown(node.id)}” too."
            diagnostics.refuse(f"{node.path}.id", "NODE_ID_DUPLICATE", problem)
        nodes.setdefault(node.id, node)
    return nodes, placeholders - nodes.keys()


def _leads_somewhere(edge: Edge, nodes: Mapping[str, Node], diagnostics: Diagnostics) -> bool:
    ends = {"source": edge.source, "target": edge.target}
    loose = {end: node_id for end, node_id in ends.items() if node_id not in nodes}
    if any(node_id.startswith(_PLACEHOLDER_ID) for node_id in loose.values()):
        diagnostics.warn(
            edge.path, "EDGE_IGNORED", "The edge belongs to a placeholder that is not in the file."
        )
        return False
    for end, node_id in loose.items():
        problem = f"There is no node “{shown(node_id)}”."
        diagnostics.refuse(f"{edge.path}.{end}", "EDGE_DANGLING", problem)
    return not loose


def _link(edge: Edge, nodes: Mapping[str, Node], diagnostics: Diagnostics) -> Link:
    kind = kind_of(nodes[edge.source])
    settings = Settings(values=edge.data, path=f"{edge.path}.data", diagnostics=diagnostics)
    _warn_ignored(settings, splits=kind is StepKind.SPLIT)
    branch = Branch.NEXT
    if kind in _ANSWERED:
        branch = _branch(edge, settings, nodes[edge.target], diagnostics)
    if kind is StepKind.CONDITION and branch is Branch.NEXT:
        problem = "The edge does not say on which answer it is followed."
        settings.refuse("isPositive", _AMBIGUOUS, problem)
    return Link(
        path=edge.path,
        target=edge.target,
        branch=branch,
        delay=_delay(settings),
        share=read_share(settings) if kind is StepKind.SPLIT else None,
    )


def _warn_ignored(settings: Settings, *, splits: bool) -> None:
    known = _EDGE_NAMES | _SHARE_NAMES if splits else _EDGE_NAMES
    for name in sorted(settings.values.keys() - known):
        if settings.values[name] is None:
            continue
        problem = "The builder has no such setting; it changes nothing."
        if name in _SHARE_NAMES:
            problem = "Only an edge that leaves a split has a use for it; it changes nothing."
        settings.warn(name, "SETTING_IGNORED", problem)


def _delay(settings: Settings) -> timedelta | None:
    data, display = settings.values.get("delayData"), settings.values.get("delay")
    try:
        delay = read_delay(data, display)
    except DelayInvalid as error:
        settings.refuse("delay" if data is None else "delayData", "DELAY_INVALID", str(error))
        return None
    if delay is not None and _shown_delay(display) not in {None, delay}:
        settings.warn(
            "delay",
            "DELAY_SHOWN_DIFFERENTLY",
            f"The edge shows “{shown(display)}”, but its `delayData` counts:"
            f" {describe_duration(delay)}.",
        )
    return delay


def _shown_delay(display: Any) -> timedelta | None:
    try:
        return None if display is None else parse_delay(display)
    except DelayInvalid:
        return None


def _branch(edge: Edge, settings: Settings, target: Node, diagnostics: Diagnostics) -> Branch:
    """On which answer an edge is followed."""
    guess = edge.type == "conditional" or settings.has("isPositive")
    if not settings.flag("isConditionalPath", default=guess):
        return Branch.NEXT
    if settings.has("isPositive"):
        positive = settings.flag("isPositive", default=True)
        return Branch.YES if positive else Branch.NO
    branch = {"accepted": Branch.YES, "not-accepted": Branch.NO}.get(target.path_type)
    field = f"{edge.path}.data.isPositive"
    if branch is None:
        diagnostics.refuse(
            field, _AMBIGUOUS, "The edge does not say on which answer it is followed."
        )
        return Branch.YES
    diagnostics.warn(
        field,
        "BRANCH_ASSUMED",
        f"The edge does not say on which answer it is followed; taken as {target.path_type}.",
    )
    return branch


def _add(link: Link, links: list[Link], source: Node, diagnostics: Diagnostics) -> None:
    """Add a way to the followers of a node, unless it repeats one or contradicts them."""
    for other in links:
        if _says(other) == _says(link):
            diagnostics.warn(link.path, "EDGE_IGNORED", f"The edge repeats {other.path}.")
            return
    contradicts = any(
        other.branch is link.branch or Branch.NEXT in {other.branch, link.branch} for other in links
    )
    if contradicts and link.share is None:
        diagnostics.refuse(
            link.path,
            _AMBIGUOUS,
            f"The node “{shown(source.label or source.id)}” has several followers and no answer"
            " to choose between them.",
        )
    links.append(link)


def _says(link: Link) -> tuple[object, ...]:
    share = link.share and (link.share.name, link.share.percentage)
    return link.target, link.branch, link.delay, share


def _share_out(node: Node, links: Sequence[Link], diagnostics: Diagnostics) -> list[Link]:
    settings = Settings(values={}, path=f"{node.path}.data", diagnostics=diagnostics)
    shares = shared_out(settings, [link.share for link in links if link.share is not None])
    return [replace(link, share=share) for link, share in zip(links, shares, strict=True)]


def _check_walk(graph: Graph, diagnostics: Diagnostics) -> None:
    if not graph.nodes:
        diagnostics.refuse(
            "nodes", "SEQUENCE_WITHOUT_ACTION", "There is no node that does something."
        )
    for link in _returning(graph):
        diagnostics.refuse(
            f"{link.path}.target",
            "SEQUENCE_CYCLE",
            f"The edge leads back to “{shown(link.target)}”, where the path has been before.",
        )
    for node_id in graph.starts()[1:]:
        diagnostics.refuse(
            graph.nodes[node_id].path,
            "SEQUENCE_SEVERAL_STARTS",
            "No edge leads to this node, and it is not the only one: it is not clear where to"
            " begin.",
        )


def _returning(graph: Graph) -> Iterator[Link]:
    """The ways that lead back onto the path that they come from."""
    done: set[str] = set()
    for start in graph.nodes:
        if start in done:
            continue
        path = {start}
        stack = [(start, iter(graph.links[start]))]
        while stack:
            node_id, links = stack[-1]
            link = next(links, None)
            if link is None:
                stack.pop()
                path.discard(node_id)
                done.add(node_id)
            elif link.target in path:
                yield link
            elif link.target not in done:
                path.add(link.target)
                stack.append((link.target, iter(graph.links[link.target])))
