"""No list reads a whole table: every declared filter and order is walked along its index."""

from collections.abc import AsyncIterator

import pytest
from servicekit.postgres.pool import Pool, connect_apart, connect_pool

from tests.integration.linkedin_gateway.listings.large_lists import (
    NAMES,
    OPEN_MONTH,
    ROWS,
    questions,
    table_of,
)
from tests.lists.plans import check_plans
from tests.servers.postgres import as_role

MANY = 6_000
"""Rows of the list that is read; another organization has as many."""


@pytest.fixture
async def pool(name: str, gateway_url: str) -> AsyncIterator[Pool]:
    """As the service reads: bound to the rows of one organization, but for who sees all."""
    table = table_of(name)
    async with connect_pool(gateway_url, "gateway") as owner:
        await owner.execute(OPEN_MONTH)
        for each in [table, "archived_actions"] if table == "actions" else [table]:
            await owner.execute(ROWS[each], 2 * MANY)
        await owner.execute("ANALYZE")
        if name.startswith("everybody's"):
            yield owner
            return
    roles = [as_role(gateway_url, f"gateway_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "gateway") as pool:
        yield pool


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("name", NAMES)
async def test_nothing_declared_scans(pool: Pool, name: str) -> None:
    """In a list of 6,000, or twice that with an archive, a page reads 2,000 rows at most."""
    await check_plans(
        pool,
        questions(name),
        of=table_of(name),
        parts="archived_actions",
        more=["hold_audit_newest", "holds_in_force"],
    )
