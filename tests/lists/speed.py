"""What a page of a list takes next to a bare SELECT by primary key."""

import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from servicekit.lists.pages import PageQuery
from servicekit.postgres.pool import Pool

from tests.lists.questions import Questions

ROWS = int(os.environ.get("LISTS_ROWS", "4000"))
"""Of the list that is read; as many are of somebody else."""
REPEATS = int(os.environ.get("LISTS_REPEATS", "3"))
MOST = 10.0
"""How many times as long as the SELECT a page may take, of a hundred the slowest of each."""
BUILD = Path("build")
Bare = Callable[[int], Awaitable[Any]]
"""Reads one row by its primary key; of which number among `ROWS` is told."""


async def check_speed(pool: Pool, asked: Questions, bare: Bare, *, written: str) -> None:
    """Every filter and order has its figures and its plan; on many rows none is too slow.

    What is turned around costs the same, and is not asked.
    """
    told = []
    for text, ordering, query in asked.queries():
        if not text.startswith("NOT"):
            told.append({"filter": text, "order_by": ordering} | await _told(pool, query, bare))
    told.sort(key=lambda figures: -figures["times"])
    if "LISTS_ROWS" in os.environ:
        _write(told, BUILD / written)
        slow = [
            f"{each['filter']!r} by {each['order_by']}: {each['times']:.1f}"
            for each in told
            if each["times"] > MOST
        ]
        assert not slow, f"{len(slow)} of {len(told)}: {slow}"

    assert {0, 101} <= {each["rows"] for each in told}


def _write(told: Sequence[Mapping[str, Any]], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"rows": ROWS, "lists": told}, indent=1))


async def _told(pool: Pool, query: PageQuery, bare: Bare) -> dict[str, Any]:
    plan = await pool.fetch(f"EXPLAIN {query.rows}", *query.values)
    found = len(await pool.fetch(query.rows, *query.values))
    figures = await _measured(pool, query, bare)
    return {"rows": found} | figures | {"plan": [row[0] for row in plan]}


async def _measured(pool: Pool, query: PageQuery, bare: Bare) -> dict[str, float]:
    """In turns, so that what slows one of them slows both."""
    page, alone = [], []
    for number in range(REPEATS + 1):
        page.append(await _taken(pool.fetch(query.rows, *query.values)))
        alone.append(await _taken(bare(number * 7919 % ROWS)))
    # The first of each is prepared.
    figures = {
        "page_p50_ms": sorted(page[1:])[REPEATS // 2] * 1000,
        "page_p99_ms": _slowest_hundredth(page[1:]),
        "bare_p99_ms": _slowest_hundredth(alone[1:]),
    }
    return figures | {"times": figures["page_p99_ms"] / figures["bare_p99_ms"]}


async def _taken(asking: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await asking
    return time.perf_counter() - began


def _slowest_hundredth(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, round(0.99 * len(seconds)) - 1)] * 1000
