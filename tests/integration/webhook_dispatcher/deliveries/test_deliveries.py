"""From a published event to a customer's receiver, on real parts."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import NotFound
from servicekit.ids import new_id
from standardwebhooks import Webhook
from starlette.responses import Response
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput
from temporalio.service import RPCError, RPCStatusCode

from tests.integration.webhook_dispatcher.conftest import eventually


async def test_delivered_once_and_verifiable(dispatcher: Any, receiver: Any) -> None:
    """A published event arrives once, signed so that any Standard Webhooks library verifies it."""
    created = await dispatcher.create(f"{receiver.url}/hook")

    event_id = await dispatcher.publish()
    (delivery,) = await dispatcher.settled(event_id)

    (request,) = receiver.received
    content = Webhook(created.secret).verify(request.body, request.headers)
    assert content == json.loads(request.body)
    assert (content["id"], content["type"]) == (event_id, "lead.started")
    assert content["timestamp"] == "2026-03-02T09:30:00Z"
    assert content["data"]["lead"]["firstName"] == "Zoë"
    assert request.headers["webhook-id"] == event_id
    assert request.headers["content-type"] == "application/json"
    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert delivery.attempts == 1
    assert delivery.endpoint_id == created.endpoint.endpoint_id
    assert dispatcher.count("webhook_deliveries_total", state="delivered") == 1
    assert dispatcher.count("webhook_events_published_total", type="lead.started") == 1


async def test_retried_until_it_lands(dispatcher: Any, receiver: Any) -> None:
    """After failures the same event comes again under the same id; every attempt is listed."""
    receiver.answers = [Response("oh", status_code=500), Response(status_code=404)]
    await dispatcher.create(receiver.url)

    event_id = await dispatcher.publish()
    (delivery,) = await dispatcher.settled(event_id)

    attempts = await dispatcher.attempts(delivery)
    assert [each.status_code for each in attempts] == [500, 404, 204]
    assert [each.number for each in attempts] == [1, 2, 3]
    assert [each.error for each in attempts] == ["Answered 500.", "Answered 404.", ""]
    assert [each.response_excerpt for each in attempts] == ["oh", "", ""]
    assert all(each.latency.ToTimedelta() for each in attempts)
    assert {each.headers["webhook-id"] for each in receiver.received} == {event_id}
    assert len({each.body for each in receiver.received}) == 1


async def test_retry_after_is_honoured(dispatcher: Any, receiver: Any) -> None:
    """A receiver that asks for a pause gets it, though the schedule would be quicker."""
    # The clock of these tests runs 100 times as fast: two minutes are 1.2 s.
    receiver.answers = [Response(status_code=429, headers={"retry-after": "120"})]
    await dispatcher.create(receiver.url)

    event_id = await dispatcher.publish()
    (delivery,) = await dispatcher.settled(event_id)

    first, second = await dispatcher.attempts(delivery)
    waited = second.attempt_time.ToDatetime() - first.attempt_time.ToDatetime()
    assert waited.total_seconds() >= 120


async def test_publishing_again_changes_nothing(dispatcher: Any, receiver: Any) -> None:
    """The same event id is delivered once, before and after the delivery has ended."""
    await dispatcher.create(receiver.url)
    event_id = new_id("evt")

    for _ in range(3):
        await dispatcher.publish(event_id=event_id)
    await dispatcher.settled(event_id)
    await dispatcher.publish(event_id=event_id)
    marker = await dispatcher.publish()
    await dispatcher.settled(marker)

    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert sorted(ids) == sorted([event_id, marker])
    assert dispatcher.count("webhook_events_published_total", type="lead.started") == 2


async def test_an_event_nobody_wants(dispatcher: Any) -> None:
    """Without an endpoint an event is accepted and has no delivery."""
    answer = await dispatcher.stub.PublishEvent(
        pb.PublishEventRequest(
            event=event_pb2.Event(
                event_id="evt_unheard",
                organization_id="org_test",
                type=event_pb2.EVENT_TYPE_LEAD_FAILED,
                occur_time={"seconds": 1},
            )
        )
    )

    assert answer.deliveries == 0


async def test_endpoints_hear_what_they_want(dispatcher: Any, receiver: Any) -> None:
    """An endpoint with types hears those, one without hears all but sequences' webhooks."""
    failed = event_pb2.EVENT_TYPE_LEAD_FAILED
    await dispatcher.create(f"{receiver.url}/picky", event_types=["lead.failed"])
    await dispatcher.create(f"{receiver.url}/everything")
    named = await dispatcher.create(f"{receiver.url}/named", event_types=["sequence.webhook"])

    for event_id in [
        await dispatcher.publish(),
        await dispatcher.publish(type=failed),
        await dispatcher.publish(
            type=event_pb2.EVENT_TYPE_SEQUENCE_WEBHOOK, endpoint_id=named.endpoint.endpoint_id
        ),
    ]:
        await dispatcher.settled(event_id)

    heard = sorted((each.path, json.loads(each.body)["type"]) for each in receiver.received)
    assert heard == [
        ("/everything", "lead.failed"),
        ("/everything", "lead.started"),
        ("/named", "sequence.webhook"),
        ("/picky", "lead.failed"),
    ]


async def test_deletion_drops_what_waits(dispatcher: Any, receiver: Any) -> None:
    """Once an endpoint is deleted, a delivery that was being retried is dropped, not sent."""
    receiver.answers = [Response(status_code=500, headers={"retry-after": "100"})]
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    await receiver.heard(1)

    await dispatcher.stub.DeleteEndpoint(
        pb.DeleteEndpointRequest(
            organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
        )
    )

    (delivery,) = await dispatcher.deliveries(event_id=event_id)
    assert delivery.state == pb.DELIVERY_STATE_DROPPED
    assert delivery.HasField("end_time")
    other = await dispatcher.create(f"{receiver.url}/other")
    await dispatcher.settled(await dispatcher.publish(endpoint_id=other.endpoint.endpoint_id))
    assert [each.path for each in receiver.received] == ["/", "/other"]


async def test_an_event_for_a_deleted_endpoint_is_dropped(dispatcher: Any, receiver: Any) -> None:
    """A sequence may name an endpoint that is gone by now: its delivery is there, dropped."""
    created = await dispatcher.create(receiver.url)
    endpoint_id = created.endpoint.endpoint_id
    await dispatcher.stub.DeleteEndpoint(
        pb.DeleteEndpointRequest(organization_id="org_test", endpoint_id=endpoint_id)
    )

    event_id = await dispatcher.publish(
        type=event_pb2.EVENT_TYPE_SEQUENCE_WEBHOOK, endpoint_id=endpoint_id
    )

    (delivery,) = await dispatcher.deliveries(event_id=event_id)
    assert delivery.state == pb.DELIVERY_STATE_DROPPED
    assert receiver.received == []


async def test_an_endpoint_that_never_was(dispatcher: Any) -> None:
    """Publishing to an unknown endpoint is refused, however often it is tried."""
    for _ in range(2):
        with pytest.raises(NotFound) as refusal:
            await dispatcher.publish(event_id="evt_lost", endpoint_id="ep_unknown")
        assert refusal.value.reason == "ENDPOINT_NOT_FOUND"


async def test_gone_disables_the_endpoint(dispatcher: Any, receiver: Any) -> None:
    """410 Gone is believed: nothing more is sent, and the endpoint says so."""
    receiver.answers = [Response(status_code=410)]
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    delivery = await dispatcher.tried()

    async def disabled() -> bool:
        found = await dispatcher.stub.GetEndpoint(
            pb.GetEndpointRequest(
                organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
            )
        )
        return bool(found.endpoint.HasField("disable_time"))

    await eventually(disabled)
    await dispatcher.publish()

    # It waits for whoever enables the endpoint again.
    assert delivery.state == pb.DELIVERY_STATE_PENDING
    assert [each.event_id for each in await dispatcher.deliveries()] == [event_id]
    assert len(receiver.received) == 1


async def test_a_delivery_lapses(start_dispatcher: Any, receiver: Any) -> None:
    """When its time is over without a success, a delivery has lapsed, and says so."""
    receiver.answers = [Response(status_code=503) for _ in range(1000)]
    async with start_dispatcher(
        first_retry="100ms", longest_retry="100ms", lapse_after="1s"
    ) as dispatcher:
        await dispatcher.create(receiver.url)
        (delivery,) = await dispatcher.settled(await dispatcher.publish())

        attempts = await dispatcher.attempts(delivery)

    assert delivery.state == pb.DELIVERY_STATE_LAPSED
    assert len(attempts) == delivery.attempts >= 10
    assert {each.status_code for each in attempts} == {503}


async def test_nobody_there_is_an_attempt_too(dispatcher: Any) -> None:
    """An attempt without an answer is listed with status 0 and its reason."""
    await dispatcher.create("http://127.0.0.1:1/")
    await dispatcher.publish()

    delivery = await dispatcher.tried()

    first, *_ = await dispatcher.attempts(delivery)
    assert (first.number, first.status_code) == (1, 0)
    assert "No answer" in first.error


async def test_a_new_secret_signs_from_then_on(dispatcher: Any, receiver: Any) -> None:
    """After a rotation the new secret verifies what is delivered."""
    created = await dispatcher.create(receiver.url)
    rotated = await dispatcher.stub.RotateEndpointSecret(
        pb.RotateEndpointSecretRequest(
            organization_id="org_test",
            endpoint_id=created.endpoint.endpoint_id,
            request_id="r1",
        )
    )

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    assert rotated.secret != created.secret
    assert Webhook(rotated.secret).verify(request.body, request.headers)


async def test_a_restart_delivers_what_was_never_started(
    start_dispatcher: Any, receiver: Any
) -> None:
    """A crash after the rows and before the workflows is made up for at the next start."""
    async with start_dispatcher() as dispatcher:
        created = await dispatcher.create(receiver.url)
        database_url = dispatcher.database_url
    await leave_rows_without_a_workflow(database_url, created.endpoint.endpoint_id)

    async with start_dispatcher() as dispatcher:
        await receiver.heard(1)
        (delivery,) = await dispatcher.settled("evt_crashed")

    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert [each.headers["webhook-id"] for each in receiver.received] == ["evt_crashed"]


async def test_publishing_again_starts_what_was_never_started(
    dispatcher: Any, receiver: Any
) -> None:
    """The publisher's own repetition makes up for a crash between rows and workflows."""
    created = await dispatcher.create(receiver.url)
    await leave_rows_without_a_workflow(dispatcher.database_url, created.endpoint.endpoint_id)

    await dispatcher.publish(event_id="evt_crashed")

    (delivery,) = await dispatcher.settled("evt_crashed")
    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert len(receiver.received) == 1


async def test_what_has_ended_is_not_delivered_again(dispatcher: Any, receiver: Any) -> None:
    """Publishing again long after the end, when Temporal has forgotten it, sends nothing."""
    created = await dispatcher.create(receiver.url)
    await leave_rows_without_a_workflow(
        dispatcher.database_url, created.endpoint.endpoint_id, state="delivered"
    )

    await dispatcher.publish(event_id="evt_crashed")
    marker = await dispatcher.publish()
    await dispatcher.settled(marker)

    assert [each.headers["webhook-id"] for each in receiver.received] == [marker]


async def test_pages_of_deliveries(dispatcher: Any, receiver: Any) -> None:
    """A walk through the pages sees each delivery once, newest first, under any filter."""
    await dispatcher.create(receiver.url)
    published = [await dispatcher.publish() for _ in range(5)]
    for event_id in published:
        await dispatcher.settled(event_id)

    seen, token = [], ""
    while True:
        page = await dispatcher.stub.ListDeliveries(
            pb.ListDeliveriesRequest(
                organization_id="org_test",
                page_size=2,
                page_token=token,
                state=pb.DELIVERY_STATE_DELIVERED,
            )
        )
        seen += [each.event_id for each in page.deliveries]
        token = page.next_page_token
        if not token:
            break

    assert seen == published[::-1]


async def leave_rows_without_a_workflow(
    database_url: str, endpoint_id: str, *, state: str = "pending"
) -> None:
    """What a crash leaves behind: an event and its delivery, and no workflow."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "webhook"})
    await connection.execute(
        """
        INSERT INTO events VALUES ('org_test', 'evt_crashed', 'lead.started', '{}', now())
        """
    )
    await connection.execute(
        """
        INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                                state, created_at, ended_at)
        VALUES ('dlv_crashed', 'org_test', 'evt_crashed', 'lead.started', $1, $2, $3,
                CASE WHEN $2 = 'pending' THEN NULL ELSE $3::timestamptz END)
        """,
        endpoint_id,
        state,
        datetime(2025, 12, 31, tzinfo=UTC),
    )
    await connection.close()


async def test_what_lands_at_once_needs_no_workflow(
    start_dispatcher: Any, receiver: Any, temporal_client: Any
) -> None:
    """The first attempt is made where the event was published, Temporal or no Temporal."""
    away = Away(failures=1000)
    client = Client(**{**temporal_client.config(), "interceptors": [away]})
    async with start_dispatcher(client=client) as dispatcher:
        await dispatcher.create(receiver.url)

        (delivery,) = await dispatcher.settled(await dispatcher.publish())

    assert (delivery.state, delivery.attempts) == (pb.DELIVERY_STATE_DELIVERED, 1)
    assert away.failures == 1000


async def test_without_temporal_nothing_is_lost(
    start_dispatcher: Any, receiver: Any, temporal_client: Any
) -> None:
    """A delivery whose workflow could not be started gets it as soon as Temporal is back."""
    away = Away(failures=3)
    client = Client(**{**temporal_client.config(), "interceptors": [away]})
    receiver.answers = [Response(status_code=503)]
    async with start_dispatcher(client=client) as dispatcher:
        await dispatcher.create(receiver.url)

        (delivery,) = await dispatcher.settled(await dispatcher.publish())

        # It may land before the look that has started its workflow is through.
        await eventually(lambda: asyncio.sleep(0, not orphans(dispatcher)))
    assert (delivery.state, delivery.attempts) == (pb.DELIVERY_STATE_DELIVERED, 2)
    assert away.failures == 0


def orphans(dispatcher: Any) -> float:
    return float(dispatcher.count("webhook_deliveries_orphaned"))


async def test_a_slow_endpoint_leaves_room_for_others(start_dispatcher: Any, receiver: Any) -> None:
    """What has no room here goes to workflows; nothing is lost, nothing waits for the slow one."""
    receiver.gate = asyncio.Event()
    # Two at once to each endpoint from here, and two from workflows.
    async with start_dispatcher(concurrent_deliveries=16) as dispatcher:
        await dispatcher.create(receiver.url)
        events = [await dispatcher.publish() for _ in range(3)]
        await receiver.heard(3)
        receiver.gate.set()
        settled = [await dispatcher.settled(event) for event in events]

        started = dispatcher.count("webhook_delivery_workflows_started_total")

    assert all(each.attempts == 1 for (each,) in settled)
    assert started == 1


async def test_leaving_loses_no_delivery(start_dispatcher: Any, receiver: Any) -> None:
    """What a process leaves under way gets a workflow, which the next process sees through."""
    receiver.gate = asyncio.Event()
    async with start_dispatcher(shutdown_grace=timedelta(milliseconds=50)) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        await receiver.heard(1)
    receiver.gate.set()

    async with start_dispatcher() as dispatcher:
        (delivery,) = await dispatcher.settled(event_id)

    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert {each.headers["webhook-id"] for each in receiver.received} == {event_id}


async def test_a_delivery_whose_workflow_was_ended_at_temporal_goes_on(
    start_dispatcher: Any, receiver: Any, temporal_client: Any
) -> None:
    """Once that would have tried it: its row said that it had one, and it was pending for ever."""
    receiver.answers = [Response(status_code=503)]
    async with start_dispatcher(first_retry="1h") as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        delivery = await dispatcher.tried()
        rows = await asyncpg.connect(dispatcher.database_url)
        started = "SELECT workflow_started_at FROM webhook.deliveries"
        await eventually(lambda: rows.fetchval(started))
        workflow_id = f"delivery/{event_id}/{delivery.endpoint_id}"
        await temporal_client.get_workflow_handle(workflow_id).terminate()
    long_ago = datetime(2025, 12, 30, tzinfo=UTC)
    await rows.execute("UPDATE webhook.deliveries SET workflow_started_at = $1", long_ago)
    await rows.close()

    async with start_dispatcher(first_retry="1h") as dispatcher:
        (delivery,) = await dispatcher.settled(event_id)

    assert (delivery.state, delivery.attempts) == (pb.DELIVERY_STATE_DELIVERED, 2)


class Away(Interceptor):
    """Makes the first so many starts of workflows find nobody there."""

    def __init__(self, *, failures: int) -> None:
        self.failures = failures

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        return AwayOutbound(next, self)


class AwayOutbound(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, away: Away) -> None:
        super().__init__(following)
        self.away = away

    async def start_workflow(self, input: StartWorkflowInput) -> Any:  # noqa: A002
        if self.away.failures:
            self.away.failures -= 1
            raise RPCError("nobody there", RPCStatusCode.UNAVAILABLE, b"")
        return await super().start_workflow(input)


async def test_a_secret_that_cannot_be_read_is_told(dispatcher: Any, receiver: Any) -> None:
    """Nothing goes out unsigned: each attempt is listed with its reason, and it is tried again."""
    created = await dispatcher.create(receiver.url)
    broken = await asyncpg.connect(dispatcher.database_url)
    sealed = await broken.fetchval("SELECT secret FROM webhook.endpoints")
    await broken.execute("UPDATE webhook.endpoints SET secret = '\\x00'")

    event_id = await dispatcher.publish()
    tried = await dispatcher.attempts(await dispatcher.tried())
    await broken.execute("UPDATE webhook.endpoints SET secret = $1", sealed)
    await broken.close()
    (delivery,) = await dispatcher.settled(event_id)

    assert tried[0].error == "Nothing was sent: it cannot be signed."
    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    (request,) = receiver.received
    Webhook(created.secret).verify(request.body, request.headers)
