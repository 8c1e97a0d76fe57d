"""The migration of one schema: under its lock, by Alembic, again where somebody was in its way."""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from servicekit.backoff import Backoff
from servicekit.postgres.migrations import LOCK_TIMEOUT, last_revision
from servicekit.postgres.row_security import secure
from servicekit.telemetry import logs

log = logs.get_logger(__name__)

_LOCK_RETRY = timedelta(milliseconds=100)


async def migrate(dsn: str, schema: str, package: str) -> str:
    """As `migrations.migrate` says."""
    backoff = Backoff()
    behind_others = Backoff(timedelta(seconds=1), timedelta(seconds=20))
    while True:
        try:
            return await asyncio.to_thread(migrate_now, dsn, schema, package)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            log.warning("migration_waits_for_lock", schema=schema, error=str(error).strip())
            await behind_others.wait()
        except psycopg.OperationalError as error:
            if not _away(error):
                raise
            log.warning("migration_waits_for_postgres", schema=schema, error=str(error).strip())
            await backoff.wait()


def migrate_now(dsn: str, schema: str, package: str, *, revision: str = "head") -> str:
    """As `migrations.migrate_now` says."""
    application = f"migrate {schema}"
    last = last_revision(package)
    with (
        psycopg.connect(dsn, autocommit=True, application_name=application) as guard,
        _locked(guard, schema),
    ):
        guard.execute("SELECT set_config('lock_timeout', %s, false)", (LOCK_TIMEOUT,))
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

    upgrade(dsn, schema, package, revision, lock_timeout=LOCK_TIMEOUT)


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
