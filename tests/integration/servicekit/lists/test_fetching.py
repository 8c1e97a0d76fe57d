"""A page is read of one state of its list."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from servicekit.lists import pages
from servicekit.lists.conditions import Parameters
from servicekit.lists.fetching import RowPage, fetch_page
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.pages import PageQuery, PageRequest, page_query
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.postgres.pool import Pool, connect_pool

SCHEMA = ListSchema(
    name="words",
    table="words",
    fields=[Field(name="word", column="word", type=FieldType.TEXT)],
    orders=[Order(name="id", keys=[Key(column="id", type=FieldType.INTEGER)], index="words_pkey")],
    default="id",
)
WANTED = 7
LOCK = 4711
WAITED_FOR = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TABLE words (id bigint PRIMARY KEY, word text NOT NULL)")
        await pool.execute(
            "INSERT INTO words SELECT n, CASE n WHEN $1 THEN 'wanted' ELSE 'other' END"
            " FROM generate_series(1, 12) AS n",
            WANTED,
        )
        yield pool


def _query(page: RowPage | None) -> PageQuery:
    request = PageRequest(
        ordering=SCHEMA.ordering(""),
        limit=10,
        expression=SCHEMA.filter("word = wanted"),
        after=page.next if page is not None else None,
    )
    return page_query(SCHEMA, "id", request, parameters=Parameters(), within="true")


async def test_rows_that_leave_while_a_page_is_read_hide_no_others(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it stopped looking is told by the state of the list in which it looked."""
    monkeypatch.setattr(pages, "EXAMINED", 5)
    query = _query(None)
    held_up = (
        f"SELECT id, page_key_0 FROM ({query.rows}) AS found"
        f" UNION ALL SELECT 0, 0 FROM pg_advisory_xact_lock_shared({LOCK}) AS held"
        " WHERE held IS NULL"
    )
    async with pool.acquire() as connection:
        await connection.execute(f"SELECT pg_advisory_lock({LOCK})")
        reading = asyncio.create_task(fetch_page(pool, replace(query, rows=held_up)))
        async with asyncio.timeout(10):
            while not await connection.fetchval(WAITED_FOR):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await connection.execute("DELETE FROM words WHERE id <= 3")
        await connection.execute(f"SELECT pg_advisory_unlock({LOCK})")

    page = await reading
    found = [row["id"] for row in page.rows]
    while page.next is not None:
        page = await fetch_page(pool, _query(page))
        found += [row["id"] for row in page.rows]

    assert found == [WANTED]
