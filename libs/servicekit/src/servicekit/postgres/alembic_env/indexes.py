"""Indexes of tables that are written to meanwhile.

CREATE INDEX keeps every writer of its table waiting until it has read all of it. CONCURRENTLY
does not, but it cannot run in a transaction: what its revision did before is committed by then,
and must be safe to repeat. One that did not come to its end leaves an index that nobody reads by
and every writer keeps up; the next try drops it first.
"""

from alembic import op
from sqlalchemy import text

_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_PARTS_WITHOUT = text("""
SELECT part.relname
  FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
 WHERE inhparent = to_regclass(:table)
   AND NOT EXISTS (
       SELECT FROM pg_index own JOIN pg_inherits attached ON attached.inhrelid = own.indexrelid
        WHERE own.indrelid = part.oid AND attached.inhparent = to_regclass(:index))
 ORDER BY part.relname
""")
_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :timeout, false)")


def build_index(name: str, on: str, *, unique: bool = False) -> None:
    """Build an index, as `table (columns)`, while others read and write; safe to repeat."""
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        timeout = connection.execute(text("SHOW lock_timeout")).scalar_one()
        # It waits for whoever has a transaction, and nobody waits for it.
        connection.execute(_LOCK_TIMEOUT, {"timeout": "0"})
        try:
            valid = connection.execute(_IS_VALID, {"name": name}).scalar_one_or_none()
            if valid is False:
                connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
            if not valid:
                kind = "UNIQUE INDEX" if unique else "INDEX"
                connection.execute(text(f"CREATE {kind} CONCURRENTLY {name} ON {on}"))
        finally:
            if not connection.invalidated:
                connection.execute(_LOCK_TIMEOUT, {"timeout": timeout})


def build_index_of_parts(table: str, name: str, columns: str, *, where: str = "") -> None:
    """Build an index, `table_name`, of a table in parts, part by part; safe to repeat.

    It is the table's once every part has one; a part that is made meanwhile is made with it.
    """
    index = f"{table}_{name}"
    of = f"({columns}) WHERE {where}" if where else f"({columns})"
    op.execute(f"CREATE INDEX IF NOT EXISTS {index} ON ONLY {table} {of}")
    named = {"table": table, "index": index}
    for part in op.get_bind().execute(_PARTS_WITHOUT, named).scalars().all():
        build_index(f"{part}_{name}", f"{part} {of}")
        op.execute(f"ALTER INDEX {index} ATTACH PARTITION {part}_{name}")


def drop_index(name: str) -> None:
    """Drop an index while others read and write; safe to repeat."""
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        timeout = connection.execute(text("SHOW lock_timeout")).scalar_one()
        connection.execute(_LOCK_TIMEOUT, {"timeout": "0"})
        try:
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        finally:
            if not connection.invalidated:
                connection.execute(_LOCK_TIMEOUT, {"timeout": timeout})
