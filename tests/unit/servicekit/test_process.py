"""servicekit.process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from servicekit import process
from servicekit.errors import DeadlineExceeded, NotYet, Unavailable
from servicekit.process import Process
from servicekit.settings import Refusal, SettingsRefused
from structlog.testing import capture_logs


class Parts:
    """Remembers in which order parts are entered and left."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @asynccontextmanager
    async def part(self, name: str) -> AsyncIterator[None]:
        self.told.append(f"+{name}")
        try:
            yield
        finally:
            self.told.append(f"-{name}")


async def test_a_signal_ends_the_process_in_order() -> None:
    """Parts are left in the reverse of the order they were entered, and the code is 0."""
    parts = Parts()

    async def main(it: Process) -> None:
        await it.enter(parts.part("a"))
        await it.enter(parts.part("b"))
        it.at_exit(lambda: parts.told.append("called"))
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)

    async with asyncio.timeout(5):
        assert await process.serve("test", main) == 0

    assert parts.told == ["+a", "+b", "called", "-b", "-a"]


async def test_a_signal_ends_a_process_that_is_still_starting() -> None:
    """A service that waits for its database can be told to stop."""
    parts = Parts()

    async def main(it: Process) -> None:
        await it.enter(parts.part("a"))
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        assert await process.serve("test", main) == 0

    assert parts.told == ["+a", "-a"]


async def test_a_failed_start_is_exit_code_one() -> None:
    """What was already entered is left all the same."""
    parts = Parts()

    async def main(it: Process) -> None:
        await it.enter(parts.part("a"))
        raise ValueError("no such thing")

    assert await process.serve("test", main) == 1
    assert parts.told == ["+a", "-a"]


@pytest.mark.parametrize("error", [Unavailable(), NotYet(), DeadlineExceeded(), KeyError("bug")])
async def test_background_work_outlives_what_it_needs(error: Exception) -> None:
    """A database that is away for a while ends no process: the work begins again.

    Nor does a bug of one loop, which once took all the others with it.
    """
    tries = 0

    async def main(it: Process) -> None:
        async def work() -> None:
            nonlocal tries
            tries += 1
            if tries < 3:
                raise error
            it.stop("it is back")

        it.spawn("work", work)

    async with asyncio.timeout(60):
        assert await process.serve("test", main) == 0

    assert tries == 3


async def test_refused_settings_are_told_and_not_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At the start as in the background: a line that names them, and exit 78."""

    async def refuse() -> None:
        refusal = Refusal(setting="THING_KEY", problem="is no key", expected="a key")
        raise SettingsRefused([refusal])

    async def main(it: Process) -> None:
        it.spawn("work", refuse)
        await it.stopping.wait()

    async with asyncio.timeout(5):
        assert await process.serve("test", main) == 78
        assert await process.serve("test", lambda _: refuse()) == 78

    assert capsys.readouterr().out.count('"setting": "THING_KEY"') == 2


async def test_background_work_is_cancelled_in_its_turn() -> None:
    """Before the parts it was given."""
    parts = Parts()

    async def work() -> None:
        async with parts.part("work"):
            it_began.set()
            await asyncio.Event().wait()

    it_began = asyncio.Event()

    async def main(it: Process) -> None:
        await it.enter(parts.part("a"))
        it.spawn("work", work)
        await it_began.wait()
        it.stop("enough")

    async with asyncio.timeout(5):
        assert await process.serve("test", main) == 0

    assert parts.told == ["+a", "+work", "-work", "-a"]


async def test_a_drain_is_bounded_by_what_is_left_of_the_grace() -> None:
    """Work that never ends keeps no process: what comes after it still ends in order."""
    parts = Parts()

    async def main(it: Process) -> None:
        it.allow(timedelta(seconds=0.05))
        await it.enter(parts.part("a"))
        it.drain_at_exit("work", asyncio.Event().wait)
        it.stop("enough")

    with capture_logs() as told:
        async with asyncio.timeout(5):
            assert await process.serve("test", main) == 0

    assert parts.told == ["+a", "-a"]
    assert [each["work"] for each in told if each["event"] == "drain_cut_off"] == ["work"]


async def test_what_does_not_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that ignores being told to end does not keep the process until it is killed."""
    monkeypatch.setattr(process, "ENDS_WITHIN", timedelta(seconds=0.05))
    cut_off: list[int] = []
    released = asyncio.Event()

    async def main(it: Process) -> None:
        def end(code: int) -> None:
            cut_off.append(code)
            released.set()

        it.on_cut_off = end
        it.allow(timedelta(0))
        it.stack.push_async_callback(released.wait)
        it.stop("enough")

    async with asyncio.timeout(5):
        await process.serve("test", main)

    assert cut_off == [1]


PROGRAM = """
import asyncio
from servicekit import process

async def main(it):
    it.stack.push_async_callback({last})
    print("started", flush=True)

process.run("test", main)
"""


def run(last: str, *signals: signal.Signals) -> int:
    """Run a program that ends with `last`, send it signals, and return its exit code."""
    program = PROGRAM.format(last=last)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        for line in iter(running.stdout.readline, b""):
            if b"process_started" in line or b"process_stopping" in line:
                if not signals:
                    break
                running.send_signal(signals[0])
                signals = signals[1:]
        return running.wait(10)


def test_run_exits_with_zero_after_sigterm() -> None:
    """An orderly end is a success to whoever started the process."""
    assert run("asyncio.sleep, 0", signal.SIGTERM) == 0


def test_a_second_signal_exits_at_once() -> None:
    """Someone who asks twice does not want to wait."""
    assert run("asyncio.sleep, 60", signal.SIGTERM, signal.SIGTERM) == 130
