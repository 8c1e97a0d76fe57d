"""PostgreSQL for the lifetime of a process: a pool that outlives the server's restarts.

The pool is asyncpg's, with two differences. Connections speak plain Python (see `codecs`).
And when the database is away, what is raised is `DatabaseUnavailable` (see `errors`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from asyncpg.pool import PoolAcquireContext

from servicekit.backoff import Backoff
from servicekit.postgres.codecs import Connection, register_codecs
from servicekit.postgres.companions import Companion, companion, companion_of
from servicekit.postgres.errors import (
    AWAY,
    BUSY,
    DatabaseBusy,
    DatabaseUnavailable,
    SessionEnded,
    unavailable,
)
from servicekit.telemetry import logs

if TYPE_CHECKING:
    # Generic to the type checker only.
    _Pool = asyncpg.Pool[asyncpg.Record]
    _AcquireContext = PoolAcquireContext[asyncpg.Record]
else:
    _Pool = asyncpg.Pool
    _AcquireContext = PoolAcquireContext

log = logs.get_logger(__name__)

T = TypeVar("T")


class Pool(_Pool):
    """asyncpg's pool, whose connection errors are `DatabaseUnavailable`.

    A connection is waited for no longer than `acquire_timeout`. One that is lost while it is
    used is `SessionEnded`.
    """

    acquire_timeout: float = 10.0

    def acquire(self, *, timeout: float | None = None) -> _AcquireContext:
        return _Acquire(self, self.acquire_timeout if timeout is None else timeout)


class _Connection(Connection):
    """One of the pool. Transactions alone change it, and end with it: nothing to reset.

    What a task writes is accompanied, if it has a companion (see `companions`).
    """

    def get_reset_query(self) -> str:
        return ""

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        if query.startswith("COMMIT") and (found := companion()) is not None:
            return await self._commit(found, query, options)
        if (found := companion_of(query)) is None:
            return await super().execute(query, *args, **options)
        async with self._accompanied(found):
            return await super().execute(query, *args, **options)

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


class _Acquire(_AcquireContext):
    async def __aenter__(self) -> Any:
        try:
            return await super().__aenter__()
        except (*AWAY, *BUSY, asyncpg.InterfaceError) as error:
            if isinstance(error, TimeoutError) and _all_taken(self.pool):
                raise DatabaseBusy(metadata={"dependency": "postgres"}) from error
            # Here an InterfaceError is a pool that is closing or closed.
            raise unavailable(error) or DatabaseUnavailable() from error

    async def __aexit__(self, *exc: object) -> None:
        error = exc[1] if len(exc) > 1 else None
        ended = _ended_session(error, self.connection)
        try:
            await super().__aexit__(*exc)
        except (*AWAY, asyncpg.InterfaceError) as failure:
            # The first error tells more than what releasing a lost connection says.
            if error is None:
                raise DatabaseUnavailable from failure
        if isinstance(error, BaseException):
            if isinstance(error.__context__, asyncio.CancelledError):
                # What failed is only to undo what was begun: who is cancelled must not go on.
                raise asyncio.CancelledError from error
            translated = SessionEnded() if ended else unavailable(error)
            if translated is not None:
                raise translated from error


def _all_taken(pool: _Pool) -> bool:
    """Whether every connection that there may be is somebody's now."""
    return pool.get_size() == pool.get_max_size() and pool.get_idle_size() == 0


def _ended_session(error: object, connection: Any) -> bool:
    """Whether the error of who used a connection is that its session is over."""
    if isinstance(error, asyncpg.IdleInTransactionSessionTimeoutError):
        return True
    # Using a connection that is gone is an InterfaceError, and so are wrong arguments.
    return isinstance(error, (*AWAY, asyncpg.InterfaceError)) and is_gone(connection)


async def again_if_ended(transaction: Callable[[], Awaitable[T]]) -> T:
    """What a transaction answers; one whose session the database ended is made once more.

    A process that stood still for longer than its transactions may finds its session ended, and
    what it had begun undone: that is no outage. Raises what the second one raises.
    """
    try:
        return await transaction()
    except SessionEnded:
        return await transaction()


def is_gone(connection: Any) -> bool:
    """Whether a connection's session is over; one that the pool took back for that is, too."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


@asynccontextmanager
async def connect_pool(
    dsn: str,
    schema: str,
    *,
    application: str = "",
    min_size: int = 1,
    max_size: int = 10,
    statement_timeout: timedelta = timedelta(seconds=30),
    idle_timeout: timedelta = timedelta(seconds=60),
    acquire_timeout: timedelta = timedelta(seconds=10),
    wait: bool = True,
) -> AsyncIterator[Pool]:
    """A pool whose connections look into `schema`.

    A transaction in which nothing is said for `idle_timeout` is ended, with the locks it has.
    Waits until the database answers, for ever; with `wait=False` it connects on first use.
    The pool recovers by itself when the server goes and comes back.
    """
    pool = _pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        settings={
            "search_path": _identifier(schema),
            "application_name": application or schema,
            "timezone": "UTC",
            "statement_timeout": milliseconds(statement_timeout),
            "idle_in_transaction_session_timeout": milliseconds(idle_timeout),
        },
        # The client's own limit is for a server that no longer answers at all.
        command_timeout=statement_timeout.total_seconds() * 1.5,
    )
    pool.acquire_timeout = acquire_timeout.total_seconds()
    # With no minimum yet, this opens no connection.
    await pool
    try:
        if wait:
            await until_reachable(pool)
        yield pool
    finally:
        await _close(pool)


def _pool(
    dsn: str, *, min_size: int, max_size: int, settings: dict[str, str], command_timeout: float
) -> Pool:
    return Pool(
        dsn,
        init_size=0,
        min_size=0,
        max_size=max_size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0 if min_size < max_size else 0.0,
        init=register_codecs,
        loop=None,
        connection_class=_Connection,
        record_class=asyncpg.Record,
        server_settings=settings,
        timeout=10.0,
        command_timeout=command_timeout,
    )


async def _close(pool: Pool) -> None:
    try:
        async with asyncio.timeout(10):
            await pool.close()
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


async def until_reachable(pool: Pool) -> None:
    """Return once the database answers; log each time it does not."""
    backoff = Backoff()
    while True:
        try:
            await check(pool)
        except DatabaseUnavailable as error:
            log.warning("postgres_unreachable", error=repr(error.__cause__))
            await backoff.wait()
        else:
            return


async def check(pool: Pool) -> None:
    """Ask the database for an answer; for readiness."""
    await pool.fetchval("SELECT 1", timeout=5)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def milliseconds(duration: timedelta) -> str:
    """A duration as PostgreSQL's settings take it."""
    return str(round(duration.total_seconds() * 1000))
