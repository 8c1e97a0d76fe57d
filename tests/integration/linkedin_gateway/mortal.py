"""A process that dies: at the n-th touch of the world, before it is made or before it is known.

A touch is a statement of SQL, BEGIN and COMMIT included, or a request on the wire. Between two
of them nothing is done that outlives the process, so a death at any other await is a death at
the touch before it or after it. What the dead process held is gone: its connections are cut,
and whoever asked it never hears.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Killed(BaseException):
    """The process is no more."""


class Fate:
    """Lets so many touches of the world happen, then kills."""

    def __init__(self, touches: int) -> None:
        self._left = touches
        self.dead = asyncio.Event()
        asyncio.get_running_loop().set_exception_handler(_mourned)

    async def touch(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """One touch: death may come before it, or after it was made and before it is known."""
        self._step()
        answer = await call()
        self._step()
        return answer

    async def of(self, work: Awaitable[Any]) -> Any:
        """What the work comes to; raises `Killed` if the process dies over it."""
        working, dying = asyncio.ensure_future(work), asyncio.create_task(self.dead.wait())
        try:
            await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
            if self.dead.is_set():
                raise Killed
            return await working
        finally:
            for task in (working, dying):
                task.cancel()
            await asyncio.wait({working, dying})

    def _step(self) -> None:
        if self.dead.is_set() or self._left == 0:
            self.dead.set()
            raise Killed
        self._left -= 1


class Failing(Fate):
    """Lets so many touches happen; from then on each fails, before it is made or after it was."""

    def __init__(self, touches: int, error: type[Exception], *, after: bool = False) -> None:
        super().__init__(touches)
        self._error = error
        self._after = after
        self.failed = False

    async def touch(self, call: Callable[[], Awaitable[Any]]) -> Any:
        self.failed = self.failed or self._left == 0
        if self.failed and not self._after:
            raise self._error("it fails")
        self._left -= 1
        answer = await call()
        if self.failed:
            raise self._error("it was made, and nobody knows")
        return answer


def _mourned(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tasks of a dead process end with it, and nobody asks what of."""
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)


_STATEMENTS = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval"})


class _Mortal:
    """Statements of a pool or of one of its connections."""

    def __init__(self, own: Any, fate: Fate) -> None:
        self._own = own
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._own, name)
        if name not in _STATEMENTS:
            return found

        async def statement(*args: Any, **kwargs: Any) -> Any:
            return await self._fate.touch(lambda: found(*args, **kwargs))

        return statement


class MortalConnection(_Mortal):
    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        transaction = self._own.transaction()
        await self._fate.touch(transaction.start)
        try:
            yield
        except Killed:
            raise
        except BaseException:
            await transaction.rollback()
            raise
        await self._fate.touch(transaction.commit)


class MortalPool(_Mortal):
    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[MortalConnection]:
        async with self._own.acquire() as connection:
            try:
                yield MortalConnection(connection, self._fate)
            except Killed:
                connection.terminate()
                raise


class MortalTransport(httpx.AsyncBaseTransport):
    """A wire; the provider at its other end lives on."""

    def __init__(self, own: httpx.AsyncBaseTransport, fate: Fate) -> None:
        self._own = own
        self._fate = fate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await self._fate.touch(
            lambda: self._own.handle_async_request(request)
        )
        return answer
