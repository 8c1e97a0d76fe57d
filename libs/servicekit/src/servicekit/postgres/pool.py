"""PostgreSQL for the lifetime of a process: a pool that outlives the server's restarts.

The pool is asyncpg's, with three differences. Connections speak plain Python (see `codecs`).
When the database is away, what is raised is `DatabaseUnavailable` (see `errors`). And a pool that
keeps organizations apart tells the database, here alone, whose rows a task may see (see `scope`):
one organization's by the service's role, everybody's by the role of the background.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from asyncpg.pool import PoolAcquireContext

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.credentials.tls import UrlFiles
from servicekit.postgres.codecs import register_codecs
from servicekit.postgres.connection import LentConnection, is_gone, joined
from servicekit.postgres.errors import (
    AWAY,
    BUSY,
    DatabaseBusy,
    DatabaseUnavailable,
    LastRefusal,
    SessionEnded,
    WritesRefused,
    unavailable,
)
from servicekit.postgres.scope import NOBODYS, Across, Scope, current_scope
from servicekit.tasks import answered_outside
from servicekit.telemetry import logs

if TYPE_CHECKING:
    # Generic to the type checker only.
    _Pool = asyncpg.Pool[asyncpg.Record]
    _AcquireContext = PoolAcquireContext[asyncpg.Record]
else:
    _Pool = asyncpg.Pool
    _AcquireContext = PoolAcquireContext

log = logs.get_logger(__name__)


class Pool(_Pool):
    """asyncpg's pool, whose connection errors are `DatabaseUnavailable`.

    A connection is waited for no longer than `acquire_timeout`. One that is lost while it is
    used is `SessionEnded`.
    """

    acquire_timeout: float = 10.0
    background: "Pool | None" = None
    """Connections of the role that sees all rows; None if this pool keeps nobody apart."""
    last_refusal: LastRefusal
    url: Secret
    """How the database is reached."""
    waiting: int = 0
    """How many wait for a connection now."""
    connected_by: str = ""
    """How it was when this was looked at last."""

    async def renew(self) -> None:
        """Use no connection any more that was made by another URL than it is now."""
        self.connected_by = self.url.get()
        await self.expire_connections()

    def acquire(self, *, timeout: float | None = None) -> _AcquireContext:
        if (of_block := joined(self)) is not None:
            return cast("_AcquireContext", of_block)
        pool = self
        scope: Scope = NOBODYS
        if self.background is not None:
            scope = current_scope()
            if isinstance(scope, Across):
                pool = self.background
        return _Acquire(pool, self.acquire_timeout if timeout is None else timeout, scope)

    def across(self, why: str) -> "Pool":
        """The same tables for what is no one organization's; `why` is said with each statement."""
        return _Spanning(self if self.background is None else self.background, Across(why))


class _Spanning(Pool):
    """A view of a pool for work that sees the rows of every organization."""

    def __init__(self, pool: Pool, scope: Across) -> None:
        self._spanned, self._across = pool, scope
        self.last_refusal = pool.last_refusal

    def acquire(self, *, timeout: float | None = None) -> _AcquireContext:
        if (of_block := joined(self)) is not None:
            return cast("_AcquireContext", of_block)
        pool = self._spanned
        return _Acquire(pool, pool.acquire_timeout if timeout is None else timeout, self._across)

    def across(self, why: str) -> Pool:
        return _Spanning(self._spanned, Across(why))


class _Acquire(_AcquireContext):
    __slots__ = ("_scope",)

    def __init__(self, pool: _Pool, timeout: float, scope: Scope) -> None:
        super().__init__(pool, timeout)
        self._scope = scope

    async def __aenter__(self) -> Any:
        connection = await self._lent()
        connection._con.lend(self._scope)  # noqa: SLF001 - what a proxy stands for
        return connection

    async def _lent(self) -> Any:
        pool: Any = self.pool
        if pool.url.get() != pool.connected_by:
            await pool.renew()
        pool.waiting += 1
        try:
            with answered_outside():
                return await super().__aenter__()
        except (*AWAY, *BUSY, asyncpg.InterfaceError) as error:
            if isinstance(error, TimeoutError) and _all_taken(self.pool):
                raise DatabaseBusy(metadata={"dependency": "postgres"}) from error
            # Here an InterfaceError is a pool that is closing or closed.
            raise unavailable(error) or DatabaseUnavailable() from error
        finally:
            pool.waiting -= 1

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
            if isinstance(translated, WritesRefused) and isinstance(self.pool, Pool):
                self.pool.last_refusal.error = translated
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


@asynccontextmanager
async def connect_apart(
    dsn: str | Secret,
    background_dsn: str | Secret,
    schema: str,
    *,
    wait: bool = True,
    **options: Any,
) -> AsyncIterator[Pool]:
    """A pool that keeps organizations apart; the options are those of `connect_pool`.

    What spans organizations goes by connections of its own, to `background_dsn`.
    """
    async with (
        connect_pool(background_dsn, schema, wait=wait, **options) as background,
        connect_pool(dsn, schema, wait=wait, **options) as pool,
    ):
        pool.background = background
        yield pool


@asynccontextmanager
async def connect_pool(
    dsn: str | Secret,
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

    What is written is accompanied where a task has a companion (see `companions`).

    A secret that changes is how connections are made from then on; those of before are closed as
    they are given back. A transaction in which nothing is said for `idle_timeout` is ended, with
    the locks it has.
    Waits until the database answers, for ever; with `wait=False` it connects on first use.
    The pool recovers by itself when the server goes and comes back.
    """
    pool = _pool(
        Secret.of(dsn) if isinstance(dsn, str) else dsn,
        min_size=min_size,
        max_size=max_size,
        settings={
            "search_path": '"' + schema.replace('"', '""') + '"',
            "application_name": application or schema,
            "timezone": "UTC",
            "statement_timeout": milliseconds(statement_timeout),
            "idle_in_transaction_session_timeout": milliseconds(idle_timeout),
        },
        # The client's own limit is for a server that no longer answers at all.
        command_timeout=statement_timeout.total_seconds() * 1.5,
    )
    pool.acquire_timeout = acquire_timeout.total_seconds()
    pool.last_refusal = LastRefusal()
    await pool  # With no minimum yet, this opens no connection.
    try:
        if wait:
            await until_reachable(pool)
        yield pool
    finally:
        await _close(pool)


def _pool(
    url: Secret,
    *,
    min_size: int,
    max_size: int,
    settings: dict[str, str],
    command_timeout: float,
) -> Pool:
    files = UrlFiles()

    async def by_url(**options: Any) -> Any:
        now = url.get()
        return await asyncpg.connect(now, ssl=files.context(now), **options)

    connect: Any = by_url
    pool = Pool(
        connect=connect,
        init_size=0,
        min_size=0,
        max_size=max_size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0 if min_size < max_size else 0.0,
        init=register_codecs,
        loop=None,
        connection_class=LentConnection,
        record_class=asyncpg.Record,
        server_settings=settings,
        timeout=10.0,
        command_timeout=command_timeout,
    )
    pool.url, pool.connected_by = url, url.get()
    return pool


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


def milliseconds(duration: timedelta) -> str:
    """A duration as PostgreSQL's settings take it."""
    return str(round(duration.total_seconds() * 1000))
