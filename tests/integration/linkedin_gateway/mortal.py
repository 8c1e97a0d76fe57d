"""A process that dies: at the n-th touch of the world, before it is made or before it is known.

A touch is a statement of SQL, BEGIN and COMMIT included, or a request on the wire. Between two
of them nothing is done that outlives the process, so a death at any other await is a death at
the touch before it or after it. What the dead process held is gone: its connections are cut.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar
from typing import Any

import httpx


class Killed(BaseException):
    """The process is no more."""


class Fate:
    """Lets so many touches of the world happen, then kills."""

    def __init__(self, touches: int) -> None:
        self._left = touches
        self.dead = False

    def step(self) -> None:
        if self.dead or self._left == 0:
            self.dead = True
            raise Killed
        self._left -= 1


_FATE: ContextVar[Fate | None] = ContextVar("fate", default=None)


@contextmanager
def doomed(fate: Fate) -> Iterator[None]:
    """What is done in the block, and by the tasks it begins, shares a fate."""
    token = _FATE.set(fate)
    try:
        yield
    finally:
        _FATE.reset(token)


async def touch(call: Callable[[], Awaitable[Any]]) -> Any:
    """One touch: death may come before it, or after it was made and before it is known."""
    fate = _FATE.get()
    if fate is None:
        return await call()
    fate.step()
    answer = await call()
    fate.step()
    return answer


_STATEMENTS = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval"})


class _Mortal:
    """Statements of a pool or of one of its connections."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._own, name)
        if name not in _STATEMENTS:
            return found

        async def statement(*args: Any, **kwargs: Any) -> Any:
            return await touch(lambda: found(*args, **kwargs))

        return statement


class MortalConnection(_Mortal):
    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        transaction = self._own.transaction()
        await touch(transaction.start)
        try:
            yield
        except Killed:
            raise
        except BaseException:
            await transaction.rollback()
            raise
        await touch(transaction.commit)


class MortalPool(_Mortal):
    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[MortalConnection]:
        async with self._own.acquire() as connection:
            try:
                yield MortalConnection(connection)
            except Killed:
                connection.terminate()
                raise


class MortalTransport(httpx.AsyncBaseTransport):
    """A wire; the provider at its other end lives on."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await touch(lambda: self._answer(request))
        return answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        work = self._own.handle_async_request(request)
        return await asyncio.create_task(work, context=Context())  # type: ignore[arg-type]
