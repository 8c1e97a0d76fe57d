"""Rows of before, and rows that the release before adds, know whose they are."""

import asyncio
from importlib import resources

import asyncpg
import psycopg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate_now
from servicekit.postgres.pool import Pool
from servicekit.postgres.row_security import secure
from servicekit.postgres.scope import SETTING

from tests.servers.postgres import as_role

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
BROKEN_OFF = """
UPDATE pg_index SET indisvalid = false
 WHERE indexrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'campaign'::regnamespace
                       AND relname = ANY($1))
"""
INDEXES = """
SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
 WHERE relnamespace = 'campaign'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
BUILT_BESIDE_WRITERS = sorted(
    file.name[:4]
    for file in (resources.files("campaigns") / "migrations" / "versions").iterdir()
    if file.name.endswith(".py") and "build_index(" in file.read_text()
)

WITH_REMOVALS = sorted(
    file.name[:4]
    for file in (resources.files("campaigns") / "migrations" / "versions").iterdir()
    if file.name.endswith(".py") and file.name[:4] >= "0020"
)
"""Behind which it is noted who was taken out."""


@pytest.mark.parametrize("revision", BUILT_BESIDE_WRITERS)
async def test_a_migration_that_broke_off_is_repeated(database_url: str, revision: str) -> None:
    """Of one that builds indexes a part is committed, and an index may be there half built."""
    before = f"{int(revision) - 1:04}"
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision=before)
    async with postgres.connect_pool(database_url, "campaign", max_size=1) as pool:
        there = {row["relname"] for row in await pool.fetch(INDEXES)}
        await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision=revision)
        complete = {row["relname"] for row in await pool.fetch(INDEXES)}
        built = complete - there
        assert built
        await pool.execute(BROKEN_OFF, built)
        await pool.execute("UPDATE schema_version SET version_num = $1", before)

        await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision=revision)

        found = {row["relname"]: row["indisvalid"] for row in await pool.fetch(INDEXES)}
        assert set(found) == complete
        assert all(found.values())


def migrate_and_grant(url: str, revision: str) -> None:
    migrate_now(url, *SCHEMA, revision=revision)
    with psycopg.connect(url, autocommit=True) as connection:
        secure(connection, *SCHEMA)


@pytest.mark.parametrize("revision", WITH_REMOVALS)
async def test_a_lead_is_taken_out_while_a_migration_is_under_way(
    database_url: str, revision: str
) -> None:
    """Between what a revision commits and what is granted for it the service goes on.

    A trigger that writes a table nobody was granted yet refused it.
    """
    before = f"{int(revision) - 1:04}"
    await asyncio.to_thread(migrate_and_grant, database_url, before)
    async with postgres.connect_pool(database_url, "campaign", max_size=1) as pool:
        await pool.execute(ADD_CAMPAIGN, "camp_1", "org_1")
        await pool.execute(f"INSERT INTO leads {OF_CAMPAIGN['leads']}", "camp_1")
        await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision=revision)
        service = await asyncpg.connect(as_role(database_url, "campaign_service"))
        try:
            await service.execute("SELECT set_config($1, 'org_1', false)", SETTING)
            gone = await service.fetch("DELETE FROM campaign.leads RETURNING id")
        finally:
            await service.close()

        assert [row["id"] for row in gone] == ["lead_camp_1"]
        told = await pool.fetch("SELECT organization_id, lead_id FROM removed_leads")
        assert [tuple(row) for row in told] == [("org_1", "lead_camp_1")]


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
