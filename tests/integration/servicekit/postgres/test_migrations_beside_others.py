"""Migrations beside others who read and write: nobody waits behind one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from servicekit.postgres import migrations
from structlog.testing import capture_logs

from tests.integration.servicekit.postgres.test_migrations import Package

AT_MOST = "5s"
"""How long others wait here before they complain."""
BUILT = """
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0002"
down_revision = "0001"

def upgrade():
    build_index("things_by_id", "things (organization_id, id)")
    build_index("things_by_name", "things (lower(id)) WHERE organization_id <> ''")
"""
WAITS = """
SELECT a.pid FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.application_name = 'migrate mine'
   AND a.wait_event_type = 'Lock' AND a.query LIKE $1
"""
INDEXES = """
SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
 WHERE relnamespace = 'mine'::regnamespace AND relname LIKE 'things_by%' ORDER BY relname
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Package(tmp_path)
    made.add(
        "0001",
        "CREATE TABLE things (id text PRIMARY KEY, organization_id text NOT NULL DEFAULT '')",
    )
    yield made
    made.forget()


@asynccontextmanager
async def session(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url, server_settings={"lock_timeout": AT_MOST})
    try:
        yield connection
    finally:
        await connection.close()


async def waits(watch: Any, query: str) -> int:
    """The migration's session, once it waits for a lock with that statement."""
    async with asyncio.timeout(20):
        while (pid := await watch.fetchval(WAITS, query)) is None:
            pass
    return int(pid)


async def test_nobody_waits_long_behind_a_migration(
    database_url: str, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives up while somebody reads, and is there once they have ended.

    Whoever came after it waited as long as the reader read.
    """
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "200ms")
    await migrations.migrate(database_url, "mine", package.name)
    package.add("0002", "ALTER TABLE things ADD COLUMN colour text")
    with capture_logs() as told:
        async with session(database_url) as reader, session(database_url) as other:
            async with reader.transaction():
                await reader.execute("SELECT FROM mine.things")
                migrating = asyncio.create_task(
                    migrations.migrate(database_url, "mine", package.name)
                )
                await waits(other, "ALTER TABLE%")
                await other.execute("INSERT INTO mine.things VALUES ('a')")
                await waits(other, "ALTER TABLE%")

            assert await migrating == "0002"

    assert "migration_waits_for_lock" in [each["event"] for each in told]


async def test_a_migration_that_is_ended_for_a_deadlock_is_tried_again(
    database_url: str, package: Package
) -> None:
    """Two tables are changed, and somebody has them in the other order: it failed."""
    package.add("0002", "CREATE TABLE others (organization_id text NOT NULL)")
    await migrations.migrate(database_url, "mine", package.name)
    package.add("0003", "ALTER TABLE things ADD a text; ALTER TABLE others ADD a text")
    async with session(database_url) as reader, session(database_url) as other:
        # The migration finds the deadlock, for it alone looks.
        await reader.execute("SET deadlock_timeout = '1min'")
        async with reader.transaction():
            await reader.execute("SELECT FROM mine.others")
            migrating = asyncio.create_task(migrations.migrate(database_url, "mine", package.name))
            await waits(other, "ALTER TABLE%")
            await reader.execute("SELECT FROM mine.things")

        assert await migrating == "0003"


async def test_who_may_do_what_is_said_without_making_others_wait(
    database_url: str, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Policies are part of a migration: they take the same locks."""
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "200ms")
    await migrations.migrate(database_url, "mine", package.name)
    async with session(database_url) as reader, session(database_url) as other:
        await other.execute("ALTER TABLE mine.things DISABLE ROW LEVEL SECURITY")
        async with reader.transaction():
            await reader.execute("SELECT FROM mine.things")
            migrating = asyncio.create_task(migrations.migrate(database_url, "mine", package.name))
            await waits(other, "ALTER TABLE%")
            await other.execute("INSERT INTO mine.things VALUES ('a')")

        assert await migrating == "0001"


async def test_others_write_while_an_index_is_built(database_url: str, package: Package) -> None:
    """It waits for who is in the midst of a transaction, however long, and nobody waits for it."""
    await migrations.migrate(database_url, "mine", package.name)
    package.add_text("0002", BUILT)
    async with session(database_url) as writer, session(database_url) as other:
        async with writer.transaction():
            await writer.execute("INSERT INTO mine.things VALUES ('b')")
            migrating = asyncio.create_task(migrations.migrate(database_url, "mine", package.name))
            await waits(other, "CREATE INDEX CONCURRENTLY%")
            await other.execute("INSERT INTO mine.things VALUES ('a')")

        assert await migrating == "0002"
        assert [tuple(row) for row in await other.fetch(INDEXES)] == [
            ("things_by_id", True),
            ("things_by_name", True),
        ]


async def test_an_index_that_was_not_finished_is_built_anew(
    database_url: str, package: Package
) -> None:
    """A migration that was ended meanwhile leaves one that is kept up and not read."""
    await migrations.migrate(database_url, "mine", package.name)
    package.add_text("0002", BUILT)
    async with session(database_url) as writer, session(database_url) as other:
        async with writer.transaction():
            await writer.execute("INSERT INTO mine.things VALUES ('a')")
            migrating = asyncio.create_task(
                asyncio.to_thread(migrations.migrate_now, database_url, "mine", package.name)
            )
            pid = await waits(other, "CREATE INDEX CONCURRENTLY%")
            await other.execute("SELECT pg_terminate_backend($1, 10000)", pid)
            with pytest.raises(psycopg.OperationalError):
                await migrating
        assert [tuple(row) for row in await other.fetch(INDEXES)] == [("things_by_id", False)]

        assert await migrations.migrate(database_url, "mine", package.name) == "0002"

        assert {row["indisvalid"] for row in await other.fetch(INDEXES)} == {True}
