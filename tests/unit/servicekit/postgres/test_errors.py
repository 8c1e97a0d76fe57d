"""Which of the driver's errors mean that the database is away, and pass without blame."""

import asyncpg
import pytest
from servicekit.postgres.errors import DatabaseBusy, DatabaseUnavailable, WritesRefused, unavailable


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError("could not extend file: No space left on device"),
        asyncpg.OutOfMemoryError("out of memory"),
        asyncpg.TooManyConnectionsError("too many clients already"),
        asyncpg.PostgresSystemError("could not write block"),
        asyncpg.PostgresIOError("could not fsync file"),
        asyncpg.ConnectionDoesNotExistError("connection was closed"),
        asyncpg.InternalClientError("another operation is in progress"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
def test_the_server_cannot(error: BaseException) -> None:
    """A server that is away, or has no room left, is waited for; it is no fault of a request."""
    assert isinstance(unavailable(error), DatabaseUnavailable)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (asyncpg.DiskFullError("could not extend file"), "its disk has no room left"),
        (asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"), "it is read-only"),
    ],
)
def test_it_refuses_to_write(error: BaseException, why: str) -> None:
    """It is there, and says by a reason of its own that it cannot do this part of its work."""
    refused = unavailable(error)

    assert isinstance(refused, WritesRefused)
    assert refused.reason == "WRITES_REFUSED"
    assert why in refused.message


def test_given_up_for_others() -> None:
    """A transaction that gave way is tried again."""
    assert isinstance(unavailable(asyncpg.DeadlockDetectedError("deadlock")), DatabaseBusy)


@pytest.mark.parametrize(
    "error", [asyncpg.UniqueViolationError("twice"), asyncpg.UndefinedColumnError("no"), KeyError()]
)
def test_a_fault_of_ours(error: BaseException) -> None:
    """What trying again cannot mend is not told as the database being away."""
    assert unavailable(error) is None
