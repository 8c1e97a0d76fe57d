"""servicekit.postgres.codecs on connections to a real server."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import asyncpg
import pytest
from servicekit.postgres import pool as postgres


@pytest.mark.parametrize("value", [{"a": [1, None, "ö"]}, [1, 2], "text", 3, None, True])
async def test_json_round_trips(database_url: str, value: Any) -> None:
    """What is stored as jsonb or json is read as the same Python value, in arrays too."""
    async with postgres.connect_pool(database_url, "public") as pool:
        for kind in ("jsonb", "json"):
            assert await pool.fetchval(f"SELECT $1::{kind}", value) == value
        # asyncpg takes a list in an array for one more dimension.
        wrapped = [{"value": value}, None]
        assert await pool.fetchval("SELECT $1::jsonb[]", wrapped) == wrapped


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
