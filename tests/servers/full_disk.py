"""A PostgreSQL whose disk is full, for one test's database: it answers and refuses to write.

What refuses is the server itself, with the error that a full disk has.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

_REFUSE = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'"
_FILL = f"""
CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {_REFUSE}; END$$;
CREATE FUNCTION public.no_room_for_tables() RETURNS event_trigger LANGUAGE plpgsql
    AS $$BEGIN {_REFUSE}; END$$;
"""
_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename NOT LIKE $1
"""


@asynccontextmanager
async def full_disk(url: str, *, spared: str = "") -> AsyncIterator[None]:
    """Every INSERT, UPDATE, DELETE and new table of the database is refused while the block runs.

    In earnest a row that finds room in its page still goes; what must not depend on that. Those of
    tables whose names are like `spared` do.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_FILL)
        tables = [table for (table,) in await connection.fetch(_TABLES, spared)]
        for table in tables:
            await connection.execute(
                f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION public.no_room()"
            )
        await connection.execute(
            "CREATE EVENT TRIGGER no_room ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS')"
            " EXECUTE FUNCTION public.no_room_for_tables()"
        )
        yield
        await connection.execute("DROP EVENT TRIGGER no_room")
        await connection.execute(
            "DROP FUNCTION public.no_room(), public.no_room_for_tables() CASCADE"
        )
    finally:
        await connection.close()
