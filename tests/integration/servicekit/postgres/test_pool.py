"""servicekit.postgres.pool against a real server."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry
from servicekit.errors import Unavailable
from servicekit.postgres import pool as postgres
from servicekit.postgres.errors import DatabaseBusy, DatabaseUnavailable
from servicekit.startup.pool_metrics import tell_pools
from servicekit.tasks import slow_answers


async def test_pool_looks_into_its_schema(database_url: str) -> None:
    """Names without a schema are those of the pool's schema."""
    async with postgres.connect_pool(database_url, "my schema") as pool:
        assert await pool.fetchval("SHOW search_path") == '"my schema"'
        assert await pool.fetchval("SHOW timezone") == "UTC"


async def test_statement_timeout_is_database_busy(database_url: str) -> None:
    """A statement that takes too long ends as an error of our tree."""
    # The client gives up half as much later; a busy machine must not make that come first.
    short = timedelta(seconds=1)
    async with postgres.connect_pool(database_url, "public", statement_timeout=short) as pool:
        with pytest.raises(DatabaseBusy):
            await pool.execute("SELECT pg_sleep(5)")


async def test_exhausted_pool_is_busy(database_url: str) -> None:
    """Nobody waits for a connection for ever, and a database that is there is not told as away."""
    async with (
        postgres.connect_pool(
            database_url, "public", max_size=1, acquire_timeout=timedelta(milliseconds=20)
        ) as pool,
        pool.acquire(),
    ):
        with pytest.raises(DatabaseBusy):
            await pool.fetchval("SELECT 1")


async def test_metrics_tell_what_is_used_and_who_waits(database_url: str) -> None:
    """Of each pool: its limit, what is lent and what is not, and how many wait."""
    registry = CollectorRegistry()

    def told(metric: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"postgres_pool_{metric}", {"pool": "service", **labels})

    async with postgres.connect_pool(database_url, "public", max_size=1) as pool:
        tell_pools(registry, service=pool, background=None)
        before = told("connections", state="idle"), told("connections", state="used")
        async with pool.acquire():
            waiting = asyncio.create_task(pool.fetchval("SELECT 1"))
            await asyncio.sleep(0)
            during = told("connections", state="used"), told("waiting")
        await waiting

        assert (before, during) == ((1, 0), (1, 1))
        assert (told("connections_limit"), told("waiting")) == (1, 0)


@pytest.mark.parametrize("how", ["execute", "fetchval", "acquire"])
async def test_who_waits_for_the_database_says_so(database_url: str, how: str) -> None:
    """Work that runs out of its time meanwhile was taken for a bug, or for nothing at all."""
    async with postgres.connect_pool(database_url, "public", max_size=1) as pool:

        async def wait() -> None:
            if how == "acquire":
                async with pool.acquire(), pool.acquire():
                    """There is only one."""
            else:
                await getattr(pool, how)("SELECT pg_sleep(30)")

        with slow_answers() as answers, pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(), 1.1)

    assert answers.waited > timedelta(seconds=1)


async def test_errors_of_statements_stay_the_drivers(database_url: str) -> None:
    """A constraint, a wrong argument and an error of ours are not taken for an outage."""
    async with postgres.connect_pool(database_url, "public") as pool:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pool.fetchval("SELECT 1/0")
        with pytest.raises(asyncpg.InterfaceError):
            await pool.fetchval("SELECT $1::int", 1, 2)
        with pytest.raises(ValueError, match="ours"):
            async with pool.acquire() as connection, connection.transaction():
                raise ValueError("ours")


async def test_pool_survives_a_restart_of_the_server(private_postgres_server: Any) -> None:
    """While the server is away calls are `Unavailable`; when it is back they work again."""
    server = private_postgres_server
    async with postgres.connect_pool(server.databases.url(), "public") as pool:
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1

        await asyncio.to_thread(server.stop)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await pool.fetchval("SELECT 1")

        await asyncio.to_thread(server.start)
        assert await pool.fetchval("SELECT 1") == 1


async def test_connection_lost_inside_a_transaction_is_unavailable(
    private_postgres_server: Any,
) -> None:
    """A server that goes in the middle of a transaction is an outage, not a bug."""
    server = private_postgres_server
    async with postgres.connect_pool(server.databases.url(), "public") as pool:

        async def lose() -> None:
            async with pool.acquire() as connection, connection.transaction():
                await asyncio.to_thread(server.stop)
                await connection.fetchval("SELECT 1")

        with pytest.raises(DatabaseUnavailable):
            await lose()


async def test_who_is_cancelled_ends_though_the_session_was_lost(database_url: str) -> None:
    """Undoing a transaction whose session is over fails; what is cancelled is cancelled all the
    same, else whoever tries again after an outage never ends."""
    lost = asyncio.Event()
    moment = timedelta(milliseconds=50)
    async with postgres.connect_pool(database_url, "public", idle_timeout=moment) as pool:

        async def stand_still() -> None:
            async with pool.acquire() as connection, connection.transaction():
                connection.add_termination_listener(lambda _: lost.set())
                await connection.fetchval("SELECT 1")
                await asyncio.Event().wait()

        standing = asyncio.create_task(stand_still())
        await lost.wait()
        standing.cancel()
        await asyncio.wait({standing})

    assert standing.cancelled()


async def test_pool_waits_for_a_server_that_is_not_there_yet(private_postgres_server: Any) -> None:
    """A service may start before its database."""
    server = private_postgres_server
    url = server.databases.url()
    await asyncio.to_thread(server.stop)

    async def ask() -> Any:
        async with postgres.connect_pool(url, "public") as pool:
            return await pool.fetchval("SELECT 1")

    asking = asyncio.create_task(ask())
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(10):
        assert await asking == 1


async def test_check_tells_an_outage_without_waiting(tmp_path: Any) -> None:
    """A readiness check of a database that is away fails as `DatabaseUnavailable`."""
    nowhere = f"postgresql://postgres:@/postgres?host={tmp_path}"
    async with postgres.connect_pool(nowhere, "public", wait=False) as pool:
        with pytest.raises(DatabaseUnavailable):
            await postgres.check(pool)
