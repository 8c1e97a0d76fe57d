"""Rules on a faster clock: each of their windows is shortened by one factor, and nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"(\d+)(ms|[smhdw])")
_WINDOW = re.compile(r"\[[^\]\"]+\]|\boffset\s+\w+")


def shortened(groups: Iterable[Mapping[str, Any]], factor: int) -> Iterator[dict[str, Any]]:
    """The same groups; what an expression looks back over and by, and `for`, are shorter."""
    for group in groups:
        rules = [_rule(rule, factor) for rule in group["rules"]]
        yield {"name": group["name"], "rules": rules}


def _rule(rule: Mapping[str, Any], factor: int) -> dict[str, Any]:
    quick = {**rule, "expr": _WINDOW.sub(lambda it: divided(it[0], factor), rule["expr"])}
    return quick | ({"for": divided(rule["for"], factor)} if "for" in rule else {})


def divided(durations: str, factor: int) -> str:
    """A duration, or the two of a subquery, of that part; what is around them stays."""
    return _DURATION.sub(lambda it: f"{int(it[1]) * MILLISECONDS[it[2]] // factor}ms", durations)
