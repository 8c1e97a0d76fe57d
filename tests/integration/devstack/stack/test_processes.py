"""Children that are started, awaited, stopped and never left behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from devstack.stack.processes import Command, Process, ProcessFailed, Reaper

SLEEP = "import time; print('begun', flush=True); time.sleep(600)"
SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from devstack.stack.processes import Command, Process, Reaper

async def main(directory):
    reaper = Reaper(directory)
    await reaper.start()
    child = Process(Command(name="child", arguments=(sys.executable, "-c", {sleep!r}),
                            log=directory / "child.log"), reaper)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture
async def reaper(tmp_path: Path) -> AsyncIterator[Reaper]:
    """The reaper of a directory that may go."""
    directory = tmp_path / "guarded"
    directory.mkdir()
    reaper = Reaper(directory)
    await reaper.start()
    yield reaper
    await reaper.dismiss()


def process(code: str, tmp_path: Path, reaper: Reaper) -> Process:
    """A Python program as a child."""
    arguments = (sys.executable, "-c", code)
    return Process(Command(name="child", arguments=arguments, log=tmp_path / "log"), reaper)


async def never() -> bool:
    """A child that does not become ready."""
    return False


def is_running(pid: int) -> bool:
    """Whether it runs; one that ended and was not reaped does not."""
    with suppress(OSError):
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return False


async def test_one_that_dies_early_is_told_with_its_last_words(
    tmp_path: Path, reaper: Reaper
) -> None:
    """Nobody waits for the deadline of a process that is gone."""
    child = process("raise SystemExit('no such database')", tmp_path, reaper)
    await child.start()

    with pytest.raises(ProcessFailed, match=r"ended with code 1(?s:.*)no such database"):
        await child.until_ready(never, within=timedelta(seconds=60))


async def test_one_that_is_not_ready_in_time_fails(tmp_path: Path, reaper: Reaper) -> None:
    """The deadline ends the wait, and the log says how far it came."""
    child = process(SLEEP, tmp_path, reaper)
    await child.start()

    with pytest.raises(ProcessFailed, match="not ready"):
        await child.until_ready(never, within=timedelta(milliseconds=300))
    await child.stop()

    assert not child.running


async def test_one_that_ignores_being_asked_is_killed(tmp_path: Path, reaper: Reaper) -> None:
    """Stopping never takes longer than its grace."""
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
    child = process(stubborn, tmp_path, reaper)
    await child.start()

    async def begun() -> bool:
        return "begun" in child.tail()

    await child.until_ready(begun, within=timedelta(seconds=10))

    began = time.monotonic()
    await child.stop(grace=timedelta(milliseconds=200))

    assert not child.running
    assert time.monotonic() - began < 5


async def test_only_an_end_that_nobody_asked_for_is_unexpected(
    tmp_path: Path, reaper: Reaper
) -> None:
    """A killed child was meant to end; one that falls over was not."""
    codes: asyncio.Queue[int] = asyncio.Queue()
    child = process(SLEEP, tmp_path, reaper)
    child.on_unexpected_end = lambda _, code: codes.put_nowait(code)
    await child.start()
    await child.kill()
    await child.start()

    os.kill(child.pid, signal.SIGKILL)

    assert await asyncio.wait_for(codes.get(), 10) == -signal.SIGKILL
    assert codes.empty()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_killed_supervisor_leaves_nothing_behind(tmp_path: Path) -> None:
    """`kill -9` of the supervisor ends its children and removes its directory."""
    directory = tmp_path / "stack"
    directory.mkdir()
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SUPERVISOR.format(sleep=SLEEP),
        str(directory),
        stdout=asyncio.subprocess.PIPE,
    )
    assert supervisor.stdout is not None
    child = int(await supervisor.stdout.readline())
    assert is_running(child)

    supervisor.kill()
    await supervisor.wait()

    async with asyncio.timeout(10):
        while is_running(child) or directory.exists():  # noqa: ASYNC110 - nobody is left to tell
            await asyncio.sleep(0.02)
