"""A connection inside a transaction, as the repositories hand it to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from servicekit.postgres.columns import Row


class Connection(Protocol):
    """As much of asyncpg's connection as is used here."""

    async def execute(self, query: str, *args: Any) -> str: ...

    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None: ...

    async def fetch(self, query: str, *args: Any) -> Sequence[Row]: ...

    async def fetchrow(self, query: str, *args: Any) -> Row | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    def is_closed(self) -> bool: ...


class Session(Connection, Protocol):
    """One that is inside no transaction yet."""

    def transaction(self) -> AbstractAsyncContextManager[Any]: ...
