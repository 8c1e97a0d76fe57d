"""servicekit.postgres.codecs on connections to a real server."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import asyncpg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.codecs import encoded_json


@pytest.mark.parametrize(
    "value", [{"a": [1, None, "ö"]}, [1, 2], {}, [], "text", "", 3, 0, None, True, False]
)
async def test_json_round_trips(database_url: str, value: Any) -> None:
    """What is stored as jsonb or json is read as the same Python value, in arrays too."""
    async with postgres.connect_pool(database_url, "public") as pool:
        for kind in ("jsonb", "json"):
            assert await pool.fetchval(f"SELECT $1::{kind}", value) == value
        # asyncpg takes a list in an array for one more dimension.
        wrapped = [{"value": value}, None]
        assert await pool.fetchval("SELECT $1::jsonb[]", wrapped) == wrapped


async def test_json_that_is_written_already_is_json(database_url: str) -> None:
    """What many rows have alike is written once, and read as what it was made of."""
    async with postgres.connect_pool(database_url, "public") as pool:
        for value in ({"motto": "", "ö": ""}, {}, []):
            assert await pool.fetchval("SELECT $1::jsonb", encoded_json(value)) == value


async def test_times_are_aware_and_exact(database_url: str) -> None:
    """A time of any zone comes back as the same instant in UTC, to the microsecond."""
    berlin = timezone(timedelta(hours=2))
    instant = datetime(1999, 7, 1, 12, 0, 0, 123457, tzinfo=berlin)

    async with postgres.connect_pool(database_url, "public") as pool:
        row = await pool.fetchrow(
            "SELECT $1::timestamptz, $2::timestamptz[], $1::timestamptz::text", instant, [instant]
        )
    assert row is not None
    read, listed, written = row

    assert read == instant
    assert read.tzinfo is UTC
    assert listed == [instant]
    assert written == "1999-07-01 10:00:00.123457+00"


async def test_infinite_times_are_readable(database_url: str) -> None:
    """PostgreSQL's infinities are the last and the first time there is."""
    async with postgres.connect_pool(database_url, "public") as pool:
        latest = await pool.fetchval("SELECT 'infinity'::timestamptz")
        earliest = await pool.fetchval("SELECT '-infinity'::timestamptz")

    assert (earliest, latest) == (
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    )


async def test_naive_times_are_refused(database_url: str) -> None:
    """A time without a zone is a bug, not the server's local time."""
    async with postgres.connect_pool(database_url, "public") as pool:
        with pytest.raises(asyncpg.DataError):
            await pool.fetchval("SELECT $1::timestamptz", datetime(2026, 1, 1))  # noqa: DTZ001


async def asked_and_read(database_url: str, query: str) -> tuple[int, Any]:
    """How often a new connection asks what types are made of, and what is read."""
    queries: list[str] = []
    async with postgres.connect_pool(database_url, "public") as pool, pool.acquire() as connection:
        connection.add_query_logger(lambda record: queries.append(record.query))
        read = await connection.fetchval(query)
    return sum("typeinfo_tree" in query for query in queries), read


async def test_what_own_types_are_made_of_is_asked_once(database_url: str) -> None:
    """Each connection asked anew, for more than its first statements cost."""
    query = "SELECT ARRAY['1999-07-01T10:00Z'::timestamptz, NULL]"
    await asked_and_read(database_url, query)

    asked, read = await asked_and_read(database_url, query)

    assert asked == 0
    assert read == [datetime(1999, 7, 1, 10, tzinfo=UTC), None]


async def test_what_a_databases_types_are_made_of_is_asked_each_time(database_url: str) -> None:
    """The same number is another type in another database."""
    async with postgres.connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TYPE colour AS ENUM ('red', 'blue')")
    query = "SELECT ARRAY['red', 'blue']::colour[]"

    assert [await asked_and_read(database_url, query) for _ in range(2)] == [
        (1, ["red", "blue"])
    ] * 2
