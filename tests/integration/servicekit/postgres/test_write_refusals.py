"""A database that answers and refuses to write is told as that, as long as it is so."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from servicekit.health import Readiness
from servicekit.postgres import pool as postgres
from servicekit.postgres.errors import WritesRefused
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.startup.pool_metrics import tell_pools

from tests.servers.full_disk import full_disk

AT_ONCE = timedelta()
WRITE = "INSERT INTO notes VALUES (1)"


async def test_a_full_disk_is_told_from_its_first_refusal_until_it_has_room(
    database_url: str,
) -> None:
    """Nobody need write for it to be told as over. Readiness notes it, and reads go on."""
    async with postgres.connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TABLE notes (note int)")
        refusals, readiness = WriteRefusals(pool, fresh_for=AT_ONCE), Readiness(fresh_for=AT_ONCE)
        readiness.add("postgres", lambda: postgres.check(pool))
        readiness.note("writes", refusals.check)

        async with full_disk(database_url):
            assert await refusals.now() is None
            with pytest.raises(WritesRefused, match="no room left"):
                await pool.execute(WRITE)
            refused, report = await refusals.now(), await readiness.report()
            assert await pool.fetchval("SELECT count(*) FROM notes") == 0

        assert refused is not None
        assert report.ready
        assert "no room left" in report.notes["writes"]
        assert await refusals.now() is None
        assert (await readiness.report()).notes["writes"] == "ok"


async def test_a_database_that_is_read_only_is_told_too(database_url: str) -> None:
    """As after a failover to a server that only follows; metrics tell it while it lasts."""
    async with postgres.connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TABLE notes (note int)")
        refusals = WriteRefusals(pool, fresh_for=AT_ONCE)
        registry = CollectorRegistry()
        tell_pools(registry, service=pool)

        def told() -> float | None:
            return registry.get_sample_value("postgres_writes_refused", {"pool": "service"})

        before = told()
        async with pool.acquire() as connection:
            await connection.execute("SET default_transaction_read_only = on")
        with pytest.raises(WritesRefused, match="read-only"):
            await pool.execute(WRITE)
        still, during = await refusals.now(), told()
        async with pool.acquire() as connection:
            await connection.execute("SET default_transaction_read_only = off")

        assert still is not None
        assert await refusals.now() is None
        assert (before, during, told()) == (0, 1, 0)


async def test_it_is_not_tried_at_every_question(database_url: str) -> None:
    """Many who read do not make a table each; what was found a moment ago is told."""
    async with postgres.connect_pool(database_url, "public") as pool:
        await pool.execute("CREATE TABLE notes (note int)")
        refusals = WriteRefusals(pool, fresh_for=timedelta(hours=1))
        async with full_disk(database_url):
            with pytest.raises(WritesRefused):
                await pool.execute(WRITE)
            first = await refusals.now()

        assert first is not None
        assert await refusals.now() is pool.last_refusal.error is not None


async def test_whoever_tells_people_hears_of_it_before_anybody_is_refused(
    database_url: str,
) -> None:
    """Another service may have met it alone: what explains a standstill said nothing then."""
    async with postgres.connect_pool(database_url, "public") as pool:
        refusals = WriteRefusals(pool, fresh_for=AT_ONCE, unmet_for=AT_ONCE)
        async with full_disk(database_url):
            unasked, tried = await refusals.now(), await refusals.tried()
        after = await refusals.tried()

    assert (unasked, after) == (None, None)
    assert tried is not None
    assert "no room left" in str(tried)


async def test_what_nobody_was_refused_is_tried_seldom(database_url: str) -> None:
    """Who asks again and again while all is well makes no table each time."""
    async with postgres.connect_pool(database_url, "public") as pool:
        refusals = WriteRefusals(pool, unmet_for=timedelta(hours=1))
        assert await refusals.tried() is None
        async with full_disk(database_url):
            assert await refusals.tried() is None
