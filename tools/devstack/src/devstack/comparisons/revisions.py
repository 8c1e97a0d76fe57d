"""What a decision takes, before and now: `python -m devstack.comparisons.revisions REVISION`.

The revision is checked out beside this one with an environment of its own, and each measures
itself, in turn, by its own `devstack.bench.pace`: ten thousand that wait beside a long past.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devstack.bench.measurements import spread

FIGURES = Path("build/revisions.json")
COMPARED = ("p50_ms", "p99_ms")


def main(asked: Namespace) -> None:
    """Measure, print the shares, and write everything down."""
    now = Path.cwd()
    measured: dict[str, list[dict[str, float]]] = {"before": [], "now": []}
    with checked_out(asked.revision, now / "build" / "before") as before:
        for pair in range(asked.pairs):
            # Whoever begins meets another machine than who comes second.
            trees = [("before", before), ("now", now)]
            for name, tree in trees if pair % 2 else trees[::-1]:
                measured[name].append(decisions(tree, rows=asked.rows))
    figures = {
        "revision": asked.revision,
        "rows": asked.rows,
        "pairs": asked.pairs,
        "load": os.getloadavg(),
        **dict(compared(measured)),
    }
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures | {"measured": measured}, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def compared(measured: dict[str, list[dict[str, float]]]) -> Iterator[tuple[str, Any]]:
    """By pair: how much of what it took before a decision takes now."""
    for name in COMPARED:
        before, now = ([each[name] for each in measured[when]] for when in ("before", "now"))
        shares = [one / other for one, other in zip(now, before, strict=True)]
        yield (
            name,
            {
                "before": round(statistics.median(before), 2),
                "now": round(statistics.median(now), 2),
                "share": spread(shares),
            },
        )


def decisions(tree: Path, *, rows: int) -> dict[str, float]:
    """What a tree measures of itself."""
    _run([str(tree / ".venv/bin/python"), "-m", "devstack.bench.pace", "--rows", str(rows)], tree)
    # Its standard output has lines of the log, too.
    kept = json.loads((tree / "build" / "bench.json").read_text())
    found: dict[str, float] = kept["pace"][f"{rows}_rows"]["decisions"]
    return found


@contextmanager
def checked_out(revision: str, tree: Path) -> Iterator[Path]:
    """The revision with its environment, while the block runs."""
    _run(["git", "worktree", "add", "--detach", "--force", str(tree), revision], Path.cwd())
    try:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"VIRTUAL_ENV", "MAKEFLAGS"}
        }
        _run(["make", "setup"], tree, env=environment)
        yield tree
    finally:
        _run(["git", "worktree", "remove", "--force", str(tree)], Path.cwd())


def _run(arguments: list[str], folder: Path, **options: Any) -> None:
    subprocess.run(arguments, cwd=folder, check=True, **options)  # noqa: S603 - the arguments are ours


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m devstack.comparisons.revisions", description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    main(_arguments())
