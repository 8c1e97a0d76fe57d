"""What a rehearsed call asks of a pool: one transaction, of which nothing is ever committed.

Each statement and each transaction of the call can be undone alone in it, as if it were one of its
own, and sees what the call did before. Whatever works for the call does: a connection is used by
one task after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from servicekit.postgres.connection import is_gone
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.scope import Scope

# Less than who waits for another looks for a deadlock after: who only asks gives up first. Nor
# does it keep rows locked, or whoever follows lists waiting, for long while it asks others.
_GIVES_WAY = """
    SET LOCAL lock_timeout = '900ms'; SET LOCAL idle_in_transaction_session_timeout = '5s'
"""
_SHARE = 3
"""One in so many connections of a pool may be those of questions at once."""


class Stage:
    """A connection in the transaction of a rehearsal."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._free = asyncio.Lock()
        self._whose: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def turn(self, scope: Scope) -> AsyncIterator[Any]:
        """The connection, for nobody else, seeing these rows; undone if the block fails.

        A block within a block of the same task is part of it.
        """
        task = asyncio.current_task()
        if self._whose is task:
            async with self._undoable(scope) as connection:
                yield connection
            return
        async with self._free:
            self._whose = task
            try:
                async with self._undoable(scope) as connection:
                    yield connection
            finally:
                self._whose = None

    async def undo(self, transaction: Any) -> None:
        """Roll all of it back, once nobody uses the connection."""
        async with self._free:
            await transaction.rollback()

    @asynccontextmanager
    async def _undoable(self, scope: Scope) -> AsyncIterator[Any]:
        async with self.connection.transaction():
            await self.connection._con.see(scope)  # noqa: SLF001 - what a proxy stands for
            yield self.connection


@asynccontextmanager
async def staged(acquiring: AbstractAsyncContextManager[Any], pool: Any) -> AsyncIterator[Stage]:
    """A connection for the length of a rehearsal, in a transaction that is rolled back.

    Raises `DatabaseBusy` at once where others that only ask have their share of the pool: each
    keeps its connection while it waits for whatever it asks, and who acts needs one.
    """
    if pool.staged >= max(1, pool.get_max_size() // _SHARE):
        raise DatabaseBusy(metadata={"dependency": "postgres"})
    pool.staged += 1
    try:
        async with _played(acquiring) as stage:
            yield stage
    finally:
        pool.staged -= 1


@asynccontextmanager
async def _played(acquiring: AbstractAsyncContextManager[Any]) -> AsyncIterator[Stage]:
    async with acquiring as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(_GIVES_WAY)
        stage = Stage(connection)
        try:
            yield stage
        finally:
            if not is_gone(connection):
                await stage.undo(transaction)


class OnStage:
    """What a rehearsed call has in place of a connection of its own."""

    def __init__(self, stage: Stage, scope: Scope) -> None:
        self._stage = stage
        self._scope = scope

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await self._asked("execute", *args, **options)

    async def executemany(self, *args: Any, **options: Any) -> Any:
        return await self._asked("executemany", *args, **options)

    async def fetch(self, *args: Any, **options: Any) -> Any:
        return await self._asked("fetch", *args, **options)

    async def fetchrow(self, *args: Any, **options: Any) -> Any:
        return await self._asked("fetchrow", *args, **options)

    async def fetchval(self, *args: Any, **options: Any) -> Any:
        return await self._asked("fetchval", *args, **options)

    async def copy_records_to_table(self, *args: Any, **options: Any) -> Any:
        return await self._asked("copy_records_to_table", *args, **options)

    def cursor(self, *args: Any, **options: Any) -> Any:
        """As the connection's: it lives in a transaction of whoever opens it."""
        return self._stage.connection.cursor(*args, **options)

    @asynccontextmanager
    async def transaction(self, **_: object) -> AsyncIterator[None]:
        """A part of the rehearsal's, whatever it asks for: what that sees, nobody has changed."""
        async with self._stage.turn(self._scope):
            yield

    def is_in_transaction(self) -> bool:
        """Always: nothing of a rehearsal is on its own."""
        return True

    def is_closed(self) -> bool:
        return is_gone(self._stage.connection)

    async def _asked(self, what: str, *args: Any, **options: Any) -> Any:
        async with self._stage.turn(self._scope) as connection:
            return await getattr(connection, what)(*args, **options)
