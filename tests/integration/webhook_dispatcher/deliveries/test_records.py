"""Attempts that are recorded at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servicekit.postgres.pool import Pool, connect_pool
from webhook_dispatcher.deliveries.delivery_repository import DeliveryRepository
from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.models import Attempt, DeliveryState

from tests.fakes.sealing import sealing
from tests.integration.webhook_dispatcher.conftest import SCHEMA

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ATTEMPT = Attempt(number=0, attempted_at=NOW, latency=timedelta(seconds=1), status_code=410)
ROWS = """
INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
                       secret, created_at)
VALUES ('ep_1', 'org_test', 'req_1', 'http://127.0.0.1:1/', '{}', '', 'secret', now());
INSERT INTO events
SELECT 'org_test', 'evt_' || n, 'lead.started', '{}', now() FROM generate_series(1, 2) AS n;
INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                        created_at)
SELECT 'dlv_' || n, 'org_test', 'evt_' || n, 'lead.started', 'ep_1', 'pending', now()
  FROM generate_series(1, 2) AS n
"""
KEPT = """
SELECT disabled_at IS NOT NULL AS disabled, delivery_id, state, attempts,
       (SELECT count(*) FROM attempts AS kept WHERE kept.delivery_id = deliveries.delivery_id)
  FROM deliveries JOIN endpoints USING (endpoint_id)
 ORDER BY delivery_id
"""
WAITING = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ROWS)
        yield pool


async def kept(pool: Pool) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await pool.fetch(KEPT)]


async def waiting(pool: Pool, sessions: int) -> list[int]:
    """The sessions that wait for a lock, once there are so many."""
    async with asyncio.timeout(20):
        while len(found := await pool.fetch(WAITING)) < sessions:
            pass
    return [row["pid"] for row in found]


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.DROPPED])
async def test_one_record_ends_a_delivery(pool: Pool, state: DeliveryState) -> None:
    """Of attempts that processes record at once one ends it; what each was told is counted."""
    processes = [DeliveryRepository(pool, sealing()) for _ in range(3)]
    details = await processes[0].details("dlv_1", now=NOW)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM deliveries FOR UPDATE")
        recording = [
            asyncio.create_task(
                each.record("dlv_1", ATTEMPT, details=details, state=state, now=NOW)
            )
            for each in processes
        ]
        await waiting(pool, 3)

    recorded = await asyncio.gather(*recording)

    assert sorted(each.ended for each in recorded) == [False, False, True]
    assert {each.state for each in recorded} == {state}
    assert (await kept(pool))[0] == (False, "dlv_1", state, 3, 3)


async def test_one_batch_keeps_each_attempt(pool: Pool) -> None:
    """Of several at one delivery that are recorded together none is lost, and one ends it."""
    deliveries = DeliveryRepository(pool, sealing())
    details = await deliveries.details("dlv_1", now=NOW)
    left_as = [("dlv_1", DeliveryState.PENDING), ("dlv_2", DeliveryState.DELIVERED)]
    left_as += [("dlv_1", DeliveryState.DELIVERED)] * 2 + [("dlv_9", DeliveryState.DELIVERED)]

    recorded = await asyncio.gather(
        *(
            deliveries.record(name, ATTEMPT, details=details, state=state, now=NOW)
            for name, state in left_as
        ),
        return_exceptions=True,
    )

    assert [getattr(each, "ended", type(each)) for each in recorded] == [
        False,
        True,
        True,
        False,
        DeliveryNotFound,
    ]
    assert await kept(pool) == [
        (False, "dlv_1", DeliveryState.DELIVERED, 3, 3),
        (False, "dlv_2", DeliveryState.DELIVERED, 1, 1),
    ]


async def test_one_that_is_locked_holds_up_nobody_else(pool: Pool) -> None:
    """Who records together with one that waits for somebody's lock, or later, is not behind it."""
    deliveries = DeliveryRepository(pool, sealing())
    details = await deliveries.details("dlv_1", now=NOW)

    def recording(name: str) -> "asyncio.Task[Any]":
        return asyncio.create_task(
            deliveries.record(
                name, ATTEMPT, details=details, state=DeliveryState.DELIVERED, now=NOW
            )
        )

    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM deliveries WHERE delivery_id = 'dlv_1' FOR UPDATE")
        held_up, beside = recording("dlv_1"), recording("dlv_2")
        async with asyncio.timeout(20):
            assert (await beside).ended
            await waiting(pool, 1)
            assert not (await recording("dlv_2")).ended
        assert not held_up.done()

    assert (await held_up).ended
