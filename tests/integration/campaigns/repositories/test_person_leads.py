"""A person is found by indexes, however many leads an organization has."""

from collections.abc import AsyncIterator, Callable

import pytest
from campaigns.repositories.people.person_lead_repository import (
    ALL_WITHOUT_HASH,
    PAGE,
    WITHOUT_HASH,
)
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from servicekit.postgres.scope import acting_for

from tests.integration.campaigns.listings.large_lists import CAMPAIGN_ROWS, LEAD_ROWS
from tests.lists.plans import nodes, rows_read
from tests.servers.postgres import as_role

MANY = 12_000


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    """As the service reads: bound to the rows of one organization."""
    url = new_database(("campaign", "campaigns"))
    async with connect_pool(url, "campaign") as owner:
        await owner.execute(CAMPAIGN_ROWS, 4)
        await owner.execute(LEAD_ROWS, 2 * MANY)
        # Whoever was imported by this release has one; of a few that is not made yet.
        await owner.execute("UPDATE leads SET email_hash = id WHERE position % 1000 <> 0")
        await owner.execute("ANALYZE")
    roles = [as_role(url, f"campaign_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "campaign") as pool:
        yield pool


@pytest.mark.lasts(seconds=5)
async def test_a_person_is_found_without_reading_all_leads(pool: Pool) -> None:
    """By each of the ways in which they are asked for, and by all of them at once."""
    with acting_for("org_north"):
        lead_id, name, email = await pool.fetchrow(
            "SELECT id, public_identifier, email_hash FROM leads"
            " WHERE organization_id = 'org_north' AND email_hash IS NOT NULL LIMIT 1"
        )
    given = {
        "organization_id": "org_north",
        "names": [name, "nobody"],
        "lead_ids": [lead_id],
        "email_hash": email,
        "account_ids": None,
        "show_deleted": False,
        "before_at": None,
        "before_id": "",
        "most": 26,
    }

    assert await read(pool, PAGE.sql, *PAGE.given(**given)) <= 20


@pytest.mark.lasts(seconds=5)
async def test_who_has_no_hash_yet_is_found_by_an_index(pool: Pool) -> None:
    """Some dozens among thousands."""
    assert await read(pool, WITHOUT_HASH, "org_north") <= MANY / 500


@pytest.mark.lasts(seconds=5)
async def test_the_job_reads_on_from_where_it_is(pool: Pool) -> None:
    """However many leads have no hash, each batch reads those that follow."""
    assert await read(pool, ALL_WITHOUT_HASH, "") <= MANY / 500


async def read(pool: Pool, statement: str, *values: object) -> float:
    """How many rows of leads a statement reads, none of them by reading all."""
    with acting_for("org_north"):
        plan = (await pool.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values))[0]
    of_leads = [each for each in nodes(plan["Plan"]) if each.get("Relation Name") == "leads"]
    assert of_leads
    assert "Seq Scan" not in {each["Node Type"] for each in of_leads}
    return rows_read(plan["Plan"], "leads", "")
