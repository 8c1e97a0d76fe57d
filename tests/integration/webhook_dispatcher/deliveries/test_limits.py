"""What whoever owns an endpoint has asked for: so many requests a minute, and so many at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.postgres.pool import Pool, connect_pool
from starlette.responses import Response
from webhook_dispatcher.deliveries.endpoint_limits import EndpointLimits
from webhook_dispatcher.models import Channel

from tests.integration.webhook_dispatcher.conftest import SCHEMA, Received, Receiver, eventually
from tests.unit.webhook_dispatcher.deliveries.test_every_attempt import DETAILS

ENDPOINT = """
INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
                       secret, created_at)
VALUES ('ep_1', 'org_test', 'req_1', 'http://127.0.0.1:1/', '{}', '', 'secret', now())
"""
EVENT = """
INSERT INTO events (organization_id, event_id, type, payload, published_at, occurred_at)
VALUES ('org_test', 'evt_1', 'lead.started', '{}', now(), now())
"""
DELIVERY = """
INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                        created_at)
VALUES ($1, 'org_test', 'evt_1', 'lead.started', 'ep_1', 'pending', now())
"""
MANY = [f"dlv_{number}" for number in range(20)]
SECOND = timedelta(seconds=1)
PARKED = """
SELECT count(*) FROM webhook.deliveries
 WHERE parked_at IS NOT NULL AND turn_at IS NOT NULL AND workflow_started_at IS NULL
"""


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ENDPOINT)
        await pool.execute(EVENT)
        for delivery_id in MANY:
            await pool.execute(DELIVERY, delivery_id)
        yield pool


async def test_turns_are_given_evenly_by_all_that_send(pool: Pool) -> None:
    """Twenty at once, asked by two processes, are a second apart at sixty a minute."""
    processes = (EndpointLimits(pool), EndpointLimits(pool))
    details = replace(DETAILS, max_per_minute=60)

    waits = sorted(
        await asyncio.gather(
            *(
                processes[number % 2].until_turn(delivery_id, details)
                for number, delivery_id in enumerate(MANY)
            )
        )
    )

    assert waits[0] == timedelta(0)
    for number, wait in enumerate(waits):
        assert (number - 2) * SECOND < wait <= number * SECOND


async def test_a_turn_is_kept_until_it_is_taken(pool: Pool) -> None:
    """Whoever asks again waits for no other one; after an attempt there is a new one."""
    limits, details = EndpointLimits(pool), replace(DETAILS, max_per_minute=1)
    assert await limits.until_turn("dlv_0", details) == timedelta(0)
    first = await limits.until_turn("dlv_1", details)
    again = await limits.until_turn("dlv_1", details)
    await pool.execute("UPDATE deliveries SET turn_at = NULL WHERE delivery_id = 'dlv_1'")
    later = await limits.until_turn("dlv_1", details)

    assert timedelta(seconds=50) < again <= first <= timedelta(minutes=1)
    assert later > first


async def test_people_wait_for_a_turn_whatever_was_asked_for(pool: Pool) -> None:
    """A second apart, also where a row of before says that there is no limit."""
    limits, details = EndpointLimits(pool), replace(DETAILS, channel=Channel.EMAIL)

    first = await limits.until_turn("dlv_0", details)
    second = await limits.until_turn("dlv_1", details)

    assert first == timedelta(0)
    assert timedelta(0) < second <= SECOND


async def test_who_asked_for_nothing_waits_for_nothing(pool: Pool) -> None:
    """And costs no row."""
    limits = EndpointLimits(pool)

    assert [await limits.until_turn(each, DETAILS) for each in MANY] == [timedelta(0)] * 20
    assert await pool.fetchval("SELECT count(*) FROM endpoint_paces") == 0


async def test_no_more_are_under_way_than_asked_for(pool: Pool) -> None:
    """What was given back is there again."""
    limits, details = EndpointLimits(pool), replace(DETAILS, max_concurrency=2)

    assert [limits.take(details) for _ in range(3)] == [True, True, False]
    limits.give_back(details)
    assert limits.take(details)
    assert limits.take(replace(details, endpoint_id="ep_2"))


async def test_an_endpoint_is_sent_what_it_asked_for(dispatcher: Any, receiver: Receiver) -> None:
    """Four events at 120 a minute arrive half a second apart, and none is lost."""
    arrived: list[float] = []

    def note(_: Received) -> Response:
        arrived.append(time.monotonic())
        return Response(status_code=204)

    receiver.answer = note
    await dispatcher.create(receiver.url, max_per_minute=120)
    events = [await dispatcher.publish() for _ in range(4)]
    await receiver.heard(4)
    for event_id in events:
        await dispatcher.settled(event_id)

    # A turn is given by the database's clock; a request takes its time from there.
    assert arrived[-1] - arrived[0] > 3 * 0.5 - 0.25


async def test_what_was_posted_is_counted_by_all_that_send(pool: Pool) -> None:
    """Of turns that nobody took, two processes together make up for none."""
    processes = (EndpointLimits(pool), EndpointLimits(pool))
    details = replace(DETAILS, max_per_minute=60)
    for delivery_id in MANY:
        await processes[0].until_turn(delivery_id, details)
    await pool.execute("UPDATE deliveries SET turn_at = now() - interval '1 minute'")

    waits = [
        await processes[number % 2].until_turn(delivery_id, details)
        for number, delivery_id in enumerate(MANY)
    ]

    # The first one's own turn at once was the one before.
    assert sum(not wait for wait in waits) <= 2
    later = sorted(wait for wait in waits if wait)
    assert all(after - before > SECOND / 2 for before, after in pairwise(later))


async def test_another_limit_gives_other_turns(start_dispatcher: Any, receiver: Receiver) -> None:
    """Whoever raises it does not wait for what was drawn at the old rate.

    What has its turn in an hour had no workflow meanwhile; a look finds it.
    """
    async with start_dispatcher(delivery_timeout="100ms") as dispatcher:
        created = await dispatcher.create(receiver.url, max_per_minute=1)
        events = [await dispatcher.publish() for _ in range(4)]
        await receiver.heard(1)
        rows = await asyncpg.connect(dispatcher.database_url)

        async def parked() -> bool:
            return bool(await rows.fetchval(PARKED) == 3)

        await eventually(parked)
        created.endpoint.max_per_minute = 6000
        await dispatcher.stub.UpdateEndpoint(
            pb.UpdateEndpointRequest(
                endpoint=created.endpoint, update_mask={"paths": ["max_per_minute"]}
            )
        )
        left = await rows.fetchval(
            "SELECT count(*) FROM webhook.deliveries WHERE turn_at > clock_timestamp()"
        )
        await rows.close()

        assert left == 0
        for event_id in events:
            await dispatcher.settled(event_id)


async def test_what_is_parked_has_its_turn(start_dispatcher: Any, receiver: Receiver) -> None:
    """It is found before it comes, and its endpoint is sent it then; nobody waited for it."""
    async with start_dispatcher(delivery_timeout="100ms") as dispatcher:
        await dispatcher.create(receiver.url, max_per_minute=8)
        events = [await dispatcher.publish() for _ in range(2)]
        await receiver.heard(1)
        rows = await asyncpg.connect(dispatcher.database_url)

        async def parked() -> bool:
            return bool(await rows.fetchval(PARKED) == 1)

        await eventually(parked)
        await rows.close()
        assert dispatcher.count("webhook_delivery_workflows_started_total") == 0
        for event_id in events:
            await dispatcher.settled(event_id)


async def test_who_had_no_room_has_it_at_once(dispatcher: Any, receiver: Receiver) -> None:
    """A burst to an endpoint that takes one at a time takes as long as its answers.

    Each waited for twenty seconds, though there was room after ten milliseconds.
    """
    at_once, most = 0, 0

    async def slowly(_: Received) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    receiver.on_hearing = slowly
    await dispatcher.create(receiver.url, max_concurrency=1)
    async with asyncio.timeout(15):
        events = await asyncio.gather(*(dispatcher.publish() for _ in range(20)))
        await receiver.heard(20)
    for event_id in events:
        await dispatcher.settled(event_id)

    assert most == 1
    assert len(receiver.received) == 20
