"""A connection that a pool lends: it tells the database whose rows are seen, while it is lent.

To a block it may be lent as a whole (`one_transaction`): then everything that its task asks of the
pool, whichever object asks, is one transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, assert_never

import asyncpg

from servicekit.postgres.codecs import Connection
from servicekit.postgres.companions import Companion, companion, companion_of
from servicekit.postgres.scope import SETTING, Across, Own, Scope
from servicekit.tasks import answered_outside
from servicekit.telemetry.traces import database_span

_FIRST_OTHER_TYPE = 16_384
"""PostgreSQL's own types have lower numbers, the same ones in every database of a version."""
_NOTHING_PREPARED = SimpleNamespace(name="nothing")
_own_types: dict[tuple[Any, frozenset[int]], Any] = {}


def is_gone(connection: Any) -> bool:
    """Whether a connection's session is over; one that the pool took back for that is, too."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


class LentConnection(Connection):
    """One of the pool; whoever has it sees rows of theirs, and none of who had it before.

    A transaction says so with its BEGIN, at no further round trip. What is outside of one says so
    before the first statement, unless the session says it already: what it says stays when the
    connection is given back, and whoever has it next says otherwise before anything else.

    What a task writes is accompanied, if it has a companion (see `companions`).
    """

    _organization_id = ""
    _comment = ""
    _carried: str | None = ""
    """What the session says; None while that is not known."""

    def lend(self, scope: Scope) -> None:
        """See these rows until it is given back."""
        match scope:
            case Own(organization_id):
                self._organization_id, self._comment = organization_id, ""
            case Across(why):
                self._organization_id, self._comment = "", f"/* {why} */ "
            case _:
                assert_never(scope)

    async def see(self, scope: Scope) -> None:
        """See these rows until the transaction that it is in ends, or this part of it."""
        self.lend(scope)
        await super().execute(f"SET LOCAL {self._saying}")

    async def _tell(self, query: str, *args: Any, **options: Any) -> str:
        """Execute; a transaction that begins says whose rows it sees."""
        if args or not self._unsaid:
            with answered_outside():
                return await super().execute(query, *args, **options)
        if query.startswith("BEGIN"):
            query = f"{query.removesuffix(';')}; SET LOCAL {self._saying}"
        else:
            await self._say()
        with answered_outside():
            return await super().execute(query, **options)

    async def _execute(self, query: Any, *args: Any, **options: Any) -> Any:
        if self._unsaid:
            await self._say()
        with database_span(query), answered_outside():
            return await super()._execute(  # type: ignore[misc]
                self._comment + query, *args, **options
            )

    async def _executemany(self, query: Any, *args: Any, **options: Any) -> Any:
        if self._unsaid:
            await self._say()
        with database_span(query), answered_outside():
            return await super()._executemany(  # type: ignore[misc]
                self._comment + query, *args, **options
            )

    @property
    def _unsaid(self) -> bool:
        """Whether whose rows are seen is still to be said."""
        return self._organization_id != self._carried and not self.is_in_transaction()

    async def _say(self) -> None:
        # Who is cancelled while it is said leaves a session of which nobody knows what it says.
        self._carried, wanted = None, self._organization_id
        await super().execute(f"SET {self._saying}")
        self._carried = wanted

    @property
    def _saying(self) -> str:
        quoted = self._organization_id.replace("'", "''")
        return f"{SETTING} = '{quoted}'"

    async def _introspect_types(
        self,
        typeoids: Iterable[int],
        timeout: float | None,  # noqa: ASYNC109 - as the driver has it
    ) -> tuple[Any, Any]:
        """What types are made of; of PostgreSQL's own, arrays mostly, a process asks once.

        The driver has every connection ask, by a statement that is dearer than most of those
        that it asks for.
        """
        wanted = frozenset(typeoids)
        if max(wanted) >= _FIRST_OTHER_TYPE:
            return await self._asked_for(wanted, timeout)
        key = self.get_server_version(), wanted
        if key in _own_types:
            return _own_types[key], _NOTHING_PREPARED
        _own_types[key], prepared = await self._asked_for(wanted, timeout)
        return _own_types[key], prepared

    async def _asked_for(self, types: frozenset[int], limit: float | None) -> tuple[Any, Any]:
        answer: tuple[Any, Any] = await super()._introspect_types(types, limit)  # type: ignore[misc]
        return answer

    async def reset(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as the driver has it
    ) -> None:
        self._organization_id = self._comment = ""
        if self.is_in_transaction():
            await super().reset(timeout=timeout)
        else:
            # The database is told nothing, which needs no limit of time.
            await self._reset()

    def get_reset_query(self) -> str:
        return ""

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        if query.startswith("COMMIT") and (found := companion()) is not None:
            return await self._commit(found, query, options)
        if (found := companion_of(query)) is None:
            return await self._tell(query, *args, **options)
        async with self._accompanied(found):
            return await self._tell(query, *args, **options)

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        if (found := companion_of(command)) is None:
            return await super().executemany(command, args, **options)
        async with self._accompanied(found):
            return await super().executemany(command, args, **options)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        if (found := companion_of(query)) is None:
            return await super().fetch(query, *args, **options)
        async with self._accompanied(found):
            return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        if (found := companion_of(query)) is None:
            return await super().fetchrow(query, *args, **options)
        async with self._accompanied(found):
            return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        if (found := companion_of(query)) is None:
            return await super().fetchval(query, *args, **options)
        async with self._accompanied(found):
            return await super().fetchval(query, *args, **options)

    @asynccontextmanager
    async def _accompanied(self, found: Companion) -> AsyncIterator[None]:
        """A transaction, this one or a new one, of which the companion knows."""
        if self.is_in_transaction():
            await found.before_write(self)
            yield
            return
        async with self.transaction():
            await found.before_write(self)
            yield

    async def _commit(self, found: Companion, query: str, options: dict[str, Any]) -> str:
        """Commit with what the companion adds; if it cannot, nothing is committed."""
        try:
            await found.before_commit(self)
        except BaseException:
            if not is_gone(self):
                await super().execute("ROLLBACK")
            raise
        for_good = False
        try:
            status: str = await super().execute(query, **options)
            # A transaction in which a statement has failed is answered with ROLLBACK.
            for_good = status == "COMMIT"
            return status
        finally:
            found.committed(self, for_good=for_good)


@dataclass(frozen=True)
class _Joint:
    """A connection in its transaction, and whose it is."""

    pool: Any
    connection: Any
    task: "asyncio.Task[Any] | None"


_joint: ContextVar[_Joint | None] = ContextVar("joint", default=None)


class Joined:
    """What acquiring a connection comes to in the block; it stays the block's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def __aenter__(self) -> Any:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        """It is given back at the end of the block."""


def joined(pool: Any) -> Joined | None:
    """The connection of this task's block on the pool; None where there is none.

    A task that was begun in the block is not in it: a connection does one thing at a time.
    """
    joint = _joint.get()
    if joint is None or joint.pool is not pool or joint.task is not asyncio.current_task():
        return None
    return Joined(joint.connection)


@asynccontextmanager
async def one_transaction(pool: Any) -> AsyncIterator[None]:
    """Have all that this task asks of the pool in the block happen, or nothing of it.

    A block within a block is part of it. Nothing else should be waited for in it: it holds a
    connection, and locks. Raises what the pool does.
    """
    if joined(pool) is not None:
        yield
        return
    async with pool.acquire() as connection, connection.transaction():
        token = _joint.set(_Joint(pool, connection, asyncio.current_task()))
        try:
            yield
        finally:
            _joint.reset(token)
