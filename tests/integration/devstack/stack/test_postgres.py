"""The private PostgreSQL of a stack."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from devstack.stack.postgres import Postgres
from devstack.stack.processes import Reaper
from devstack.stack.stack import new_directory


@pytest.fixture
def directory() -> Path:
    """A short path, which the reaper removes."""
    return new_directory()


@pytest.fixture
async def postgres(directory: Path) -> AsyncIterator[Postgres]:
    """A server that has just been made."""
    reaper = Reaper(directory)
    await reaper.start()
    server = Postgres(directory / "pg", directory / "postgres.log", reaper)
    await server.create()
    yield server
    await server.process.stop()
    await reaper.dismiss()


async def test_what_was_committed_survives_kill_9(postgres: Postgres) -> None:
    """A killed server starts again with every row that it confirmed."""
    with psycopg.connect(postgres.url("gateway"), autocommit=True) as connection:
        connection.execute("CREATE TABLE gateway.kept (number int)")
        connection.execute("INSERT INTO gateway.kept SELECT generate_series(1, 1000)")

        for _ in range(2):
            await postgres.process.kill()
            await postgres.start()

    with psycopg.connect(postgres.url("gateway")) as connection:
        assert connection.execute("SELECT count(*) FROM gateway.kept").fetchone() == (1000,)


async def test_an_owner_has_its_schema_and_no_other(postgres: Postgres) -> None:
    """The role of one service cannot look into another's tables."""
    with psycopg.connect(postgres.url("webhook"), autocommit=True) as connection:
        connection.execute("CREATE TABLE webhook.mine (number int)")

    with (
        psycopg.connect(postgres.url("campaign"), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM webhook.mine")
