"""The tables have the columns that are said of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from linkedin_gateway.sign_in.sign_in_repository import SIGN_INS
from linkedin_gateway.storage.rows import ACCOUNTS, ACTIONS, PROFILES
from linkedin_gateway.storage.suppressions import SUPPRESSIONS
from servicekit.postgres import pool as postgres
from servicekit.postgres.columns import Table
from servicekit.postgres.pool import Pool

COLUMNS = """
SELECT a.attname AS name, replace(format_type(a.atttypid, NULL), 'timestamp with time zone',
                                  'timestamptz') AS type
  FROM pg_attribute a
 WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, "gateway", max_size=1) as pool:
        yield pool


async def columns(pool: Pool, table: str) -> dict[str, str]:
    return {row["name"]: row["type"] for row in await pool.fetch(COLUMNS, table)}


@pytest.mark.parametrize("table", ["actions", "archived_actions", "every_action"])
async def test_actions_have_no_other_columns(pool: Pool, table: str) -> None:
    """A column of actions is in the archive, in the view of both, and in the list of columns."""
    wanted = {column.name: column.type for column in ACTIONS.columns}
    # By which the list is followed.
    wanted |= {"changed_in": "bigint", "changed_at": "timestamptz"}

    assert await columns(pool, table) == wanted


async def test_actions_and_their_archive_are_alike(pool: Pool) -> None:
    """The view of both puts columns together by their order."""
    assert list(await columns(pool, "actions")) == list(await columns(pool, "archived_actions"))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("accounts", ACCOUNTS),
        ("profiles", PROFILES),
        ("suppressions", SUPPRESSIONS),
        ("sign_ins", SIGN_INS),
    ],
)
async def test_columns_are_there(pool: Pool, table: str, said: Table[Any]) -> None:
    """What is said of a table that has other columns beside is there, with its type."""
    there = await columns(pool, table)

    assert {column.name: there.get(column.name) for column in said.columns} == {
        column.name: column.type for column in said.columns
    }


async def test_what_is_told_is_compared_by_functions(pool: Pool) -> None:
    """PostgreSQL reads a trigger's condition anew for each statement, a function once.

    That of `actions` named fifteen columns and took a quarter of what it took to write a row.
    """
    conditions = await pool.fetch(
        "SELECT tgname FROM pg_trigger WHERE tgqual IS NOT NULL AND tgname ~ '_noted_as_changed$'"
    )

    assert [row["tgname"] for row in conditions] == []
