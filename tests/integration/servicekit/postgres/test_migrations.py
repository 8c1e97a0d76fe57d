"""servicekit.postgres.migrations against a real server."""

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from servicekit.postgres import migrations

REVISION = '''
from alembic import op

revision = "{revision}"
down_revision = {down_revision!r}

def upgrade():
    op.execute("""{statement}""")
'''


class Package:
    """A package with migrations, made for one test."""

    def __init__(self, root: Path) -> None:
        self.name = "things_of_a_test"
        self._versions = root / self.name / "migrations" / "versions"
        self._versions.mkdir(parents=True)
        (root / self.name / "__init__.py").touch()
        self._last: str | None = None

    def add(self, revision: str, statement: str) -> None:
        text = REVISION.format(revision=revision, down_revision=self._last, statement=statement)
        self.add_text(revision, text)

    def add_text(self, revision: str, text: str) -> None:
        """A revision that is more than one statement."""
        (self._versions / f"{revision}.py").write_text(text)
        self._last = revision

    def remove(self, *revisions: str) -> None:
        """Be the package of a release before."""
        for revision in revisions:
            (self._versions / f"{revision}.py").unlink()

    def say(self, what: str) -> None:
        """What its owner says of its schema; see `row_security`."""
        (self._versions.parent / "__init__.py").write_text(what)
        self.forget()

    def forget(self) -> None:
        """Read it anew when it is imported next."""
        importlib.invalidate_caches()
        for name in [each for each in sys.modules if each.partition(".")[0] == self.name]:
            del sys.modules[name]


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


def fetch(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_migrations_run_in_their_schema(database_url: str, package: Package) -> None:
    """Tables and the version land in the owner's schema, which is made."""
    assert await migrations.migrate(database_url, "mine", package.name) == "0001"

    assert fetch(database_url, "SELECT version_num FROM mine.schema_version") == [("0001",)]
    assert fetch(database_url, "SELECT * FROM mine.things") == []


async def test_migrating_again_changes_nothing(database_url: str, package: Package) -> None:
    """An up-to-date schema is left as it is, with what is in it."""
    await migrations.migrate(database_url, "mine", package.name)
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO mine.things VALUES ('a')")

    await migrations.migrate(database_url, "mine", package.name)

    assert fetch(database_url, "SELECT id FROM mine.things") == [("a",)]


async def test_later_revisions_are_added(database_url: str, package: Package) -> None:
    """A schema of an earlier release gets only what is new."""
    await migrations.migrate(database_url, "mine", package.name)
    package.add("0002", "ALTER TABLE things ADD COLUMN colour text")

    assert await migrations.migrate(database_url, "mine", package.name) == "0002"

    assert fetch(database_url, "SELECT colour FROM mine.things") == []


async def test_two_owners_share_a_database(database_url: str, package: Package) -> None:
    """Each schema has a version of its own."""
    await migrations.migrate(database_url, "mine", package.name)
    await migrations.migrate(database_url, "yours", package.name)

    assert fetch(database_url, "SELECT version_num FROM yours.schema_version") == [("0001",)]


async def test_many_at_once_migrate_once(database_url: str, package: Package) -> None:
    """Replicas that start together do not run a revision twice."""
    async with asyncio.timeout(30):
        revisions = await asyncio.gather(
            *(migrations.migrate(database_url, "mine", package.name) for _ in range(4))
        )

    assert revisions == ["0001"] * 4


async def test_a_failed_revision_leaves_nothing(database_url: str, package: Package) -> None:
    """What failed is undone, what came before it stays, and the lock is free again."""
    package.add("0002", "CREATE TABLE half (id int); SELECT 1/0")

    for _ in range(2):
        with pytest.raises(Exception, match="division by zero"):
            await migrations.migrate(database_url, "mine", package.name)

    assert fetch(database_url, "SELECT version_num FROM mine.schema_version") == [("0001",)]
    assert fetch(database_url, "SELECT to_regclass('mine.half')") == [(None,)]


async def test_a_role_without_create_uses_the_schema_it_was_given(
    database_url: str, package: Package
) -> None:
    """A role that may not create schemas migrates one that was made for it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS plain_owner")
        connection.execute("CREATE ROLE plain_owner LOGIN")
        connection.execute("CREATE SCHEMA mine AUTHORIZATION plain_owner")
    url = database_url.replace("postgres:@", "plain_owner:@")

    assert await migrations.migrate(url, "mine", package.name) == "0001"


async def test_migrating_waits_for_the_database(
    private_postgres_server: Any, package: Package
) -> None:
    """A service may start before its database."""
    url = private_postgres_server.databases.url()
    await asyncio.to_thread(private_postgres_server.stop)

    migrating = asyncio.create_task(migrations.migrate(url, "mine", package.name))
    await asyncio.to_thread(private_postgres_server.start)

    async with asyncio.timeout(20):
        assert await migrating == "0001"
