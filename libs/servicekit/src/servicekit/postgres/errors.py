"""Which of the driver's errors mean that the database is away or busy."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from servicekit.backoff import Backoff
from servicekit.errors import Unavailable
from servicekit.telemetry import logs

T = TypeVar("T")
_ATTEMPTS = 20
"""Some minute of waiting, beside what each takes: then it is for whoever began it to say so."""

log = logs.get_logger(__name__)

AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # No room on its disk, no memory, too many connections; and a disk that fails.
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    # The driver's own state, where a session was ended in the middle of an operation.
    asyncpg.InternalClientError,
    # Refused, reset, no such socket, no answer in time.
    OSError,
)
"""The database cannot be reached, or cannot do anything until somebody helps it."""
BUSY = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""The database gave this transaction up."""
_FULL = "The database refuses to write: its disk has no room left."
_READ_ONLY = "The database refuses to write: it is read-only for the moment."


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached for the moment."""

    reason = "DATABASE_UNAVAILABLE"


class WritesRefused(DatabaseUnavailable):
    """The database refuses to write, while it still answers whoever reads."""

    reason = "WRITES_REFUSED"


@dataclass
class LastRefusal:
    """The last refusal to write, until `WriteRefusals` finds that writes go again."""

    error: WritesRefused | None = None


class SessionEnded(DatabaseUnavailable):
    """The database ended a session, and undid what it had begun."""


class DatabaseBusy(Unavailable):
    """The database gave up this transaction in favour of others."""

    reason = "DATABASE_BUSY"


def unavailable(error: BaseException) -> Unavailable | None:
    """The error of our tree a driver's error stands for, if it is one of being away."""
    metadata = {"dependency": "postgres"}
    if isinstance(error, BUSY):
        return DatabaseBusy(metadata=metadata)
    if isinstance(error, asyncpg.DiskFullError):
        return WritesRefused(_FULL, metadata=metadata)
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return WritesRefused(_READ_ONLY, metadata=metadata)
    if isinstance(error, AWAY):
        return DatabaseUnavailable(metadata=metadata)
    return None


async def again_if_ended(transaction: Callable[[], Awaitable[T]]) -> T:
    """What a transaction answers; one whose session the database ended is made once more.

    A process that stood still for longer than its transactions may finds its session ended, and
    what it had begun undone: that is no outage. Raises what the second one raises.
    """
    try:
        return await transaction()
    except SessionEnded:
        return await transaction()


async def unless_given_up(attempt: Callable[[], Awaitable[T]]) -> T:
    """What an attempt comes to that the database does not give up in favour of others.

    For what goes through many rows beside those who write them: each attempt is a transaction or a
    statement, whole or nothing, and the next one begins after a while. Whatever else it raises is
    raised, and what the last of many attempts does.
    """
    backoff = Backoff()
    for number in range(1, _ATTEMPTS):
        try:
            return await attempt()
        except asyncpg.IdleInTransactionSessionTimeoutError:
            # With the session is gone what it had locked.
            raise
        except (*BUSY, DatabaseBusy) as error:
            log.warning("database_gave_up", attempt=number, error=repr(error))
            await backoff.wait()
    return await attempt()
