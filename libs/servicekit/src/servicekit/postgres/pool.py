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
from servicekit.postgres.connection import LentConnection, joined
from servicekit.postgres.errors import DatabaseUnavailable, LastRefusal
from servicekit.postgres.lending.acquiring import acquired
from servicekit.postgres.scope import NOBODYS, Across, Scope, current_scope
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
    staged: int = 0
    """How many connections are those of calls that only ask."""
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
        return acquired(pool, self.acquire_timeout if timeout is None else timeout, scope)

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
        return acquired(pool, pool.acquire_timeout if timeout is None else timeout, self._across)

    def across(self, why: str) -> Pool:
        return _Spanning(self._spanned, Across(why))


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
