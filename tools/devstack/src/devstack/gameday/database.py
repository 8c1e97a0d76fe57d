"""What goes wrong with the database of a stack: its clock, its disk, and the server itself."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from devstack.observability.programs import FAKETIME, find
from devstack.stack.postgres import Postgres, server_user
from devstack.stack.stack import Stack

_ROOM = 256
"""MiB of the small disk; what a young database needs is some 60."""


class ServersClock:
    """The clock that a PostgreSQL server reads, which can be set while it runs (libfaketime)."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "clock"

    def environment(self) -> Mapping[str, str]:
        """What the server is started with, and its clock right."""
        self.step("+0")
        return {
            "LD_PRELOAD": find(FAKETIME) or "",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            # Monotonic clocks go on as they are, as a machine's do when its time is set.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }

    def step(self, by: str) -> None:
        """Have it differ by so much from the true time from now on, such as `+30s`."""
        made = self._file.with_suffix(".new")
        made.write_text(f"{by}\n")
        made.chmod(0o644)
        made.replace(self._file)


class SmallDisk:
    """A disk of its own for a server's tables, small enough to be filled; its log has another.

    It is mounted, which only root may; in a mount namespace of the process's own, as `make gameday`
    has, it ends with that at the latest.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._tables = postgres.directory / "data" / "base"
        self._filler = self._tables / "filler"

    async def mount(self) -> None:
        """Move the tables there; the server is stopped meanwhile."""
        await self._postgres.process.stop()
        await asyncio.to_thread(self._move)
        await self._postgres.start()

    def _move(self) -> None:
        before = self._tables.with_suffix(".before")
        self._tables.rename(before)
        self._tables.mkdir(mode=0o700)
        options = f"size={_ROOM}m,mode=0700"
        _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self._tables))
        shutil.copytree(before, self._tables, dirs_exist_ok=True)
        shutil.rmtree(before)
        if user := server_user():
            for path in (self._tables, *self._tables.rglob("*")):
                shutil.chown(path, user)

    async def unmount(self) -> None:
        """Leave nothing behind; the server is ended, and its tables are gone."""
        await self._postgres.process.stop()
        await asyncio.to_thread(_run, "umount", "--lazy", str(self._tables))

    async def fill(self) -> None:
        """Leave no room."""
        await asyncio.to_thread(self._fill)

    def _fill(self) -> None:
        block = bytes(1 << 16)
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError:
                return

    async def make_room(self) -> None:
        """Remove what fills it."""
        await asyncio.to_thread(self._filler.unlink)


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program) or program
    subprocess.run([found, *arguments], check=True)  # noqa: S603 - of our own words


class Follower:
    """A second server that follows the first, and takes its place where that is gone."""

    def __init__(self, stack: Stack) -> None:
        self._first = stack.postgres
        self._postgres = Postgres(
            stack.directory / "follower", stack.logs / "follower.log", stack.reaper
        )

    async def start(self) -> None:
        """Copy the first server, and follow it."""
        await self._postgres.follow(self._first)

    async def take_the_address(self) -> None:
        """Whoever asks for the first server meets this one from now on."""
        await asyncio.to_thread(self._first.lead_to, self._postgres)

    async def promote(self) -> None:
        """Have it write."""
        await self.execute("SELECT pg_promote()")

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._postgres.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def stop(self) -> None:
        await self._postgres.process.stop()
