"""PostgreSQL for tests: private servers, and databases made from migrated templates."""

import signal
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from devstack.stack import postgres
from devstack.stack.processes import as_user
from servicekit.postgres import migrations
from servicekit.postgres.pool import Pool
from servicekit.postgres.scope import NOBODYS, current_scope

from tests.servers.session import ServerSession

# Tests want speed from a database, not that it survives a power cut.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "600",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "1h",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # There are hundreds of databases, each for a second.
    "autovacuum": "off",
    "jit": "off",
    "update_process_title": "off",
    "timezone": "UTC",
}
INITDB_OPTIONS = ("--no-data-checksums",)
STARTS_WITHIN_SECONDS = 60.0

Owner = tuple[str, str]
"""A schema and the package that holds its migrations."""


def as_role(url: str, role: str) -> str:
    """How a role connects."""
    return url.replace("://postgres:", f"://{role}:", 1)


def by_roles(prefix: str, schema: str, url: str) -> dict[str, str]:
    """The environment of a service that has a role for each of what it does."""
    return {
        f"{prefix}_DATABASE_URL": as_role(url, f"{schema}_service"),
        f"{prefix}_BACKGROUND_DATABASE_URL": as_role(url, f"{schema}_background"),
        f"{prefix}_MIGRATION_DATABASE_URL": url,
    }


class WhoeverCalls(Pool):
    """A pool as a service has it, by whose parts a test may ask as a job of the service would.

    The rows of its organization sees who serves a caller; everybody's, who serves none.
    """

    def __init__(self, pool: Pool) -> None:
        self._apart = pool
        self.last_refusal, self.background = pool.last_refusal, pool.background

    def acquire(self, *, timeout: float | None = None) -> Any:
        asked = self.across("a test asks") if current_scope() == NOBODYS else self._apart
        return asked.acquire(timeout=timeout)

    def across(self, why: str) -> Pool:
        return self._apart.across(why)


@dataclass(frozen=True)
class Databases:
    """The databases of a server that runs in this directory, whoever has started it."""

    session: ServerSession
    directory: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:@/{database}?host={self.directory}"

    def create(self, *owners: Owner) -> str:
        """A fresh database in which these owners' migrations have run; returns its name."""
        name = f"test_{uuid.uuid4().hex}"
        self._copy(self._template(owners), name)
        return name

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _template(self, owners: tuple[Owner, ...]) -> str:
        """The database that copies for these owners are made from; the first who asks makes it."""
        if not owners:
            return "template1"
        name = "_".join(("template", *(schema for schema, _ in owners)))
        made = self.directory / f"{name}.made"
        with self.session.alone(f"{self.directory.name}-{name}"):
            if not made.exists():
                self._copy("template1", name)
                for schema, package in owners:
                    migrations.migrate_now(self.url(name), schema, package)
                made.touch()
        return name

    def _copy(self, template: str, name: str) -> None:
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    def _execute(self, statement: str) -> None:
        if self.url() not in _administrators:
            _administrators[self.url()] = psycopg.connect(self.url(), autocommit=True)
        _administrators[self.url()].execute(statement.encode())


_administrators: dict[str, psycopg.Connection[Any]] = {}
"""One connection to each server, by which this process makes all of its databases."""


class PostgresServer:
    """A server on a unix socket, with a cluster of its own in a directory."""

    def __init__(self, session: ServerSession, directory: Path) -> None:
        self.databases = Databases(session, directory)
        self._session = session
        self._directory = directory
        self._data = directory / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the cluster; it does not run yet."""
        postgres.make_directory(self._directory)
        subprocess.run(
            [postgres.program("initdb"), *postgres.initdb_options(self._data), *INITDB_OPTIONS],
            env=dict(postgres.environment()),
            cwd=self._directory,
            stdout=subprocess.DEVNULL,
            check=True,
            **as_user(postgres.server_user()),
        )

    def start(self) -> None:
        """Start it if it does not run; returns once it accepts connections."""
        if self._process is not None:
            return
        settings = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
        command = [postgres.program("postgres"), "-D", str(self._data), "-k", str(self._directory)]
        log = self._directory / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *settings],
                env=dict(postgres.environment()),
                cwd=self._directory,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **as_user(postgres.server_user()),
            )
        self._session.watch(self._process.pid)
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it if it runs: connections are cut, what was committed stays."""
        if self._process is None:
            return
        if (administrator := _administrators.pop(self.databases.url(), None)) is not None:
            administrator.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._session.forget(self._process.pid)
        self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.databases.url()).close()
        except psycopg.OperationalError:
            return False
        return True


def shared_databases(session: ServerSession) -> Databases:
    """Those of the session's common server; the first process that asks starts it."""
    server = PostgresServer(session, session.directory / "postgres")
    started = session.directory / "postgres.started"
    with session.alone("postgres"):
        if not started.exists():
            server.create()
            server.start()
            started.touch()
    return server.databases
