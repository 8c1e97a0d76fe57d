"""servicekit.postgres.lending: what a rehearsed call asks is played whole, and never happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import asyncpg
import pytest
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.rehearsals.rehearsal import CannotBeRehearsed, rehearsed

ADD = "INSERT INTO things VALUES ($1)"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(), "public", max_size=2) as pool:
        await pool.execute("CREATE TABLE things (thing text PRIMARY KEY)")
        yield pool


async def things(pool: Pool) -> list[str]:
    return [row["thing"] for row in await pool.fetch("SELECT thing FROM things ORDER BY thing")]


async def test_what_is_rehearsed_is_seen_by_it_and_never_happens(pool: Pool) -> None:
    """By statements, by transactions, and by tasks that the call begins, all at once."""
    async with rehearsed():
        await pool.execute(ADD, "one")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(ADD, "two")
        async with one_transaction(pool):
            await pool.execute(ADD, "three")
        await asyncio.gather(*(pool.execute(ADD, name) for name in ("five", "four")))
        seen = await asyncio.gather(things(pool), things(pool), things(pool))

    assert seen == [["five", "four", "one", "three", "two"]] * 3
    assert await things(pool) == []


async def test_what_fails_is_undone_alone(pool: Pool) -> None:
    """As for the real call: one that goes on by another way after a refusal can."""
    async with rehearsed():
        await pool.execute(ADD, "one")
        with pytest.raises(asyncpg.UniqueViolationError):
            await pool.execute(ADD, "one")
        with suppress(ZeroDivisionError):
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(ADD, "two")
                raise ZeroDivisionError
        seen = await things(pool)

    assert seen == ["one"]


async def test_a_transaction_that_wants_more_is_a_part_of_it(pool: Pool) -> None:
    """A repeatable read within another transaction was refused by the driver."""
    async with rehearsed():
        await pool.execute(ADD, "one")
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            seen = [row["thing"] async for row in connection.cursor("SELECT thing FROM things")]

    assert seen == ["one"]


async def test_others_are_real_meanwhile(pool: Pool) -> None:
    """What is done beside it is done, and its connection is given back when it is over."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def rehearse() -> list[str]:
        async with rehearsed():
            await pool.execute(ADD, "never")
            begun.set()
            await go_on.wait()
            return await things(pool)

    rehearsal = asyncio.create_task(rehearse())
    await begun.wait()
    await pool.execute(ADD, "real")
    go_on.set()

    assert await rehearsal == ["never", "real"]
    assert await things(pool) == ["real"]
    assert pool.get_idle_size() == pool.get_size()


async def test_what_is_left_running_cannot_make_it_real(pool: Pool) -> None:
    """A task that outlives the call is refused a connection: it would do what was only asked."""
    over = asyncio.Event()

    async def later() -> None:
        await over.wait()
        await pool.execute(ADD, "late")

    async with rehearsed():
        left = asyncio.create_task(later())
    over.set()

    with pytest.raises(CannotBeRehearsed):
        await left
    assert await things(pool) == []


async def test_a_rehearsal_that_is_given_up_leaves_nothing(pool: Pool) -> None:
    """Its caller has gone while it asked; the connection is as good as new."""
    begun = asyncio.Event()

    async def rehearse() -> None:
        async with rehearsed():
            await pool.execute(ADD, "never")
            begun.set()
            await pool.fetchval("SELECT pg_sleep(60)")

    rehearsal = asyncio.create_task(rehearse())
    await begun.wait()
    rehearsal.cancel()
    await asyncio.gather(rehearsal, return_exceptions=True)

    await pool.execute(ADD, "real")
    assert await things(pool) == ["real"]


async def test_who_only_asks_gives_way(pool: Pool) -> None:
    """It holds what it has locked for long, and would be in a deadlock with who is real."""
    await pool.execute(ADD, "one")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM things")

        async with rehearsed():
            with pytest.raises(DatabaseBusy):
                await pool.execute("DELETE FROM things")

    assert await things(pool) == []


async def test_who_only_asks_leaves_connections_to_who_acts(pool: Pool) -> None:
    """Each keeps one while it waits for whatever it asks: all of them kept everybody out."""
    asks, may_end = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        async with rehearsed():
            await pool.execute(ADD, "asked")
            asks.set()
            await may_end.wait()

    first = asyncio.create_task(ask())
    await asks.wait()
    async with rehearsed():
        with pytest.raises(DatabaseBusy):
            await pool.execute(ADD, "two")
    await pool.execute(ADD, "real")
    may_end.set()
    await first
    async with rehearsed():
        await pool.execute(ADD, "later")

    assert await things(pool) == ["real"]
