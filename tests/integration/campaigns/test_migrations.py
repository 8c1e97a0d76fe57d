"""Rows of before, and rows that the release before adds, know whose they are."""

import asyncio

import asyncpg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate_now
from servicekit.postgres.pool import Pool

SCHEMA = ("campaign", "campaigns")
TABLES = ("revisions", "leads", "step_executions", "step_texts")
ADD_CAMPAIGN = """
INSERT INTO campaigns (id, organization_id, request_id, name, state, account_ids, settings,
    revision_id, created_at)
VALUES ($1, $2, 'once', '', 'draft', '{acct_1}', '{}', '', now())
"""
OF_CAMPAIGN = {
    "revisions": "(id, campaign_id, number, content_hash, steps, source, created_at)"
    " VALUES ('rev_' || $1, $1, 1, '', '[]', '', now())",
    "leads": "(id, campaign_id, public_identifier, first_name, last_name, company, title, email,"
    " phone, location, industry, variables, created_at)"
    " VALUES ('lead_' || $1, $1, 'ada', '', '', '', '', '', '', '', '', '{}', now())",
    "step_executions": "(lead_id, step_id, campaign_id, kind, state, reason, detail)"
    " VALUES ('lead_' || $1, 'step_1', $1, 'visit', 'waiting', '', '')",
    "step_texts": "(lead_id, text_key, text) VALUES ('lead_' || $1, 'step_1', '')",
}


async def test_every_row_knows_whose_it_is(database_url: str) -> None:
    """Its campaign's; also a row of before, and one that the release before adds now."""
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision="0014")
    async with postgres.connect_pool(database_url, "campaign", max_size=1) as pool:
        await add(pool, "camp_1", "org_1")
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA)
    async with postgres.connect_pool(database_url, "campaign", max_size=1) as pool:
        await add(pool, "camp_2", "org_2")

        for table in TABLES:
            rows = await pool.fetch(f"SELECT organization_id FROM {table}")
            assert sorted(row["organization_id"] for row in rows) == ["org_1", "org_2"]


async def test_a_campaigns_rows_are_its_organizations(database_url: str) -> None:
    """No revision or lead says that it is another organization's than its campaign."""
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA)
    async with postgres.connect_pool(database_url, "campaign", max_size=1) as pool:
        await add(pool, "camp_1", "org_1")

        for table in ("revisions", "leads"):
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                await pool.execute(f"UPDATE {table} SET organization_id = 'org_2'")


async def add(pool: Pool, campaign_id: str, organization_id: str) -> None:
    await pool.execute(ADD_CAMPAIGN, campaign_id, organization_id)
    for table, values in OF_CAMPAIGN.items():
        await pool.execute(f"INSERT INTO {table} {values}", campaign_id)
