"""No list reads a whole table: every declared filter and order is walked along its index."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from campaigns.listings.campaigns import CAMPAIGN_CHANGES, CAMPAIGNS
from campaigns.listings.imports import IMPORT_LIST, IMPORTS_OF_LIST
from campaigns.listings.lead_lists import ENTRIES, LEAD_LIST_LIST
from campaigns.listings.leads import LEAD_CHANGES, LEADS
from servicekit.lists.changes import SETTLED
from servicekit.lists.schemas import ListSchema
from servicekit.postgres.pool import Pool, connect_apart, connect_pool

from tests.integration.campaigns.listings.large_lists import (
    CAMPAIGN_ROWS,
    ENTRY_ROWS,
    IMPORT_ROWS,
    LEAD_ROWS,
    LIST_ROWS,
    questions,
)
from tests.lists.plans import check_plans
from tests.servers.postgres import as_role

_ALL_SETTLED = f"SELECT coalesce(bool_and({SETTLED}), true) FROM campaigns"
MANY = 12_000
"""Rows of the list that is read; another of its organization has as many."""


@pytest.fixture
async def pool(schema: ListSchema, new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    """As the service reads: bound to the rows of one organization."""
    url = new_database(("campaign", "campaigns"))
    async with connect_pool(url, "campaign") as owner:
        await owner.execute(CAMPAIGN_ROWS, 2 * MANY if schema.table == "campaigns" else 4)
        await owner.execute(LEAD_ROWS, 2 * MANY if schema.table == "leads" else 4)
        await owner.execute(LIST_ROWS, 2 * MANY if schema.table == "lead_lists" else 4)
        await owner.execute(ENTRY_ROWS, 2 * MANY if schema.table == "lead_list_entries" else 4)
        await owner.execute(IMPORT_ROWS, 4 * MANY if schema.table == "lead_imports" else 4)
        await owner.execute("ANALYZE")
    roles = [as_role(url, f"campaign_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "campaign") as pool:
        # What other tests have open holds back what is followed, and nothing tells of its end.
        async with asyncio.timeout(60):
            while not await pool.across("a test waits").fetchval(_ALL_SETTLED):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        yield pool


@pytest.mark.lasts(seconds=20)
@pytest.mark.parametrize(
    "schema",
    [
        LEADS,
        CAMPAIGNS,
        IMPORT_LIST,
        IMPORTS_OF_LIST,
        LEAD_LIST_LIST,
        ENTRIES,
        LEAD_CHANGES,
        CAMPAIGN_CHANGES,
    ],
    ids=lambda schema: schema.name,
)
async def test_nothing_declared_scans(pool: Pool, schema: ListSchema) -> None:
    """In a list of 12,000 a page reads no more than 2,000 rows, and each by an index."""
    await check_plans(pool, questions(schema), of=schema.table)
