"""servicekit.postgres.connection: several objects, one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.pool import Pool, connect_pool


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(), "public", max_size=3) as pool:
        await pool.execute("CREATE TABLE things (thing text PRIMARY KEY)")
        yield pool


async def things(pool: Pool) -> list[str]:
    return [row["thing"] for row in await pool.fetch("SELECT thing FROM things ORDER BY thing")]


ADD = "INSERT INTO things VALUES ($1)"


async def test_all_of_it_or_nothing(pool: Pool) -> None:
    """Whatever asks for a connection in the block is undone with it, a transaction too."""
    with suppress(ZeroDivisionError):
        async with one_transaction(pool):
            await pool.execute(ADD, "one")
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(ADD, "two")
            assert await things(pool) == ["one", "two"]
            raise ZeroDivisionError

    assert await things(pool) == []
    async with one_transaction(pool), one_transaction(pool):
        await pool.execute(ADD, "three")
    assert await things(pool) == ["three"]


async def test_others_see_it_when_it_is_over(pool: Pool) -> None:
    """Another task has a connection of its own, also one that was begun in the block."""
    async with one_transaction(pool):
        await pool.execute(ADD, "one")
        seen = await asyncio.create_task(things(pool))

    assert seen == []
    assert await asyncio.create_task(things(pool)) == ["one"]


async def test_what_is_given_back_is_used_again(pool: Pool) -> None:
    """Blocks hold their connection no longer than they last."""

    async def add(thing: str) -> None:
        async with one_transaction(pool):
            await pool.execute(ADD, thing)

    await asyncio.gather(*(add(f"{n:02}") for n in range(20)))

    assert len(await things(pool)) == 20
