"""Tasks of a process: work that outlives its caller, work that comes again, what work waits for."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from servicekit.backoff import Backoff
from servicekit.errors import ServiceError
from servicekit.settings.refusals import SettingsRefused
from servicekit.telemetry import logs
from servicekit.telemetry.loops import Loops, current_loops

T = TypeVar("T")

_LONGEST_WAIT = timedelta(seconds=10)
_SLOW = timedelta(seconds=1)
"""An answer from outside that takes longer is slow; a loop that never ends gets quick ones."""

log = logs.get_logger(__name__)


class ShieldedTasks:
    """Work that runs to its end although whoever asked for it has left."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """How many pieces of work have not ended."""
        return len(self._running)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work; if the caller is cancelled it goes on without them."""
        task = asyncio.create_task(work)
        # The loop itself keeps no task alive.
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    async def drain(self) -> None:
        """Wait until all of it has ended, however; what begins meanwhile is waited for too."""
        while self._running:
            await asyncio.wait(self._running)


def _log_failure(task: asyncio.Task[Any]) -> None:
    """Nobody else is there any more to see how it ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("work_failed_without_caller", error=repr(error))


@dataclass
class SlowAnswers:
    """How long a task has waited for answers from outside of the process that were slow."""

    waited: timedelta = timedelta()


_SLOW_ANSWERS: ContextVar[SlowAnswers | None] = ContextVar("slow_answers", default=None)


@contextmanager
def slow_answers() -> Iterator[SlowAnswers]:
    """Count what the block, and the tasks that it starts, wait for in vain or for long."""
    counted = SlowAnswers()
    token = _SLOW_ANSWERS.set(counted)
    try:
        yield counted
    finally:
        _SLOW_ANSWERS.reset(token)


def answered_outside() -> AbstractContextManager[None]:
    """The block waits for one answer of a database or another service; also where none comes."""
    counted = _SLOW_ANSWERS.get()
    return _UNCOUNTED if counted is None else _waited_for(counted)


_UNCOUNTED = nullcontext()


@contextmanager
def _waited_for(counted: SlowAnswers) -> Iterator[None]:
    began_at = time.monotonic()
    try:
        yield
    finally:
        waited = timedelta(seconds=time.monotonic() - began_at)
        if waited > _SLOW:
            counted.waited += waited


async def ahead(made: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """What is made, the next while one is worked with; what making it raises comes in its turn.

    Whoever leaves early closes it (`contextlib.aclosing`): what is being made is cancelled.
    """
    coming = asyncio.create_task(_next(made))
    try:
        while (found := await coming) is not None:
            coming = asyncio.create_task(_next(made))
            yield found[0]
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await made.aclose()


async def _next(made: AsyncGenerator[T, None]) -> tuple[T] | None:
    async for each in made:
        return (each,)
    return None


async def kept_up(name: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do work to its end, and begin it again, ever later, when it fails; returns what it does.

    Whatever lives as long as its process runs under this, its pauses as well as what it does: what
    it needs may be away, and a bug of one loop is told with its traceback and ends no other. What
    took the place of being cancelled is raised, for what works on then is never waited for to its
    end; so are settings that are refused.
    """
    backoff, loop = Backoff(longest=_LONGEST_WAIT), asyncio.get_running_loop()
    counted = current_loops()
    while True:
        began_at = loop.time()
        counted.begun(name)
        try:
            return await work()
        except Exception as error:
            if _is_cancelled() or isinstance(error, SettingsRefused):
                raise
            counted.failed(name)
            if isinstance(error, ServiceError) and error.retried:
                reason, message = error.reason, error.message
                log.warning("work_interrupted", work=name, reason=reason, error=message)
            else:
                log.exception("work_failed", work=name)
        if loop.time() - began_at > _LONGEST_WAIT.total_seconds():
            backoff.reset()
        await backoff.wait()


async def every(interval: timedelta, name: str, job: Callable[[], Awaitable[object]]) -> None:
    """Run a job again and again, `interval` real time apart; a failure is logged and survived."""
    counted = current_loops()
    counted.begun(name, interval=interval.total_seconds())
    try:
        while True:
            await _once(name, job, counted)
            if _is_cancelled():
                return
            await asyncio.sleep(interval.total_seconds())
    finally:
        counted.ended(name)


async def _once(name: str, job: Callable[[], Awaitable[object]], counted: Loops) -> None:
    try:
        await job()
        counted.succeeded(name)
    except ServiceError as error:
        counted.failed(name)
        if not error.retried:
            log.exception("job_failed", job=name)
        else:
            # What it needs is away: a wait, which no traceback explains better.
            log.warning("job_failed", job=name, reason=error.reason, error=error.message)
    except Exception:
        counted.failed(name)
        log.exception("job_failed", job=name)


def _is_cancelled() -> bool:
    """Whether this task was told to end, though what it did then failed otherwise."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
