"""What many wait for at once is read once, for all of them, by nobody in particular."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

from servicekit.postgres.scope import acting_for

from campaign_api.errors import ShuttingDown

T = TypeVar("T")
R = TypeVar("R")


class SharedReadings(Generic[T]):
    """Readings under way, by what is read; one that is under way is waited for, not repeated.

    A reading sees the rows of one organization, whoever has asked for it first: who may see them
    is decided before it is shared. It goes on when that one leaves.
    """

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}

    async def read(
        self, key: Hashable, organization_id: str, reading: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """What the reading of this key gives; raises what it raises, and `ShuttingDown`."""
        task = self._under_way.get(key)
        if task is None:

            async def read() -> T:
                with acting_for(organization_id):
                    return await reading()

            # Nobody's call: not its caller, not its trace, not what it logs.
            task = asyncio.create_task(read(), context=Context())
            self._under_way[key] = task
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await self.unless_stopping(asyncio.shield(task))

    async def unless_stopping(self, awaitable: Awaitable[R]) -> R:
        """What is awaited; raises `ShuttingDown` when this process goes: another one goes on."""
        awaited = asyncio.ensure_future(awaitable)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({stopping, awaited}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                raise ShuttingDown
            return awaited.result()
        finally:
            stopping.cancel()
            awaited.cancel()

    def _ended(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            # Whoever waits for it is told; there may be nobody left.
            task.exception()
