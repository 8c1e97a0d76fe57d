"""How much each table has, its indexes and its large values included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

# Statistics are wrong until somebody looks, and pages of what is gone are used again.
_SETTLE = "VACUUM (ANALYZE)"
_SIZES = """
SELECT n.nspname || '.' || coalesce(parent.relname, c.relname) AS name,
       sum(pg_table_size(c.oid))::bigint AS data,
       sum(pg_indexes_size(c.oid))::bigint AS indexes,
       sum(greatest(c.reltuples, 0))::bigint AS rows
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_class parent ON parent.oid = i.inhparent
 WHERE c.relkind = 'r' AND n.nspname = ANY (%s)
 GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class TableSize:
    """One table; partitions are counted with what they are partitions of."""

    rows: int
    data: int
    indexes: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.data + self.indexes

    def __sub__(self, earlier: TableSize) -> TableSize:
        return TableSize(
            rows=self.rows - earlier.rows,
            data=self.data - earlier.data,
            indexes=self.indexes - earlier.indexes,
        )


_NOTHING = TableSize(rows=0, data=0, indexes=0)


def table_sizes(url: str, schemas: tuple[str, ...]) -> Mapping[str, TableSize]:
    """Of every table of some schemas, by `schema.table`; who asks may vacuum all of them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SETTLE)
        found = connection.execute(_SIZES, (list(schemas),)).fetchall()
    return {
        name: TableSize(rows=rows, data=data, indexes=indexes)
        for name, data, indexes, rows in found
    }


def grown(
    before: Mapping[str, TableSize], after: Mapping[str, TableSize]
) -> Mapping[str, TableSize]:
    """By how much each table has grown, the largest first; those that have not are left out."""
    more = {name: size - before.get(name, _NOTHING) for name, size in after.items()}
    largest = sorted(more.items(), key=lambda item: (-item[1].bytes, item[0]))
    return {name: size for name, size in largest if size.bytes > 0}
