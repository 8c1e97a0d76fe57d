"""What a page of leads takes next to a bare SELECT by primary key, on a million by `make lists`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from campaigns.listings.leads import LEADS
from campaigns.repositories.rows import LEAD_COLUMNS
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from servicekit.postgres.scope import acting_for

from tests.integration.campaigns.listings.large_lists import CAMPAIGN_ROWS, LEAD_ROWS, questions
from tests.lists.speed import ROWS, check_speed
from tests.servers.postgres import as_role

BARE = f"SELECT {LEAD_COLUMNS} FROM leads WHERE id = $1"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> Any:
    url = new_database(("campaign", "campaigns"))
    patient = timedelta(minutes=30)
    async with connect_pool(url, "campaign", statement_timeout=patient) as owner:
        await owner.execute(CAMPAIGN_ROWS, 4)
        await owner.execute(LEAD_ROWS, 2 * ROWS)
        await owner.execute("VACUUM ANALYZE leads")
    roles = [as_role(url, f"campaign_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "campaign") as pool:
        yield pool


@pytest.mark.lasts(seconds=10)
async def test_pages_beside_a_bare_select(pool: Pool) -> None:
    """Every filter and order has its figures and its plan; on many rows none is too slow."""
    with acting_for("org_north"):
        await check_speed(
            pool,
            questions(LEADS, LEAD_COLUMNS),
            lambda number: pool.fetchrow(BARE, f"lead_{2 + number}"),
            written="lists.json",
        )
