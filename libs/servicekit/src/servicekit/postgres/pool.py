"""PostgreSQL for the lifetime of a process: a pool that outlives the server's restarts.

The pool is asyncpg's, with two differences. Connections speak plain Python: `jsonb` is
dicts and lists, times are aware and in UTC (a naive one is refused). And when the
database is away, what is raised is `DatabaseUnavailable`, from the tree of `errors`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast

import asyncpg
from asyncpg.pool import PoolAcquireContext

from servicekit.backoff import Backoff
from servicekit.errors import Unavailable
from servicekit.telemetry import logs

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    _Pool = asyncpg.Pool[asyncpg.Record]
    _AcquireContext = PoolAcquireContext[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    _Pool = asyncpg.Pool
    _AcquireContext = PoolAcquireContext

log = logs.get_logger(__name__)

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INFINITY = 2**63 - 1
_JSONB_VERSION = b"\x01"

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    # Refused, reset, no such socket, no answer in time.
    OSError,
)
_BUSY = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached for the moment."""

    reason = "DATABASE_UNAVAILABLE"


class DatabaseBusy(Unavailable):
    """The database gave up this transaction in favour of others."""

    reason = "DATABASE_BUSY"


def unavailable(error: BaseException) -> Unavailable | None:
    """The error of our tree a driver's error stands for, if it is one of being away."""
    metadata = {"dependency": "postgres"}
    if isinstance(error, _BUSY):
        return DatabaseBusy(metadata=metadata)
    if isinstance(error, _AWAY):
        return DatabaseUnavailable(metadata=metadata)
    return None


class Pool(_Pool):
    """asyncpg's pool, whose connection errors are `DatabaseUnavailable`.

    A connection is waited for no longer than `acquire_timeout`.
    """

    acquire_timeout: float = 10.0

    def acquire(self, *, timeout: float | None = None) -> _AcquireContext:
        return _Acquire(self, self.acquire_timeout if timeout is None else timeout)


class _Connection(Connection):
    """One of the pool. Transactions alone change it, and end with it: nothing to reset."""

    def get_reset_query(self) -> str:
        return ""


class _Acquire(_AcquireContext):
    async def __aenter__(self) -> Any:
        try:
            return await super().__aenter__()
        except (*_AWAY, *_BUSY, asyncpg.InterfaceError) as error:
            # Here an InterfaceError is a pool that is closing or closed.
            raise unavailable(error) or DatabaseUnavailable() from error

    async def __aexit__(self, *exc: object) -> None:
        error = exc[1] if len(exc) > 1 else None
        # Using a connection that is gone is an InterfaceError, and so are wrong arguments.
        lost = isinstance(error, asyncpg.InterfaceError) and _closed(self.connection)
        try:
            await super().__aexit__(*exc)
        except (*_AWAY, asyncpg.InterfaceError) as failure:
            # The first error tells more than what releasing a lost connection says.
            if error is None:
                raise DatabaseUnavailable from failure
        if isinstance(error, BaseException):
            translated = DatabaseUnavailable() if lost else unavailable(error)
            if translated is not None:
                raise translated from error


def _closed(connection: Any) -> bool:
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
    acquire_timeout: timedelta = timedelta(seconds=10),
    wait: bool = True,
) -> AsyncIterator[Pool]:
    """A pool whose connections look into `schema`.

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
            "statement_timeout": _milliseconds(statement_timeout),
            "idle_in_transaction_session_timeout": _milliseconds(statement_timeout * 2),
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
        init=_speak_python,
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


async def _speak_python(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: _JSONB_VERSION + _to_json(value),
        decoder=lambda data: json.loads(data[1:]),
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=_to_json, decoder=json.loads
    )
    await connection.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=_to_timestamp,
        decoder=_from_timestamp,
    )


def _to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _to_timestamp(value: datetime) -> tuple[int]:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return ((value - _POSTGRES_EPOCH) // _MICROSECOND,)


def _from_timestamp(value: tuple[int]) -> datetime:
    (microseconds,) = value
    if microseconds >= _INFINITY:
        return datetime.max.replace(tzinfo=UTC)
    if microseconds <= -_INFINITY:
        return datetime.min.replace(tzinfo=UTC)
    return _POSTGRES_EPOCH + timedelta(microseconds=microseconds)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _milliseconds(duration: timedelta) -> str:
    return str(round(duration.total_seconds() * 1000))


@dataclass(frozen=True)
class Notification:
    """One NOTIFY, or the news that some may have been missed."""

    channel: str
    payload: str
    missed: bool = False
    """Set after each (re)connection: what was sent before it was not heard."""


class Listener:
    """LISTEN on channels, for ever: it reconnects by itself.

    Iterate it. The first thing heard, and the first after each lost connection, is a
    `Notification` with `missed` set for every channel: read again what it stands for.
    """

    def __init__(self, dsn: str, *channels: str, application: str = "listener") -> None:
        self._dsn = dsn
        self._channels = channels
        self._application = application
        self._heard: asyncio.Queue[Notification] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification:
        return await self._heard.get()

    async def _listen(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._until_lost(backoff.reset)
            except (*_AWAY, *_BUSY, asyncpg.InterfaceError) as error:
                log.warning("listener_disconnected", channels=self._channels, error=repr(error))
            await backoff.wait()

    async def _until_lost(self, connected: Callable[[], None]) -> None:
        connection: Connection = await asyncpg.connect(
            self._dsn,
            timeout=10,
            server_settings={
                "application_name": self._application,
                # A peer that vanished without a word is noticed within a minute.
                "tcp_keepalives_idle": "30",
                "tcp_keepalives_interval": "10",
                "tcp_keepalives_count": "3",
            },
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._hear)
            connected()
            for channel in self._channels:
                self._heard.put_nowait(Notification(channel, "", missed=True))
            await self._until_silent(connection, lost)
        finally:
            connection.terminate()

    @staticmethod
    async def _until_silent(connection: Connection, lost: asyncio.Event) -> None:
        """Return when the connection is lost, or raise when it no longer answers."""
        while not lost.is_set():
            try:
                async with asyncio.timeout(30):
                    await lost.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=10)

    def _hear(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._heard.put_nowait(Notification(channel, cast("str", payload)))
