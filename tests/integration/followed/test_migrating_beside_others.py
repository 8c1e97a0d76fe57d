"""What makes lists be followed is migrated beside the release before: in nobody's way for long."""

import asyncio
from collections.abc import Callable

import asyncpg
import psycopg
import pytest
from servicekit.postgres import migrations

from tests.integration.followed.all_lists import OWNERS

BEFORE = {
    "automation": ("0009", ["runs", "decisions", "models", "champions"]),
    "campaign": ("0040", ["lead_list_entries", "lead_imports", "campaigns", "heard_messages"]),
    "gateway": ("0040", ["actions", "archived_actions", "every_action", "suppressions", "holds"]),
    "identity": ("0002", ["api_keys", "organizations"]),
    "webhook": ("0022", ["replays", "events", "deliveries"]),
}
"""Of each schema the last revision that is released, and what waits behind another table since."""
WAITS = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
"""
HELD = """
SELECT relation::regclass::text FROM pg_locks
  JOIN pg_class ON pg_class.oid = relation
 WHERE pid = $1 AND granted AND relkind IN ('r', 'p', 'v')
   AND mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
   AND relname <> ALL ($2::text[])
"""
NEW = ["removals", "forgotten_removals_of_tables", "witnesses", "lead_sightings"]
"""Tables that the migration makes: they are nobody's yet."""


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("schema", BEFORE)
async def test_a_migration_waits_for_a_table_with_no_other_in_its_hands(
    schema: str, new_database: Callable[..., str]
) -> None:
    """Whoever has what it waits for may go on to any table, and is not in a deadlock.

    Who lifted a hold had that, and waited for the actions: one of the two was ended.
    """
    url, (before, tables) = new_database(), BEFORE[schema]
    own = (schema, OWNERS[schema])
    await asyncio.to_thread(migrations.migrate_now, url, *own, revision=before)
    watch = await asyncpg.connect(url)
    held = {}
    for table in tables:
        other = await asyncpg.connect(url)
        async with other.transaction():
            await other.execute(f"SELECT FROM {schema}.{table} LIMIT 1")
            migrating = asyncio.create_task(asyncio.to_thread(migrations.migrate_now, url, *own))
            async with asyncio.timeout(20):
                while (pid := await watch.fetchval(WAITS, f"migrate {schema}")) is None:
                    assert not migrating.done(), table
            held[table] = [row[0] for row in await watch.fetch(HELD, pid, NEW)]
            await watch.execute("SELECT pg_terminate_backend($1, 10000)", pid)
            with pytest.raises(psycopg.OperationalError):
                await migrating
        await other.close()
    await watch.close()

    assert held == {table: [] for table in tables}
    last = migrations.last_revision(OWNERS[schema])
    assert await migrations.migrate(url, *own) == last
