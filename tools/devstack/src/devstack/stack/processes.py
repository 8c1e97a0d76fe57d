"""Child processes: started, awaited, stopped by pid, and never left behind."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from devstack.stack import reaper as reaper_script

Ready = Callable[[], Awaitable[bool]]

_TAIL_LINES = 25
_FIRST_LOOK = 0.01
_SLOWEST_LOOK = 0.2


class ProcessFailed(RuntimeError):
    """A process ended, or was not ready in time, when it should have served."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run and how it is stopped."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    """Whom to run it as; only root can choose."""
    directory: Path | None = None
    """Where it runs; by default where the supervisor does."""


class Reaper:
    """A process that cleans up should this one be killed; see `reaper`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, in a session of its own so that Ctrl-C does not reach it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            reaper_script.__file__,
            str(self._directory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, pid: int) -> None:
        """Have a process group ended should this process be killed."""
        self._write(f"+{pid}")

    def forget(self, pid: int) -> None:
        """It has ended."""
        self._write(f"-{pid}")

    def keep_directory(self) -> None:
        """Leave the directory where it is."""
        self._write("keep")

    async def dismiss(self) -> None:
        """Everything has ended: it may end too."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        await self._process.wait()

    def _write(self, word: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(f"{word}\n".encode())


class Process:
    """One child in a session of its own, whose output goes to a file."""

    def __init__(self, command: Command, reaper: Reaper) -> None:
        self.command = command
        self._reaper = reaper
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._meant_to_end = False
        self.on_unexpected_end: Callable[[Process, int], None] = lambda _process, _code: None

    @property
    def name(self) -> str:
        return self.command.name

    @property
    def pid(self) -> int:
        """The pid of the process that was started last."""
        return self._started().pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; a second start appends to the same log. Raises `RuntimeError` while it runs."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        self.command.log.parent.mkdir(parents=True, exist_ok=True)
        with self.command.log.open("ab") as log:
            self._process = await self._spawn(log)
        self._reaper.watch(self._process.pid)
        self._meant_to_end = False
        self._watch = asyncio.create_task(self._watch_end(self._process))

    async def _watch_end(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        self._reaper.forget(process.pid)
        if not self._meant_to_end:
            self.on_unexpected_end(self, code)

    async def _spawn(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.command.arguments,
            env=dict(self.command.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=self.command.directory,
            **as_user(self.command.user),
        )

    async def until_ready(self, ready: Ready, *, within: timedelta) -> None:
        """Return once `ready` says so; raise `ProcessFailed` if it ends or takes too long."""
        ended = asyncio.ensure_future(self._started().wait())
        asked = asyncio.ensure_future(_poll(ready, within))
        try:
            await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done() and asked.result():
                return
            what = f"ended with code {ended.result()}" if ended.done() else f"not ready in {within}"
            raise ProcessFailed(f"{self.name} {what}; the end of its log:\n{self.tail()}")
        finally:
            ended.cancel()
            asked.cancel()

    async def wait(self) -> int:
        """Wait for its end; its exit code."""
        return await self._started().wait()

    async def stop(self, *, grace: timedelta = timedelta(seconds=10)) -> None:
        """Ask it to end, then insist."""
        if self._process is None:
            return
        self._meant_to_end = True
        if self.running:
            self._signal(self.command.stop_signal)
            try:
                async with asyncio.timeout(grace.total_seconds()):
                    await self._process.wait()
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._process.wait()

    async def kill(self) -> None:
        """`kill -9`, and nothing else."""
        self._meant_to_end = True
        self._signal(signal.SIGKILL)
        await self._started().wait()

    def freeze(self) -> None:
        """Have it stand still, wherever it is, until it is thawed."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on from where it stands."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = _TAIL_LINES) -> str:
        """The end of its log."""
        try:
            text = self.command.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:]) or "(nothing was logged)"

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise LookupError(f"{self.name} was never started")
        return self._process

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments that start a process as somebody else, without the rights of root's groups."""
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


async def _poll(ready: Ready, within: timedelta) -> bool:
    deadline = time.monotonic() + within.total_seconds()
    pause = _FIRST_LOOK
    while time.monotonic() < deadline:
        if await ready():
            return True
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_LOOK)
    return False
