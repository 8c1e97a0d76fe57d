"""Attempts of before, and attempts that the release before records, know whose they are."""

import asyncio

import asyncpg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate_now
from servicekit.postgres.pool import Pool

SCHEMA = ("webhook", "webhook_dispatcher")
ADD = (
    """
    INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
        secret, created_at)
    VALUES ('end_' || $1::text, $1, '', 'https://example.com', '{}', '', '', now())
    """,
    "INSERT INTO events VALUES ($1, 'evt_1', 'lead.started', '{}', now())",
    """
    INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
        created_at)
    VALUES ('del_' || $1::text, $1, 'evt_1', 'lead.started', 'end_' || $1, 'pending', now())
    """,
    """
    INSERT INTO attempts (delivery_id, number, attempted_at, latency, status_code, error)
    VALUES ('del_' || $1::text, 1, now(), '1s', 200, '')
    """,
)


async def test_every_attempt_knows_whose_it_is(database_url: str) -> None:
    """Its delivery's; also one of before, and one that the release before records now."""
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA, revision="0003")
    async with postgres.connect_pool(database_url, "webhook", max_size=1) as pool:
        await add(pool, "org_1")
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA)
    async with postgres.connect_pool(database_url, "webhook", max_size=1) as pool:
        await add(pool, "org_2")

        rows = await pool.fetch("SELECT delivery_id, organization_id FROM attempts ORDER BY 1")

    assert [tuple(row) for row in rows] == [("del_org_1", "org_1"), ("del_org_2", "org_2")]


async def test_no_delivery_goes_to_anothers_endpoint(database_url: str) -> None:
    """The database itself refuses one."""
    await asyncio.to_thread(migrate_now, database_url, *SCHEMA)
    async with postgres.connect_pool(database_url, "webhook", max_size=1) as pool:
        await add(pool, "org_1")
        await add(pool, "org_2")

        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await pool.execute("UPDATE deliveries SET endpoint_id = 'end_org_1'")


async def add(pool: Pool, organization_id: str) -> None:
    for statement in ADD:
        await pool.execute(statement, organization_id)
