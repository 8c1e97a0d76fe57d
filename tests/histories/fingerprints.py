"""What the workflows' code was when its histories were recorded.

A workflow that is running replays its history on new code, so a change of its commands needs
`workflow.patched` or it breaks leads that are out there. Replaying the golden histories finds
most of such changes, but only in the shapes that were recorded. So every change of the code
has to be answered for: by a new patch, by a new golden history, or by saying in words why the
commands are the same. `python -m tests.histories.record` writes the answer down here.

The code of a workflow is its module and every module of ours that it imports, directly or not:
what decides a command, a timeout, a limit or a message of it is among them by construction.
A module of activities counts, because a workflow takes their names and messages from it; what
such a module imports does not, because it runs outside of the workflow.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
FILE = FOLDER / "fingerprints.json"

WORKFLOWS = {
    "lead": "outreach_worker.leads.workflow",
    "campaign": "outreach_worker.campaigns.workflow",
    "answer": "outreach_worker.leads.late_answer",
    "daily": "outreach_worker.programs.workflow",
    "decision": "outreach_worker.decisions.workflow",
    "review": "outreach_worker.optimisation.workflow",
    "report": "outreach_worker.reports.workflow",
    "train": "outreach_worker.training.workflow",
    "delivery": "webhook_dispatcher.deliveries.workflow",
}
"""By the first part of a history's name: the module that the sandbox loads."""
_PACKAGES = {
    package: ROOT / source / package
    for package, source in {
        "automation": "libs/automation/src",
        "campaigns": "libs/campaigns/src",
        "outreach_worker": "services/outreach-worker/src",
        "servicekit": "libs/servicekit/src",
        "webhook_dispatcher": "services/webhook-dispatcher/src",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A workflow's code without what Python does not run, its patches, and its histories."""

    code: str
    patches: tuple[str, ...]
    histories: dict[str, str]


def present(workflow: str) -> Fingerprint:
    """What the working copy has."""
    read = [_read(source(module)) for module in modules(workflow)]
    return Fingerprint(
        code=_digest("\n".join(each.code for each in read)),
        patches=tuple(sorted({name for each in read for name in each.patches})),
        histories={
            path.stem: _digest(path.read_text())
            for path in sorted(FOLDER.glob(f"{workflow}-*.json"))
        },
    )


def modules(workflow: str) -> list[str]:
    """The workflow's module and, transitively, all of ours that it imports; by name."""
    found: set[str] = set()
    waiting = [WORKFLOWS[workflow]]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            if not module.endswith("activities"):
                waiting.extend(_read(source(module)).imports)
    return sorted(found)


def source(module: str) -> str:
    """The text of a module of ours."""
    return _file(module).read_text()


def recorded() -> dict[str, dict[str, Any]]:
    """What was written down last, by workflow."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def unanswered(workflow: str) -> str:
    """Why the working copy of a workflow must not go out; empty if it may."""
    before, now = recorded().get(workflow, {}), present(workflow)
    for name, digest in before.get("histories", {}).items():
        if now.histories.get(name) != digest:
            return f"{name}.json was changed or removed: restore it, leads still have that past"
    if before.get("code") != now.code:
        return f"the {workflow} workflow was changed: see `Change a workflow` in CONTRIBUTING.md"
    if before.get("histories") != now.histories:
        return f"histories of the {workflow} workflow are not written down"
    return ""


def write_down(*, same_commands_because: str = "") -> list[str]:
    """Answer for every change; returns what cannot be answered for without a reason in words."""
    told, known, refused = {}, recorded(), []
    for workflow in WORKFLOWS:
        before, now = known.get(workflow, {}), present(workflow)
        changed = [
            name
            for name, digest in before.get("histories", {}).items()
            if now.histories.get(name) != digest
        ]
        because = before.get("same_commands_because", "")
        if changed:
            refused.append(f"{', '.join(changed)}: recorded histories must not change")
        elif before and before["code"] != now.code:
            new = set(now.patches) - set(before["patches"])
            new |= set(now.histories) - set(before["histories"])
            because = "" if new else same_commands_because
            if not new and not same_commands_because:
                refused.append(f"{workflow}: no new patch, no new history, no reason")
        told[workflow] = {
            "code": now.code,
            "patches": list(now.patches),
            "histories": now.histories,
            "same_commands_because": because,
        }
    if not refused:
        FILE.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")
    return refused


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What a fingerprint needs to know of one module."""

    imports: frozenset[str]
    patches: frozenset[str]
    code: str


@cache
def _read(text: str) -> _Read:
    """By the text itself: tests ask a hundred times about modules of which one has changed."""
    tree = ast.parse(text)
    imports, patches = frozenset(_imported(tree)), frozenset(_patches(tree))
    return _Read(imports=imports, patches=patches, code=_normalised(tree))


def _file(module: str) -> Path:
    package, *path = module.split(".")
    place = _PACKAGES[package].joinpath(*path)
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def _imported(tree: ast.Module) -> Iterator[str]:
    """The modules of ours that this one imports, packages on the way to them included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [f"{node.module}.{each.name}" for each in node.names]
            names = [name if _is_module(name) else node.module for name in named]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] in _PACKAGES:
                yield from (".".join(parts[: n + 1]) for n in range(len(parts)))


def _is_module(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in _PACKAGES and _file(name).exists()


def _normalised(tree: ast.Module) -> str:
    """The code alone: no docstrings, imports, comments or positions."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_said(each)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_said(node: ast.AST) -> bool:
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def _patches(tree: ast.Module) -> list[str]:
    return [
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("patched", "deprecate_patch")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
