"""Plays every alert's worlds with promtool: `make rules`.

A PrometheusRule holds plain groups; the worlds are in `deploy/observability/tests/alerts.yaml`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from devstack.observability.programs import find, how_to_get

ROOT = Path("deploy/observability")
OR_SAY_SO = "--or-say-so"
FIRES, SILENT = "fires", "silent"


def groups(root: Path = ROOT) -> Iterator[dict[str, Any]]:
    """Every group of rules, of recordings and of alerts."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in (*sorted(root.glob("recordings/*.yaml")), *sorted(root.glob("alerts/*.yaml"))):
        yield from yaml.load(path.read_text(), loader)["spec"]["groups"]  # noqa: S506 - a safe one


def alerts(root: Path = ROOT) -> list[dict[str, Any]]:
    """Every alert."""
    return [rule for group in groups(root) for rule in group["rules"] if "alert" in rule]


def worlds(root: Path = ROOT) -> dict[str, Any]:
    """In which worlds each alert fires and stays silent."""
    # As text: what promtool calls 0x30 would be a number of another base.
    told: dict[str, Any] = yaml.load((root / "tests/alerts.yaml").read_text(), yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    return told


def promtool_test(
    alert: str, told: Mapping[str, Any], rules: str, *, order: Sequence[str]
) -> dict[str, Any]:
    """The worlds of an alert, as promtool wants them."""
    every = told.get("every", "1m")
    return {
        "rule_files": [rules],
        # What alerts ask is recorded before them.
        "group_eval_order": list(order),
        "evaluation_interval": every,
        "tests": [
            _test(alert, world, every, fires=which == FIRES)
            for which in (FIRES, SILENT)
            for world in worlds_of(told, which)
        ],
    }


def worlds_of(told: Mapping[str, Any], which: str) -> Sequence[Mapping[str, Any]]:
    """Those in which an alert fires, or those in which it stays silent: one, or a list."""
    found: Any = told[which]
    return found if isinstance(found, list) else [found]


def _test(alert: str, world: Mapping[str, Any], every: str, *, fires: bool) -> dict[str, Any]:
    # What else is true of an alert, its labels and words, is another test's matter.
    query = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) > bool 0'
    return {
        "interval": every,
        "name": f"{alert} {'fires' if fires else 'stays silent'}",
        "input_series": [
            {"series": series, "values": values} for series, values in world["series"].items()
        ],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": world["after"],
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
        ],
    }


def play(promtool: str, root: Path = ROOT) -> int:
    """Check all rules and play all worlds; the exit code of promtool."""
    with tempfile.TemporaryDirectory() as directory:
        rules = Path(directory, "rules.yaml")
        found = list(groups(root))
        rules.write_text(yaml.safe_dump({"groups": found}))
        order = [group["name"] for group in found]
        tests = []
        for alert, told in worlds(root).items():
            file = Path(directory, f"{alert}.yaml")
            file.write_text(yaml.safe_dump(promtool_test(alert, told, str(rules), order=order)))
            tests.append(str(file))
        checked = _run([promtool, "check", "rules", "--lint=all", "--lint-fatal", str(rules)])
        return checked or _run([promtool, "test", "rules", *tests])


def _run(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False).returncode  # noqa: S603 - promtool, with files of ours


def main(arguments: Sequence[str]) -> int:
    """Play them with the promtool that is given or found; 1 where none is there.

    With `--or-say-so`, as beside other checks, it is 0 then, and one line says what did not run.
    """
    paths = [each for each in arguments if each != OR_SAY_SO]
    promtool = next(iter(paths), "") or find("promtool")
    if promtool:
        return play(promtool)
    beside = OR_SAY_SO in arguments
    begin = "NOT RUN: no world of any alert was played. " if beside else ""
    sys.stderr.write(f"{begin}{how_to_get(['promtool'])}\n")
    return 0 if beside else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
