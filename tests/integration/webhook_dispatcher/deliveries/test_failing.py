"""Endpoints that fail: spared, in the end disabled, and nothing that waits for them is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.postgres.pool import Pool, connect_pool
from starlette.responses import Response
from webhook_dispatcher.deliveries.health_repository import OPENS_AFTER, EndpointHealthRepository
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.models import DisableReason

from tests.event_catalogue import differences
from tests.integration.webhook_dispatcher.conftest import (
    ORGANIZATION,
    SCHEMA,
    Received,
    Receiver,
    eventually,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ENDPOINT = """
INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
                       secret, created_at)
VALUES ('ep_1', 'org_test', 'req_1', 'http://127.0.0.1:1/', '{}', '', 'secret', now())
"""


def named(created: pb.CreateEndpointResponse) -> dict[str, str]:
    return {"organization_id": ORGANIZATION, "endpoint_id": created.endpoint.endpoint_id}


async def is_disabled(dispatcher: Any, created: pb.CreateEndpointResponse) -> bool:
    found = await dispatcher.stub.GetEndpoint(pb.GetEndpointRequest(**named(created)))
    return bool(found.endpoint.HasField("disable_time"))


@pytest.fixture
async def health(new_database: Callable[..., str]) -> AsyncIterator[EndpointHealthRepository]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ENDPOINT)
        yield EndpointHealthRepository(pool, first_probe=MINUTE, longest_probe=HOUR)


async def test_a_circuit_opens_after_failures_in_a_row(health: EndpointHealthRepository) -> None:
    """A success between them begins the row anew; a healthy endpoint leaves nothing behind."""
    for _ in range(OPENS_AFTER - 1):
        failing = await health.failed("ep_1", now=NOON)
        assert failing is not None
        assert failing.probe_at is None
    assert not await health.succeeded("ep_1")

    opened = [await health.failed("ep_1", now=NOON) for _ in range(OPENS_AFTER)][-1]

    assert opened is not None
    assert (opened.failures, opened.probe_at) == (OPENS_AFTER, NOON + MINUTE)
    assert await health.open_circuits() == 1
    assert await health.succeeded("ep_1")
    assert await health.open_circuits() == 0


async def test_one_event_is_the_probe(health: EndpointHealthRepository) -> None:
    """Of twenty that come when it is due one is sent, and then ever less often."""
    for _ in range(OPENS_AFTER):
        await health.failed("ep_1", now=NOON)
    now, waits = NOON, []
    for _ in range(9):
        opened = now
        while not (claims := await asyncio.gather(*claimed(health, now))).count(True):
            now += MINUTE
        assert claims.count(True) == 1
        waits.append(now - opened)
        # What was under way besides, or the probe itself, moves nothing.
        await health.failed("ep_1", now=now)

    assert waits == [MINUTE * n for n in (1, 2, 4, 8, 16, 32, 60, 60, 60)]


def claimed(health: EndpointHealthRepository, now: datetime) -> list[Any]:
    return [health.claim_probe("ep_1", now=now) for _ in range(20)]


@pytest.mark.lasts(seconds=10)
async def test_what_is_down_gets_one_event_at_a_time(
    start_dispatcher: Any, receiver: Receiver
) -> None:
    """Once it has failed ten times; everything waits, and arrives when a probe has landed.

    How many probes are due meanwhile is a matter of how long publishing takes: their row counts.
    """
    down = True
    receiver.answer = lambda _: Response(status_code=503 if down else 204)
    # A machine that has other things to do must not make an answer come too late.
    async with start_dispatcher(first_retry="5m", delivery_timeout="1s") as dispatcher:
        await dispatcher.create(receiver.url)
        failed = [await dispatcher.publish() for _ in range(OPENS_AFTER)]
        await receiver.heard(OPENS_AFTER)
        opened = lambda: dispatcher.count("webhook_circuits_opened_total")  # noqa: E731
        await eventually(lambda: asyncio.sleep(0, opened()))
        before = len(receiver.received)
        spared = [await dispatcher.publish() for _ in range(20)]
        tried = len(receiver.received)
        # Each is claimed before it is sent.
        rows = await asyncpg.connect(dispatcher.database_url)
        probes = await rows.fetchval("SELECT probes FROM webhook.endpoint_health")
        await rows.close()

        down = False
        for event_id in (*failed, *spared):
            (delivery,) = await dispatcher.settled(event_id)
            assert delivery.state == pb.DELIVERY_STATE_DELIVERED

    assert tried - before <= probes < len(spared) / 2
    assert len(set(ids(receiver)[tried:])) == len([*failed, *spared])


def ids(receiver: Receiver) -> list[str]:
    return [each.headers["webhook-id"] for each in receiver.received]


@pytest.mark.lasts(seconds=10)
async def test_nothing_but_failure_disables_it_and_others_are_told(
    start_dispatcher: Any, receiver: Receiver
) -> None:
    """The organization's other endpoints hear of it; what waits arrives once it is enabled."""
    down = True

    def answer(each: Received) -> Response:
        return Response(status_code=503 if down and each.path == "/down" else 204)

    receiver.answer = answer
    async with start_dispatcher(
        first_retry="20ms", longest_retry="20ms", disable_after="200ms", delivery_timeout="100ms"
    ) as dispatcher:
        created = await dispatcher.create(f"{receiver.url}/down")
        await dispatcher.create(f"{receiver.url}/other")
        await dispatcher.create(f"{receiver.url}/theirs", organization_id="org_other")
        waiting = await dispatcher.publish()
        await eventually(lambda: is_disabled(dispatcher, created))

        def told() -> list[Received]:
            return [each for each in receiver.received if "endpoint.disabled" in each.body]

        await eventually(lambda: asyncio.sleep(0, told()))
        down = False
        enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named(created)))
        deliveries = await dispatcher.settled(waiting)

        assert dispatcher.count("webhook_endpoints_disabled_total", because="failing") == 1
    assert {each.state for each in deliveries} == {pb.DELIVERY_STATE_DELIVERED}
    # Once, though it may be posted again where its answer came too late.
    (heard,) = {each.headers["webhook-id"]: each for each in told()}.values()
    content = json.loads(heard.body)
    assert heard.path == "/other"
    assert content["type"] == "endpoint.disabled"
    assert differences(content) == []
    assert content["data"]["endpoint"]["id"] == created.endpoint.endpoint_id
    assert content["data"]["endpoint"]["reason"] == "failing"
    # What waited was published before its first attempt failed.
    since = enabled.missed_since_time.ToDatetime(UTC)
    assert since <= datetime.fromisoformat(content["data"]["endpoint"]["firstFailureTime"])


async def test_gone_keeps_what_waits(start_dispatcher: Any, receiver: Receiver) -> None:
    """410 is believed, and may be a mistake: whoever enables it again has lost nothing."""
    receiver.answers = [Response(status_code=410)]
    async with start_dispatcher(delivery_timeout="1s") as dispatcher:
        created = await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        await eventually(lambda: is_disabled(dispatcher, created))
        (pending,) = await dispatcher.deliveries(event_id=event_id)

        await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named(created)))
        (delivery,) = await dispatcher.settled(event_id)

    assert (pending.state, pending.attempts) == (pb.DELIVERY_STATE_PENDING, 1)
    assert (delivery.state, delivery.attempts) == (pb.DELIVERY_STATE_DELIVERED, 2)


async def test_what_nobody_comes_back_for_lapses(start_dispatcher: Any, receiver: Receiver) -> None:
    """After a week; its sequence's other endpoints never waited for it."""
    receiver.answers = [Response(status_code=410)]
    async with start_dispatcher(delivery_timeout="1s") as dispatcher:
        created = await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        await eventually(lambda: is_disabled(dispatcher, created))
        rows = await asyncpg.connect(dispatcher.database_url)
        await rows.execute(
            "UPDATE webhook.endpoints SET disabled_at = disabled_at - interval '8 days'"
        )
        await rows.close()

        (delivery,) = await dispatcher.settled(event_id)

    assert delivery.state == pb.DELIVERY_STATE_LAPSED
    assert len(receiver.received) == 1


async def test_disabling_twice_is_disabling_once(pool: Pool) -> None:
    """Two that hear 410 at once: one of them disables it and tells of it."""
    endpoints = EndpointRepository(pool)

    told = await asyncio.gather(
        *(endpoints.disable("ep_1", reason=DisableReason.GONE, now=NOON) for _ in range(5))
    )

    assert sorted(told, key=str) == [None, None, None, None, "org_test"]


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ENDPOINT)
        yield pool
