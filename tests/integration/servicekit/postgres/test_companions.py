"""What a companion writes is committed with the first thing that its task writes, or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.companions import accompanied_by, note_created


class Note:
    """Writes one row of its own."""

    def __init__(self, *, fails: bool = False) -> None:
        self.wanted = True
        self.befores = 0
        self.stands: list[bool] = []
        self.made: list[tuple[str, str]] = []
        self._fails = fails

    async def before_write(self, _connection: Any) -> None:
        self.befores += 1

    async def before_commit(self, connection: Any) -> None:
        self.wanted = False
        if self._fails:
            raise ValueError("cannot be noted")
        status = await connection.execute(
            "INSERT INTO notes SELECT 'noted' WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
        )
        self.wanted = status == "INSERT 0 0"

    def created(self, noun: str, new_id: str) -> None:
        self.made.append((noun, new_id))

    def committed(self, _connection: Any, *, for_good: bool) -> None:
        self.stands.append(for_good)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[postgres.Pool]:
    async with postgres.connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TABLE things (id integer PRIMARY KEY)")
        await pool.execute("CREATE TABLE notes (note text)")
        yield pool


async def notes(pool: postgres.Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM notes")
    return count


INSERT = "INSERT INTO things VALUES ($1) RETURNING id"


async def one_fetchval(pool: postgres.Pool) -> None:
    await pool.fetchval(INSERT, 1)


async def one_execute(pool: postgres.Pool) -> None:
    await pool.execute("INSERT INTO things VALUES (1)")


async def many(pool: postgres.Pool) -> None:
    await pool.executemany("INSERT INTO things VALUES ($1)", [(1,), (2,)])


async def a_transaction(pool: postgres.Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT 1")
        async with connection.transaction():
            await connection.fetchrow(INSERT, 1)


async def by_hand(pool: postgres.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("BEGIN; SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute("INSERT INTO things VALUES (1)")
        await connection.execute("COMMIT")


@pytest.mark.parametrize("write", [one_fetchval, one_execute, many, a_transaction, by_hand])
async def test_it_comes_with_whatever_writes(pool: postgres.Pool, write: Any) -> None:
    """A statement alone, a transaction, or one that somebody spells himself; once."""
    note = Note()

    async def task() -> None:
        accompanied_by(note)
        await write(pool)
        await pool.execute("INSERT INTO things VALUES (7)")

    await asyncio.create_task(task())

    assert await notes(pool) == 1
    assert (note.befores >= 1, note.stands) == (True, [True])


async def test_what_only_reads_or_changes_nothing_is_left_alone(pool: postgres.Pool) -> None:
    """The next transaction of the task, which writes, has it."""
    note = Note()

    async def task() -> None:
        accompanied_by(note)
        await pool.fetch("SELECT id FROM things FOR UPDATE")
        await pool.execute("DELETE FROM things WHERE id = 5")
        assert await notes(pool) == 0
        await pool.execute("INSERT INTO things VALUES (1)")

    await asyncio.create_task(task())
    assert await notes(pool) == 1


async def test_what_is_undone_takes_it_along(pool: postgres.Pool) -> None:
    """A transaction that fails leaves neither of the two."""
    await pool.execute("INSERT INTO things VALUES (1)")

    async def task() -> None:
        accompanied_by(Note())
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO things VALUES (2)")
            await connection.execute("INSERT INTO things VALUES (1)")

    with pytest.raises(asyncpg.UniqueViolationError):
        await asyncio.create_task(task())
    assert await notes(pool) == 0
    assert await pool.fetchval("SELECT count(*) FROM things") == 1


async def test_what_cannot_be_noted_is_undone(pool: postgres.Pool) -> None:
    """A companion that fails fails the transaction; the connection is fit for the next."""

    async def task() -> None:
        accompanied_by(Note(fails=True))
        await pool.execute("INSERT INTO things VALUES (1)")

    with pytest.raises(ValueError, match="cannot be noted"):
        await asyncio.create_task(task())
    assert await pool.fetchval("SELECT count(*) FROM things") == 0


async def test_what_is_made_is_told_to_the_companion(pool: postgres.Pool) -> None:
    """Without one nothing is told to anybody."""
    note = Note()

    async def task() -> None:
        note_created("thing_id", "thing_0")
        accompanied_by(note)
        note_created("thing_id", "thing_1")

    await asyncio.create_task(task())
    assert note.made == [("thing_id", "thing_1")]
    assert await notes(pool) == 0


@pytest.mark.parametrize("write", [one_execute, a_transaction])
async def test_whenever_it_is_cancelled_nothing_stands_alone(
    pool: postgres.Pool, write: Any
) -> None:
    """At whatever moment its caller is gone, what was written and what comes with it are alike."""
    alone = []
    ends = Counter[str]()
    for moments in range(60):
        await pool.execute("DELETE FROM things; DELETE FROM notes")

        async def task() -> None:
            accompanied_by(Note())
            await write(pool)

        writing = asyncio.create_task(task())
        for _ in range(moments):
            await asyncio.sleep(0)
        writing.cancel()
        (ended,) = await asyncio.gather(writing, return_exceptions=True)
        ends["written" if ended is None else type(ended).__name__] += 1
        written = await pool.fetchval("SELECT count(*) FROM things")
        if written != await notes(pool):
            alone.append((moments, written))

    assert alone == []
    assert ends["CancelledError"] > 1
