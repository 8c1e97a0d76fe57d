"""One process: it starts, serves until it is told to stop, and ends in order."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import uvloop

from servicekit.settings.drain import ENDS_WITHIN
from servicekit.settings.refusals import EXIT_REFUSED, SettingsRefused
from servicekit.tasks import kept_up
from servicekit.telemetry import logs

T = TypeVar("T")

_LEAST = timedelta(seconds=1)

log = logs.get_logger(__name__)

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_FORCED = 130


class Process:
    """What `main` composes a service on.

    `main` enters its parts in the order they need each other and returns once all serve.
    The parts are left in reverse order when the process is told to stop.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.stack = AsyncExitStack()
        self.stopping = asyncio.Event()
        """Set when the process is to stop."""
        self.exit_code = EXIT_OK
        self.on_cut_off: Callable[[int], object] = os._exit
        self._grace: timedelta | None = None
        self._stopped_at = 0.0

    def allow(self, grace: timedelta) -> None:
        """Say how long work in flight may take to end after the process is told to stop.

        A process that has not ended soon after is cut off, with exit code 1.
        """
        self._grace = grace

    @property
    def left(self) -> timedelta:
        """How much of the grace is left; nothing where none was allowed."""
        grace = self._grace or timedelta()
        if not self.stopping.is_set():
            return grace
        return max(timedelta(), grace - timedelta(seconds=time.monotonic() - self._stopped_at))

    def drain_at_exit(self, name: str, drain: Callable[[], Awaitable[object]]) -> None:
        """Wait for work in flight at the end, in reverse order with the parts.

        What is left of the grace, and a second in any case; what has not ended then is cut off.
        """

        async def bounded() -> None:
            try:
                async with asyncio.timeout(max(self.left, _LEAST).total_seconds()):
                    await drain()
            except TimeoutError:
                log.warning("drain_cut_off", process=self.name, work=name)

        self.stack.push_async_callback(bounded)

    async def enter(self, part: AbstractAsyncContextManager[T]) -> T:
        """Enter a part; it is left at the end."""
        return await self.stack.enter_async_context(part)

    def at_exit(self, call: Callable[[], object]) -> None:
        """Call back at the end, in reverse order with the parts."""
        self.stack.callback(call)

    def spawn(
        self, name: str, work: Callable[[], Coroutine[Any, Any, object]]
    ) -> asyncio.Task[object]:
        """Run work beside the rest.

        When it fails it begins again, ever later (see `kept_up`); only settings that are refused
        stop the process, with exit code 78. It is cancelled when its turn to be left comes.
        """
        task = asyncio.create_task(kept_up(name, work), name=name)
        task.add_done_callback(self._ended)
        self.stack.push_async_callback(_cancelled, task)
        return task

    def stop(self, reason: str, *, exit_code: int = EXIT_OK) -> None:
        """Begin to stop; the first reason counts."""
        if not self.stopping.is_set():
            self.exit_code = exit_code
            log.info("process_stopping", process=self.name, reason=reason)
            self._stopped_at = time.monotonic()
            self.stopping.set()

    def cut_off_later(self, loop: asyncio.AbstractEventLoop) -> asyncio.TimerHandle | None:
        """Have a process end that does not; nothing without a grace."""
        if self._grace is None:
            return None
        return loop.call_later((self.left + ENDS_WITHIN).total_seconds(), self._cut_off)

    def _cut_off(self) -> None:
        log.error("process_cut_off", process=self.name, grace=str(self._grace))
        sys.stdout.flush()
        self.on_cut_off(EXIT_FAILED)

    def _ended(self, task: asyncio.Task[object]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, SettingsRefused):
            _tell(self.name, error)
            self.stop(f"{task.get_name()} failed", exit_code=EXIT_REFUSED)
        elif error is not None and not self.stopping.is_set():
            log.error("background_work_failed", work=task.get_name(), exc_info=error)
            self.stop(f"{task.get_name()} failed", exit_code=EXIT_FAILED)


Main = Callable[[Process], Awaitable[None]]


def run(name: str, main: Main) -> NoReturn:
    """Run a service until SIGTERM or SIGINT, then exit: 0 when it ended in order, else 1.

    Settings that `main` refuses are told one by one, and the code is 78. A second signal exits at
    once with 130. Small tools that use the Temporal SDK should flush and call `os._exit`
    themselves instead: the SDK may abort at interpreter exit.

    Modules and their classes stay until the end, so garbage is not looked for among them.
    """
    gc.freeze()
    gc.enable()
    sys.exit(uvloop.run(serve(name, main)))


async def serve(name: str, main: Main) -> int:
    """What `run` does, inside a running loop; returns the exit code."""
    process = Process(name)
    loop = asyncio.get_running_loop()
    cut_off: asyncio.TimerHandle | None = None
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, _on_signal, process, number)
    try:
        async with process.stack:
            try:
                await _start_and_wait(process, main)
            finally:
                cut_off = process.cut_off_later(loop)
    except SettingsRefused as refused:
        _tell(name, refused)
        process.exit_code = EXIT_REFUSED
    except Exception:
        log.exception("process_failed", process=name)
        process.exit_code = EXIT_FAILED
    finally:
        if cut_off is not None:
            cut_off.cancel()
        for number in signals:
            loop.remove_signal_handler(number)
    log.info("process_stopped", process=name, exit_code=process.exit_code)
    return process.exit_code


async def _start_and_wait(process: Process, main: Main) -> None:
    starting = asyncio.ensure_future(main(process))
    stopping = asyncio.create_task(process.stopping.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            log.info("process_started", process=process.name, pid=os.getpid())
            await stopping
    finally:
        # Told to stop while still starting, for example while a database is away.
        for task in (starting, stopping):
            await _cancelled(task)


def _tell(name: str, refused: SettingsRefused) -> None:
    for line in refused.lines(name):
        print(line, flush=True)  # noqa: T201 - in this form whatever the log's is


def _on_signal(process: Process, number: signal.Signals) -> None:
    if process.stopping.is_set():
        log.warning("process_forced_to_exit", process=process.name, signal=number.name)
        sys.stdout.flush()
        os._exit(EXIT_FORCED)
    process.stop(number.name)


async def _cancelled(task: asyncio.Future[Any]) -> None:
    """Cancel and wait; how the task ended was logged when it ended."""
    if task.done():
        return
    task.cancel()
    await asyncio.wait({task})
