"""The builder's JSON as values: nodes and edges with their paths. Pure.

Reading is lenient where exported files are known to be careless (numbers for
ids, nulls, missing `edges`) and tells everything else with its path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from campaigns.sequences.diagnostics import Diagnostics, shown

LARGEST_SOURCE = 2_000_000
MOST_NODES = 1_000
MOST_EDGES = 5_000
LONGEST_ID = 200
_HASH = re.compile("[0-9a-f]{64}")
"""What stands for an id that is too long where an action is named; no other id may be one."""

_UNREADABLE = "SEQUENCE_UNREADABLE"
_ESCAPED = re.compile(r"\\u(?:0000|d[89a-f])|\0", re.IGNORECASE)
"""How JSON writes what no database holds; halves of pairs that belong together, too."""
_IGNORED = "SETTING_IGNORED"
_ROOT_NAMES = frozenset({"nodes", "edges", "timestamp", "viewport", "name", "description"})
_DATA_NAMES = frozenset(
    {"type", "label", "isConfigured", "config", "pathType", "integrationLogoUrl", "subtitle"}
)
_PLACEHOLDER_TYPES = frozenset({"addstep", "add-step", "add_step"})


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node of the drawing; `data` and `config` are as they came."""

    id: str
    path: str
    type: str
    placeholder: bool
    action: str
    action_path: str
    label: str = ""
    path_type: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An edge of the drawing; the ends are ids that may lead nowhere."""

    path: str
    source: str
    target: str
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A drawing as exported."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def read_document(source: str | bytes, diagnostics: Diagnostics) -> Document | None:
    """The drawing in `source`; None if it is not the JSON of one."""
    try:
        root = _load(source)
        unstorable = next(_unstorable(root), None) if _is_suspicious(source) else None
    except _Unreadable as error:
        diagnostics.refuse("", _UNREADABLE, str(error))
        return None
    if unstorable is not None:
        diagnostics.refuse(
            unstorable, _UNREADABLE, "The text has characters that are not valid Unicode text."
        )
        return None
    if not isinstance(root, dict):
        diagnostics.refuse("", _UNREADABLE, "The sequence must be an object with nodes and edges.")
        return None
    _warn_ignored(root, _ROOT_NAMES, "", diagnostics)
    nodes = _list(root, "nodes", MOST_NODES, diagnostics)
    edges = _list(root, "edges", MOST_EDGES, diagnostics, required=False)
    if nodes is None or edges is None:
        return None
    return Document(
        nodes=tuple(
            node for i, raw in enumerate(nodes) if (node := _node(raw, f"nodes[{i}]", diagnostics))
        ),
        edges=tuple(
            edge for i, raw in enumerate(edges) if (edge := _edge(raw, f"edges[{i}]", diagnostics))
        ),
    )


class _Unreadable(Exception):
    """The source is not JSON that we read."""


def _load(source: str | bytes) -> Any:
    if len(source) > LARGEST_SOURCE:
        raise _Unreadable(f"The sequence is larger than {LARGEST_SOURCE:,} bytes.")
    try:
        if isinstance(source, str):
            source = source.removeprefix("\ufeff")
        return json.loads(source, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise _Unreadable("The sequence is not text.") from error
    except RecursionError as error:
        raise _Unreadable("The JSON is nested too deeply.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _Unreadable(f"The sequence is not JSON: {error.msg} at {where}.") from error
    except ValueError as error:
        raise _Unreadable("The JSON has a number that cannot be read.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_suspicious(source: str | bytes) -> bool:
    """Whether a string in it may be unstorable; few sources are, and looking takes a while."""
    try:
        text = source.decode() if isinstance(source, bytes) else source
        text.encode()
    except UnicodeError:
        return True
    return _ESCAPED.search(text) is not None


def _unstorable(root: Any) -> Iterator[str]:
    """Paths of strings that no database and no message can hold."""
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if not _is_storable(value):
                yield path
        elif isinstance(value, dict):
            for key, inner in value.items():
                if not _is_storable(key):
                    yield path
                waiting.append((f"{path}.{key}" if path else key, inner))
        elif isinstance(value, list):
            waiting.extend((f"{path}[{i}]", inner) for i, inner in enumerate(value))


def _is_storable(text: str) -> bool:
    return "\0" not in text and (
        text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def _list(
    root: Mapping[str, Any], key: str, most: int, diagnostics: Diagnostics, *, required: bool = True
) -> list[Any] | None:
    value = root.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list):
        diagnostics.refuse(key, _UNREADABLE, f"`{key}` must be a list.")
        return None
    if len(value) > most:
        diagnostics.refuse(key, _UNREADABLE, f"`{key}` has more than {most} entries.")
        return None
    return value


def _node(raw: Any, path: str, diagnostics: Diagnostics) -> Node | None:
    if not isinstance(raw, dict):
        diagnostics.refuse(path, _UNREADABLE, "A node must be an object.")
        return None
    node_id = _id(raw.get("id"))
    if node_id is None:
        problem = f"A node needs an id of 1 to {LONGEST_ID} characters."
        diagnostics.refuse(f"{path}.id", _UNREADABLE, problem)
        return None
    node_type = _word(raw.get("type"))
    data = _object(raw.get("data"), f"{path}.data", diagnostics)
    placeholder = node_type.lower() in _PLACEHOLDER_TYPES
    if _HASH.fullmatch(node_id) and not placeholder:
        problem = "An id of 64 hexadecimal digits could be taken for another's; choose another one."
        diagnostics.refuse(f"{path}.id", _UNREADABLE, problem)
    if not placeholder:
        _warn_ignored(data, _DATA_NAMES, f"{path}.data.", diagnostics)
    config = {} if placeholder else _object(data.get("config"), f"{path}.data.config", diagnostics)
    return Node(
        id=node_id,
        path=path,
        type=node_type,
        placeholder=placeholder,
        action=_word(data.get("type")).lower(),
        action_path=f"{path}.data.type",
        label=_word(data.get("label"))[:LONGEST_ID],
        path_type=_word(data.get("pathType")).lower(),
        config=config,
    )


def _edge(raw: Any, path: str, diagnostics: Diagnostics) -> Edge | None:
    if not isinstance(raw, dict):
        diagnostics.refuse(path, _UNREADABLE, "An edge must be an object.")
        return None
    ends = {}
    for end in ("source", "target"):
        ends[end] = _id(raw.get(end))
        if ends[end] is None:
            problem = f"The edge has no {end}: “{shown(raw.get(end))}” is not the id of a node."
            diagnostics.refuse(f"{path}.{end}", "EDGE_DANGLING", problem)
    source, target = ends["source"], ends["target"]
    if source is None or target is None:
        return None
    return Edge(
        path=path,
        source=source,
        target=target,
        type=_word(raw.get("type")).lower(),
        data=_object(raw.get("data"), f"{path}.data", diagnostics),
    )


def _warn_ignored(
    values: Mapping[str, Any], known: frozenset[str], prefix: str, diagnostics: Diagnostics
) -> None:
    for name in sorted(values.keys() - known):
        if values[name] is not None:
            diagnostics.warn(
                f"{prefix}{shown(name)}",
                _IGNORED,
                "The builder has no such setting; it changes nothing.",
            )


def _object(raw: Any, path: str, diagnostics: Diagnostics) -> Mapping[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        diagnostics.refuse(path, _UNREADABLE, "This must be an object.")
        return {}
    return raw


def _id(raw: Any) -> str | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) < 10**LONGEST_ID else None
    if isinstance(raw, str) and 0 < len(raw) <= LONGEST_ID and raw.strip():
        return raw
    return None


def _word(raw: Any) -> str:
    return raw.strip() if isinstance(raw, str) else ""
