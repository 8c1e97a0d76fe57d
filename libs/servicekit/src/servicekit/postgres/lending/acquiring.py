"""A connection of the pool for a block, and what its errors are to whoever used it."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from asyncpg.pool import PoolAcquireContext

from servicekit.postgres.connection import is_gone
from servicekit.postgres.errors import (
    AWAY,
    BUSY,
    DatabaseBusy,
    DatabaseUnavailable,
    SessionEnded,
    WritesRefused,
    unavailable,
)
from servicekit.postgres.lending.stage import OnStage, staged
from servicekit.postgres.scope import Scope
from servicekit.rehearsals.rehearsal import Rehearsal, current_rehearsal
from servicekit.tasks import answered_outside

if TYPE_CHECKING:
    # Generic to the type checker only.
    AcquireContext = PoolAcquireContext[asyncpg.Record]
else:
    AcquireContext = PoolAcquireContext


def acquired(pool: Any, timeout: float, scope: Scope) -> AcquireContext:
    """A connection, to a rehearsed call the one that all of it is played on."""
    acquiring = _Acquire(pool, timeout, scope)
    rehearsal = current_rehearsal()
    if rehearsal is None:
        return acquiring
    return cast("AcquireContext", _AcquireOnStage(rehearsal, acquiring, scope))


class _Acquire(AcquireContext):
    __slots__ = ("_scope",)

    def __init__(self, pool: Any, timeout: float, scope: Scope) -> None:
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
            _raise_translated(error, self.pool, ended=ended)


class _AcquireOnStage:
    """Gives nothing back: the connection stays the rehearsal's until that is over."""

    def __init__(self, rehearsal: Rehearsal, acquiring: _Acquire, scope: Scope) -> None:
        self._rehearsal = rehearsal
        self._acquiring = acquiring
        self._scope = scope
        self._lent: OnStage | None = None

    async def __aenter__(self) -> OnStage:
        acquiring = self._acquiring
        stage = await self._rehearsal.once(
            acquiring.pool, lambda: staged(acquiring, acquiring.pool)
        )
        self._lent = OnStage(stage, self._scope)
        return self._lent

    async def __aexit__(self, *exc: object) -> None:
        error = exc[1] if len(exc) > 1 else None
        if isinstance(error, BaseException):
            _raise_translated(error, self._acquiring.pool, ended=_ended_session(error, self._lent))


def _raise_translated(error: BaseException, pool: Any, *, ended: bool) -> None:
    """Raise what an error stands for to whoever used a connection; nothing if it says it itself."""
    if isinstance(error.__context__, asyncio.CancelledError):
        # What failed is only to undo what was begun: who is cancelled must not go on.
        raise asyncio.CancelledError from error
    translated = SessionEnded() if ended else unavailable(error)
    if isinstance(translated, WritesRefused):
        pool.last_refusal.error = translated
    if translated is not None:
        raise translated from error


def _all_taken(pool: Any) -> bool:
    """Whether every connection that there may be is somebody's now."""
    return bool(pool.get_size() == pool.get_max_size() and pool.get_idle_size() == 0)


def _ended_session(error: object, connection: Any) -> bool:
    """Whether the error of who used a connection is that its session is over."""
    if isinstance(error, asyncpg.IdleInTransactionSessionTimeoutError):
        return True
    # Using a connection that is gone is an InterfaceError, and so are wrong arguments.
    return isinstance(error, (*AWAY, asyncpg.InterfaceError)) and is_gone(connection)
