"""Bring one owner's schema up to date.

An owner keeps its revisions in `<package>/migrations/versions/*.py`: Alembic revisions
whose `upgrade()` executes plain SQL. Names in it need no schema: the search path is set.
They only go up. What must be undone is undone by a further revision, so that the code
of the previous release keeps working while the next one is deployed.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.pool import NullPool

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
        except (psycopg.OperationalError, sqlalchemy.exc.OperationalError) as error:
            if not _away(error):
                raise
            log.warning("migration_waits_for_postgres", schema=schema, error=str(error).strip())
            await backoff.wait()


def migrate_now(dsn: str, schema: str, package: str, *, revision: str = "head") -> str:
    """`migrate`, at once and in this thread, up to a revision."""
    config = _config(schema, package)
    with (
        psycopg.connect(dsn, autocommit=True, application_name=f"migrate {schema}") as guard,
        _locked(guard, schema),
    ):
        _create_schema(guard, schema)
        with _connection(dsn, schema) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        if revision == "head":
            secure(guard, schema, package)
    if revision == "head":
        revision = ScriptDirectory.from_config(config).get_current_head() or ""
    log.info("schema_migrated", schema=schema, revision=revision)
    return revision


def _config(schema: str, package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(Path(__file__).parent / "alembic_env"))
    with resources.as_file(resources.files(package) / "migrations" / "versions") as versions:
        config.set_main_option("version_locations", _escaped(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["schema"] = schema
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


@contextmanager
def _connection(dsn: str, schema: str) -> Iterator[sqlalchemy.Connection]:
    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(dsn, application_name=f"migrate {schema}")
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        connection.commit()
        return connection

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


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


def _away(error: Exception) -> bool:
    """Whether the server could not be reached, or went away."""
    original = cast("Any", error.orig) if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    # No state: there was no answer. 08: connection exceptions. 57P: shutting down, starting up.
    return state is None or state.startswith(("08", "57P")) or state == "53300"
