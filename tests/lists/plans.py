"""How the database reads a list: what it looks at, and by which index."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from servicekit.lists.schemas import EXAMINED
from servicekit.postgres.pool import Pool
from servicekit.postgres.scope import acting_for

from tests.lists.questions import Questions


async def check_plans(
    pool: Pool, asked: Questions, *, of: str, parts: str = "", more: Collection[str] = ()
) -> None:
    """No page reads more rows of the table `of` than it may, each by an index that is declared.

    And no index is declared that none is read by. `parts` is how the names of further tables
    begin, whose indexes are called otherwise; `more` are indexes that the planner may take as well,
    for as long as half of the rows are of who asks.
    """
    schema, used, found = asked.schema, set[str](), 0
    declared = {order.index for order in schema.orders} | {each.index for each in schema.lookups}
    for text, ordering, query in asked.queries():
        for statement in filter(None, (query.rows, query.end)):
            explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            with acting_for("org_north"):
                plan = (await pool.fetchval(explained, *query.values))[0]["Plan"]

            reading = [node for node in nodes(plan) if _is_of(node, of, parts)]
            told = f"{text!r} by {ordering}: {json.dumps(reading)[:3000]}"
            assert not [node for node in reading if node["Node Type"] == "Seq Scan"], told
            # Of several tables each is read one row ahead.
            assert rows_read(plan, of, parts) <= EXAMINED + len(reading), told
            found += plan["Actual Rows"] > 0
            used |= _indexes(plan, of)
    assert declared <= used <= declared.union(more), (
        f"{sorted(used)} are used, {sorted(declared)} declared"
    )
    assert found


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every node of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def rows_read(plan: Mapping[str, Any], of: str, parts: str) -> float:
    """How many rows of the list were fetched, thrown away ones included."""
    read: float = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(plan)
        if _is_of(node, of, parts)
    )
    return read


def _is_of(node: Mapping[str, Any], of: str, parts: str) -> bool:
    name = node.get("Relation Name", "")
    return name == of or bool(parts and name.startswith(parts))


def _indexes(plan: Mapping[str, Any], of: str) -> set[str]:
    """Those by which the table is read; of a bitmap they stand below it."""
    found = set()
    for node in nodes(plan):
        if node.get("Relation Name") == of:
            found |= {inner["Index Name"] for inner in nodes(node) if "Index Name" in inner}
    return found
