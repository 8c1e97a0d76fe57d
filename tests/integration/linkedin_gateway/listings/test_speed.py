"""What a page of actions takes next to a bare SELECT by primary key, on a million by `make lists`.

As many are in the archive.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from linkedin_gateway.storage.rows import ACTION_COLUMNS
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from servicekit.postgres.scope import acting_for

from tests.integration.linkedin_gateway.listings.large_lists import OPEN_MONTH, ROWS, questions
from tests.lists import speed
from tests.servers.postgres import as_role

BARE = f"SELECT {ACTION_COLUMNS} FROM actions WHERE organization_id = $1 AND action_id = $2"


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    patient = timedelta(minutes=30)
    async with connect_pool(gateway_url, "gateway", statement_timeout=patient) as owner:
        await owner.execute(OPEN_MONTH)
        for table in ("actions", "archived_actions"):
            await owner.execute(ROWS[table], 2 * speed.ROWS)
            await owner.execute(f"VACUUM ANALYZE {table}")
    roles = [as_role(gateway_url, f"gateway_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "gateway") as pool:
        yield pool


@pytest.mark.lasts(seconds=10)
async def test_pages_beside_a_bare_select(pool: Pool) -> None:
    """Every filter and order has its figures and its plan; on many rows none is too slow."""
    with acting_for("org_north"):
        await speed.check_speed(
            pool,
            questions("actions"),
            lambda number: pool.fetchrow(BARE, "org_north", f"actions/{2 + 2 * number}"),
            written="lists-actions.json",
        )
