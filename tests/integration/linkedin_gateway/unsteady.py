"""A database and a wire that fail as they are told, and between whose touches things happen.

A touch is a statement of SQL, BEGIN and COMMIT included, or a request on the wire.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

import asyncpg
import httpx

Touch = Callable[[], Awaitable[None]]

_STATEMENTS = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval"})
_WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


class Fault(StrEnum):
    """What is the matter with the database."""

    NONE = "none"
    FULL = "full"
    """Whatever would write fails, for there is no room."""
    AWAY = "away"
    """No connection stays, and none is made."""
    CUT = "cut"
    """The connection is cut before the next statement; then all is well."""
    UNHEARD = "unheard"
    """The next statement is carried out, but its answer is lost; then all is well."""


class UnsteadyDatabase:
    """What befalls the statements of a pool."""

    def __init__(self, touch: Touch) -> None:
        self._touch = touch
        self.fault = Fault.NONE
        self.failed = 0
        """How many statements have failed."""

    def pool(self, own: Any) -> Any:
        """The pool, through which it befalls them."""
        return _Pool(own, self)

    async def ready(self) -> None:
        """Before a connection is taken; raises what a driver raises."""
        if self.fault is Fault.AWAY:
            self.failed += 1
            raise ConnectionRefusedError("the database is away")

    async def run(self, sql: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """One statement; raises what a driver raises."""
        await self._touch()
        match self.fault:
            case Fault.FULL if any(word in sql for word in _WRITES):
                self.failed += 1
                raise asyncpg.DiskFullError("could not extend file: No space left on device")
            case Fault.AWAY:
                self.failed += 1
                raise asyncpg.ConnectionDoesNotExistError("connection was closed")
            case Fault.CUT:
                self.failed, self.fault = self.failed + 1, Fault.NONE
                raise asyncpg.ConnectionDoesNotExistError("connection was closed")
            case Fault.UNHEARD:
                self.failed, self.fault = self.failed + 1, Fault.NONE
                await call()
                raise asyncpg.ConnectionDoesNotExistError("connection was closed")
            case _:
                return await call()


class _Connection:
    """A connection; once a statement has failed, it is of no use any more."""

    def __init__(self, own: Any, database: UnsteadyDatabase) -> None:
        self._own = own
        self._database = database
        self.broken = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._own, name)
        if name not in _STATEMENTS:
            return found

        async def statement(sql: str, *args: Any, **kwargs: Any) -> Any:
            return await self.run(sql, lambda: found(sql, *args, **kwargs))

        return statement

    async def run(self, sql: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if self.broken:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed")
        try:
            return await self._database.run(sql, call)
        except (asyncpg.DiskFullError, asyncpg.ConnectionDoesNotExistError):
            self.broken = True
            raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        transaction = self._own.transaction()
        await self.run("BEGIN", transaction.start)
        try:
            yield
        except BaseException:
            if not self.broken:
                await transaction.rollback()
            raise
        await self.run("COMMIT", transaction.commit)


class _Pool:
    def __init__(self, own: Any, database: UnsteadyDatabase) -> None:
        self._own = own
        self._database = database

    def __getattr__(self, name: str) -> Any:
        if name not in _STATEMENTS:
            return getattr(self._own, name)

        async def statement(*args: Any, **kwargs: Any) -> Any:
            async with self.acquire() as connection:
                return await getattr(connection, name)(*args, **kwargs)

        return statement

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[_Connection]:
        # What is raised within is told as the pool tells it.
        async with self._own.acquire() as own:
            await self._database.ready()
            connection = _Connection(own, self._database)
            try:
                yield connection
            finally:
                if connection.broken:
                    own.terminate()


class TouchedTransport(httpx.AsyncBaseTransport):
    """A wire; something may happen before a request arrives and before its answer does."""

    def __init__(self, own: httpx.AsyncBaseTransport, touch: Touch) -> None:
        self._own = own
        self._touch = touch

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._touch()
        answer = await self._own.handle_async_request(request)
        await self._touch()
        return answer
