"""What is asked while others are being answered is asked together: one round trip for many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from servicekit.errors import Unavailable
from servicekit.postgres.errors import DatabaseBusy

A = TypeVar("A")
R = TypeVar("R")

_HELD_UP_AFTER = 0.1
"""Seconds until those that came since are asked without waiting for a batch any more."""


class Batches(Generic[A, R]):
    """Answers each of many askers by `answer`, which is given several and answers in their order.

    A batch that is held up, by a lock that somebody else has, holds up nobody who comes later. Of
    one that fails each is asked again by itself, so that nobody fails for another; not where what
    is asked is away, which is told to all.
    """

    def __init__(
        self, answer: Callable[[Sequence[A]], Awaitable[Sequence[R]]], *, most: int
    ) -> None:
        """`most` are asked at once."""
        self._answer = answer
        self._most = most
        self._waiting: deque[tuple[A, asyncio.Future[R]]] = deque()
        self._tasks = set[asyncio.Task[None]]()
        self._current: asyncio.Task[None] | None = None
        """The one that takes askers."""

    async def ask(self, asked: A) -> R:
        """What `answer` answers, in one of the next batches; raises what it raises."""
        answered: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answered))
        if self._current is None:
            self._begin()
        return await answered

    def _begin(self) -> None:
        # A batch is nobody's own: it carries no asker's trace.
        self._current = asyncio.create_task(self._run(), context=Context())
        self._tasks.add(self._current)
        self._current.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._current is task:
            self._current = None

    async def _run(self) -> None:
        """One batch after the other, until nobody waits or this task is held up."""
        this = asyncio.current_task()
        while self._current is this:
            # Who comes in the same turn of the loop is in the batch as well.
            await asyncio.sleep(0)
            batch = self._next_batch()
            if not batch:
                self._current = None
                return
            held_up = asyncio.get_running_loop().call_later(_HELD_UP_AFTER, self._pass_by, this)
            try:
                await self._answer_all(batch)
            finally:
                held_up.cancel()

    def _pass_by(self, held_up: asyncio.Task[None] | None) -> None:
        if self._current is held_up:
            self._current = None
            if self._waiting:
                self._begin()

    def _next_batch(self) -> list[tuple[A, asyncio.Future[R]]]:
        """As many as there is room for; who has left is passed over."""
        batch: list[tuple[A, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            asked, answered = self._waiting.popleft()
            if not answered.done():
                batch.append((asked, answered))
        return batch

    async def _answer_all(self, batch: Sequence[tuple[A, asyncio.Future[R]]]) -> None:
        try:
            answers = await self._answer([asked for asked, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            if len(batch) > 1 and not _is_away(error):
                await asyncio.gather(*(self._answer_all([each]) for each in batch))
                return
            for _, answered in batch:
                if not answered.done():
                    answered.set_exception(error)
        except BaseException:
            # The process ends: nobody is to wait for an answer that does not come.
            for _, answered in batch:
                answered.cancel()
            raise
        else:
            for (_, answered), answer in zip(batch, answers, strict=True):
                if not answered.done():
                    answered.set_result(answer)


def _is_away(error: Exception) -> bool:
    """Whether it is the same whoever asks; so it is where no connection is free in time."""
    one_is_locked = isinstance(error, DatabaseBusy) and not isinstance(
        error.__cause__, TimeoutError
    )
    return isinstance(error, Unavailable) and not one_is_locked
