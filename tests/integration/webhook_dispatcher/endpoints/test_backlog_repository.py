"""webhook_dispatcher.endpoints.backlog_repository: endpoints for which very much waits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from servicekit.postgres.pool import Pool, connect_pool
from webhook_dispatcher.endpoints import backlog_repository as backlog
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.models import DisableReason

from tests.integration.webhook_dispatcher.conftest import SCHEMA, eventually

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENDPOINT = """
INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
                       secret, created_at)
VALUES ($1, 'org_test', $1, 'http://127.0.0.1:1/', '{}', '', 'secret', now())
"""
EVENT = """
INSERT INTO events (organization_id, event_id, type, payload, published_at, occurred_at)
VALUES ('org_test', $1, 'lead.started', '{}', $2, $2)
"""
DELIVERY = """
INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                        created_at, ended_at, turn_at)
VALUES ($1, 'org_test', $2, 'lead.started', $3, $4, now(), $5, now() + interval '1 day')
"""
WAITING = "SELECT count(*) FROM deliveries WHERE turn_at > now() AND endpoint_id = 'ep_1'"


@pytest.fixture
async def pool(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pool]:
    """Pieces are of two."""
    monkeypatch.setattr(backlog, "SOME", 2)
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        for endpoint_id in ("ep_1", "ep_2"):
            await pool.execute(ENDPOINT, endpoint_id)
        yield pool


async def add(
    pool: Pool,
    number: int,
    *,
    published_at: datetime = NOON,
    state: str = "pending",
    ended_at: datetime | None = None,
    endpoint_id: str = "ep_1",
) -> None:
    """A delivery of an event of its own."""
    event_id = f"evt_{endpoint_id}_{number}"
    await pool.execute(EVENT, event_id, published_at)
    await pool.execute(
        DELIVERY, f"dlv_{endpoint_id}_{number}", event_id, endpoint_id, state, ended_at
    )


async def test_no_statement_asks_more_than_some_to_come_anew(pool: Pool) -> None:
    """Who is locked by somebody keeps none of those before it waiting, and comes as the lock goes.

    One statement asked all of an endpoint at once, and held all of them until it had the last one.
    """
    for number in range(5):
        await add(pool, number)
    await add(pool, 0, endpoint_id="ep_2")
    async with pool.acquire() as somebody:
        locked = somebody.transaction()
        await locked.start()
        await somebody.execute("SELECT FROM deliveries WHERE delivery_id = 'dlv_ep_1_4' FOR UPDATE")

        updating = asyncio.create_task(
            EndpointRepository(pool).update(
                "org_test", "ep_1", EndpointEdit(changes={"max_per_minute": 60})
            )
        )

        async def only_the_locked_one_waits() -> bool:
            return bool(await pool.fetchval(WAITING) == 1)

        await eventually(only_the_locked_one_waits)
        await locked.rollback()
        updated = await updating

    assert updated.max_per_minute == 60
    assert await pool.fetchval(WAITING) == 0
    assert await pool.fetchval("SELECT count(*) FROM deliveries WHERE turn_at > now()") == 1


async def test_the_oldest_that_was_missed_is_found_in_whichever_piece_it_stands(pool: Pool) -> None:
    """Of what waits and of what was given up since then; of nobody else's, and of nothing older."""
    for number in range(5):
        await add(pool, number, published_at=NOON + number * HOUR)
    for number in range(5, 10):
        at = NOON - (number - 5) * HOUR
        await add(pool, number, published_at=at, state="lapsed", ended_at=NOON + HOUR)
    await add(pool, 10, published_at=NOON - 9 * HOUR, state="lapsed", ended_at=NOON - HOUR)
    await add(pool, 11, published_at=NOON - 9 * HOUR, state="delivered", ended_at=NOON + HOUR)
    await add(pool, 12, published_at=NOON - 9 * HOUR, endpoint_id="ep_2")
    endpoints = EndpointRepository(pool)
    await endpoints.disable("ep_1", reason=DisableReason.REQUESTED, now=NOON)

    enabled, missed_since = await endpoints.enable("org_test", "ep_1")
    again, nothing = await endpoints.enable("org_test", "ep_1")

    assert missed_since == NOON - 4 * HOUR
    assert (enabled.disabled_at, again.disabled_at, nothing) == (None, None, None)


async def test_a_piece_is_read_by_its_index(pool: Pool) -> None:
    """However much the endpoint has beside it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_sort = off")
        found = [
            await connection.fetch(
                f"EXPLAIN {backlog.MISSED}", "org_test", "ep_1", "", NOON, state, 2
            )
            for state in ("pending", "lapsed")
        ]
        found.append(await connection.fetch(f"EXPLAIN {backlog.HASTEN}", "org_test", "ep_1", "", 2))

    for lines in found:
        plan = "\n".join(line[0] for line in lines)
        assert "deliveries_undelivered" in plan
        assert "Sort" not in plan
