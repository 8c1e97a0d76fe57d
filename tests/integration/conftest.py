"""Real servers for integration tests: PostgreSQL and Temporal, private to the test session.

Both come from PyPI and listen only locally. All processes of a session share one
PostgreSQL, in which each test has a database of its own, and one Temporal, in which each process
has a namespace.
"""

import asyncio
import functools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from devstack.stack.keys import Keys
from servicekit.clock import Clock
from servicekit.grpc.requests import rules
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from temporalio.client import Client

from tests.servers.postgres import Databases, PostgresServer, shared_databases
from tests.servers.session import ServerSession
from tests.servers.temporal import TemporalServer, shared_temporal

# Each test has servers of its own, and each of them would compile the same contracts again.
rules.Validator = functools.cache(rules.Validator)

NewDatabase = Callable[..., str]
"""`new_database(("schema", "package"), ...)`: the URL of a fresh database, migrated."""


@pytest.fixture(scope="session")
def databases(server_session: ServerSession) -> Databases:
    """The PostgreSQL that all tests share."""
    return shared_databases(server_session)


@pytest.fixture
def new_database(databases: Databases) -> Iterator[NewDatabase]:
    """Makes databases for one test, migrated for the owners it names."""
    made: list[str] = []

    def make(*owners: tuple[str, str]) -> str:
        made.append(databases.create(*owners))
        return databases.url(made[-1])

    yield make
    for database in made:
        databases.drop(database)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys of a stack: with them authentication is on."""
    return Keys(tmp_path / "keys")


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """An empty database for one test."""
    return new_database()


@pytest.fixture(scope="session")
def _own_postgres_server(
    server_session: ServerSession, process_name: str
) -> Iterator[PostgresServer]:
    server = PostgresServer(server_session, server_session.directory / f"postgres-{process_name}")
    server.create()
    yield server
    server.stop()


@pytest.fixture
def private_postgres_server(_own_postgres_server: PostgresServer) -> PostgresServer:
    """A PostgreSQL a test may stop and start as it likes; it runs when the test begins."""
    _own_postgres_server.start()
    return _own_postgres_server


@pytest.fixture(scope="session")
def temporal_server(
    server_session: ServerSession, process_name: str, process_names: list[str]
) -> TemporalServer:
    """The Temporal that all tests share; each test uses task queues and ids of its own."""
    return shared_temporal(server_session, process_name, process_names)


@pytest.fixture
async def temporal_client(temporal_server: TemporalServer) -> Client:
    """A client as the services have it, by the clock on the wall."""
    async with asyncio.timeout(10):
        client = await temporal.connect(
            new_plugin(Clock.real_time()),
            environ={**os.environ, **temporal_server.environ},
        )
        await client.service_client.check_health(timeout=timedelta(seconds=5))
    return client
