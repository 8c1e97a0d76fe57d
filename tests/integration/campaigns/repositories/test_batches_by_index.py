"""A batch of people costs what it brings, and not what is there: however large a list has grown."""

from collections.abc import Awaitable, Callable

import pytest
from campaigns.models import Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_lists.entry_repository import put_in_list
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, draft
from tests.integration.campaigns.listings.large_lists import ENTRY_ROWS, LEAD_ROWS, LIST_ROWS

THERE, BROUGHT = 12_000, 1_000
# Rows that were read without being looked for, and those that an index found.
_READ = """
    SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables WHERE relid = $1::text::regclass
"""
_STATISTICS = ("never looked at", "looked at when empty", "looked at")
People = list[Person]
Bring = Callable[[Pool, People], Awaitable[object]]


async def into_a_campaign(pool: Pool, people: People) -> object:
    return await LeadRepository(pool, SEAL).add("camp_2", people, now=NOW)


async def into_a_list(pool: Pool, people: People) -> object:
    async with pool.acquire() as connection, connection.transaction():
        return await put_in_list(connection, SEAL, "list_2", people, now=NOW)


async def read(pool: Pool, table: str) -> tuple[int, int]:
    """How many rows of it were read so far, one after the other and by an index."""
    await pool.execute("SELECT pg_stat_force_next_flush()")
    await pool.execute("SELECT pg_stat_clear_snapshot()")
    row = await pool.fetchrow(_READ, table)
    assert row is not None
    return row["seq_tup_read"], row["idx_tup_fetch"]


async def fill(pool: Pool, table: str, statistics: str) -> None:
    """Have it grow to its size beside statistics that say something else."""
    for name in ("camp_2", "camp_4"):
        campaign, revision = draft(id=name)
        await CampaignRepository(pool).create(campaign, revision, request_id=name)
    await pool.execute(LIST_ROWS, 4)
    await pool.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    if statistics == "looked at when empty":
        await pool.execute(f"ANALYZE {table}")
    await pool.execute(LEAD_ROWS if table == "leads" else ENTRY_ROWS, 2 * THERE)
    if statistics == "looked at":
        await pool.execute(f"ANALYZE {table}")


@pytest.mark.parametrize("statistics", _STATISTICS)
@pytest.mark.parametrize(
    ("table", "bring"), [("leads", into_a_campaign), ("lead_list_entries", into_a_list)]
)
async def test_a_batch_reads_by_index_alone(
    new_database: Callable[..., str], table: str, bring: Bring, statistics: str
) -> None:
    """Whatever the database thinks of a table's size, who is in it is looked up one by one.

    A table that has just been filled, or restored, has no statistics yet; and a plan that reads it
    whole for each batch makes an import of 100,000 people take hours.
    """
    url = new_database(("campaign", "campaigns"))
    async with connect_pool(url, "campaign", max_size=1) as pool:
        await fill(pool, table, statistics)
        people = [
            Person(public_identifier=f"{who}-{number}", first_name="Ada")
            for number in range(0, BROUGHT, 2)
            for who in ("person", "new")
        ]
        before = await read(pool, table)
        await bring(pool, people)
        one_by_one, by_index = (
            after - was for after, was in zip(await read(pool, table), before, strict=True)
        )

    assert not one_by_one
    assert by_index <= 6 * BROUGHT
