"""An endpoint that answers 410 Gone, and what is recorded of it together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import ServiceError
from servicekit.postgres.pool import Pool, connect_pool
from starlette.responses import Response
from webhook_dispatcher.deliveries.delivery_repository import DeliveryRepository
from webhook_dispatcher.models import Attempt, DeliveryState

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


@pytest.mark.parametrize("row", ["endpoints WHERE endpoint_id = 'ep_1'", "deliveries"])
async def test_a_crash_leaves_no_half_of_it(pool: Pool, row: str) -> None:
    """Whichever row it stands before when its session dies, nothing of the 410 is recorded.

    The delivery was dropped in a transaction of its own, and the endpoint stayed on after it.
    """
    deliveries = DeliveryRepository(pool)
    async with pool.acquire() as other, other.transaction():
        await other.execute(f"SELECT FROM {row} FOR UPDATE")
        recording = asyncio.create_task(
            deliveries.record_gone("dlv_1", ATTEMPT, endpoint_id="ep_1", now=NOW)
        )
        (session,) = await waiting(pool, 1)
        assert await pool.fetchval("SELECT pg_terminate_backend($1, 10000)", session)
        with pytest.raises((ServiceError, asyncpg.PostgresError)):
            await recording

    untouched = ("pending", 0, 0)
    assert await kept(pool) == [(False, "dlv_1", *untouched), (False, "dlv_2", *untouched)]


async def test_two_that_hear_it_at_once_wait_for_no_circle(pool: Pool) -> None:
    """Both attempts are kept, each delivery is dropped once, and nobody is a deadlock's victim."""
    deliveries = DeliveryRepository(pool)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM endpoints FOR UPDATE")
        recording = [
            asyncio.create_task(deliveries.record_gone(each, ATTEMPT, endpoint_id="ep_1", now=NOW))
            for each in ("dlv_1", "dlv_2")
        ]
        await waiting(pool, 2)

    recorded = await asyncio.gather(*recording)

    assert await kept(pool) == [(True, "dlv_1", "dropped", 1, 1), (True, "dlv_2", "dropped", 1, 1)]
    assert sum(each.dropped + each.ended for each in recorded) == 2


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.DROPPED])
async def test_one_record_ends_a_delivery(pool: Pool, state: DeliveryState) -> None:
    """Of attempts that are recorded at once one ends it; what each was told is counted."""
    deliveries = DeliveryRepository(pool)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM deliveries FOR UPDATE")
        recording = [
            asyncio.create_task(deliveries.record("dlv_1", ATTEMPT, state=state, now=NOW))
            for _ in range(3)
        ]
        await waiting(pool, 3)

    recorded = await asyncio.gather(*recording)

    assert sorted(each.ended for each in recorded) == [False, False, True]
    assert {each.state for each in recorded} == {state}
    assert (await kept(pool))[0] == (False, "dlv_1", state, 3, 3)


async def test_what_is_dropped_is_counted_once(dispatcher: Any, receiver: Any) -> None:
    """Events that are under way to an endpoint when it is gone are one dropped delivery each."""
    receiver.gate, receiver.answers = asyncio.Event(), [Response(status_code=410)] * 2
    created = await dispatcher.create(receiver.url)
    events = [await dispatcher.publish() for _ in range(2)]
    await receiver.heard(2)

    receiver.gate.set()
    for event_id in events:
        (delivery,) = await dispatcher.settled(event_id)
        assert delivery.state == pb.DELIVERY_STATE_DROPPED

    endpoint = pb.GetEndpointRequest(
        organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
    )
    assert (await dispatcher.stub.GetEndpoint(endpoint)).endpoint.HasField("disable_time")
    assert dispatcher.count("webhook_deliveries_total", state="dropped") == 2
