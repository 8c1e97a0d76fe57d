"""Which of the driver's errors mean that the database is away or busy."""

import asyncpg

from servicekit.errors import Unavailable

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


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached for the moment."""

    reason = "DATABASE_UNAVAILABLE"


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
    if isinstance(error, AWAY):
        return DatabaseUnavailable(metadata=metadata)
    return None
