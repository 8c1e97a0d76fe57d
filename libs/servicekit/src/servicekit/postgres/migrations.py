"""Bring one owner's schema up to date.

An owner keeps its revisions in `<package>/migrations/versions/*.py`: Alembic revisions
whose `upgrade()` executes plain SQL. Names in it need no schema: the search path is set.
They only go up. What must be undone is undone by a further revision, so that the code
of the previous release keeps working while the next one is deployed.

A file is named after its revision, four digits, so that a schema at the last of them is known to
be up to date without Alembic, whose modules are a third of what a service would load to start.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from servicekit.backoff import Backoff
from servicekit.postgres.row_security import secure
from servicekit.telemetry import logs

log = logs.get_logger(__name__)

_LOCK_RETRY = timedelta(milliseconds=100)


async def migrate(dsn: str, schema: str, package: str) -> str:
    """Run the migrations of `package` in `schema`; returns the revision it is at now.

    Creates the schema if it is absent, and keeps organizations apart in it (see `row_security`).
    Safe to run from several processes at once, and
    again: an up-to-date schema is left as it is. Waits until the database is reachable.
    """
    backoff = Backoff()
    while True:
        try:
            return await asyncio.to_thread(migrate_now, dsn, schema, package)
        except psycopg.OperationalError as error:
            if not _away(error):
                raise
            log.warning("migration_waits_for_postgres", schema=schema, error=str(error).strip())
            await backoff.wait()


def migrate_now(dsn: str, schema: str, package: str, *, revision: str = "head") -> str:
    """`migrate`, at once and in this thread, up to a revision."""
    application = f"migrate {schema}"
    last = last_revision(package)
    with (
        psycopg.connect(dsn, autocommit=True, application_name=application) as guard,
        _locked(guard, schema),
    ):
        if revision != "head" or _revision(guard, schema) != last:
            _create_schema(guard, schema)
            _upgrade(dsn, schema, package, revision)
        if revision == "head":
            secure(guard, schema, package)
    reached = last if revision == "head" else revision
    log.info("schema_migrated", schema=schema, revision=reached)
    return reached


def _upgrade(dsn: str, schema: str, package: str, revision: str) -> None:
    # Imported here: see above; most starts find nothing to migrate.
    from servicekit.postgres.alembic_env.upgrade import upgrade  # noqa: PLC0415

    upgrade(dsn, schema, package, revision)


def last_revision(package: str) -> str:
    """The last revision that a package knows."""
    versions = resources.files(package) / "migrations" / "versions"
    return max(
        (file.name[:4] for file in versions.iterdir() if file.name[:4].isdigit()), default=""
    )


def _revision(connection: psycopg.Connection[Any], schema: str) -> str | None:
    """The one that a schema is at; none where nothing has been migrated yet."""
    table = f"{schema}.schema_version"
    if not _fetch(connection, "SELECT to_regclass(%s) IS NOT NULL", table):
        return None
    row = connection.execute(
        sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(schema, "schema_version"))
    ).fetchone()
    return row and str(row[0])


@contextmanager
def _locked(connection: psycopg.Connection[Any], schema: str) -> Iterator[None]:
    """Hold the schema's advisory lock; it ends with the connection whatever happens.

    It is tried again and again, not waited for: a statement that waits holds a snapshot,
    and the holder's CREATE INDEX CONCURRENTLY would wait for that in turn.
    """
    key = int.from_bytes(hashlib.sha256(f"migrate/{schema}".encode()).digest()[:8], signed=True)
    while not _fetch(connection, "SELECT pg_try_advisory_lock(%s)", key):
        time.sleep(_LOCK_RETRY.total_seconds())
    try:
        yield
    finally:
        if not connection.closed:
            _fetch(connection, "SELECT pg_advisory_unlock(%s)", key)


def _create_schema(connection: psycopg.Connection[Any], schema: str) -> None:
    """Create it only if absent: a role that may use a schema need not be able to create one."""
    if not _fetch(connection, "SELECT true FROM pg_namespace WHERE nspname = %s", schema):
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))


def _fetch(connection: psycopg.Connection[Any], query: LiteralString, argument: object) -> bool:
    row = connection.execute(query, (argument,)).fetchone()
    return bool(row and row[0])


def _away(error: psycopg.OperationalError) -> bool:
    """Whether the server could not be reached, or went away."""
    state = error.sqlstate
    # No state: there was no answer. 08: connection exceptions. 57P: shutting down, starting up.
    return state is None or state.startswith(("08", "57P")) or state == "53300"
