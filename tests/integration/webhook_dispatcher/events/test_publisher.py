"""Events, published by several at once and by several organizations."""

import asyncio
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound
from servicekit.ids import new_id

from tests.integration.webhook_dispatcher.conftest import an_event

STARTED = event_pb2.EVENT_TYPE_LEAD_STARTED


async def test_many_at_once_publish_once(dispatcher: Any, receiver: Any) -> None:
    """Each of those who publish an event at one moment is told its deliveries; it goes once."""
    await dispatcher.create(receiver.url)
    request = pb.PublishEventRequest(event=an_event(new_id("evt"), STARTED))

    answers = await asyncio.gather(*[dispatcher.stub.PublishEvent(request) for _ in range(10)])
    await dispatcher.settled(request.event.event_id)

    assert [answer.deliveries for answer in answers] == [1] * 10
    assert [each.headers["webhook-id"] for each in receiver.received] == [request.event.event_id]
    assert dispatcher.count("webhook_events_published_total", type="lead.started") == 1


async def test_an_id_is_its_organizations(dispatcher: Any, receiver: Any) -> None:
    """Two organizations may have events of one id: neither keeps the other's from its endpoint."""
    await dispatcher.create(f"{receiver.url}/ours")
    await dispatcher.create(f"{receiver.url}/theirs", organization_id="org_other")
    ours = an_event(new_id("evt"), STARTED)
    theirs = event_pb2.Event()
    theirs.CopyFrom(ours)
    theirs.organization_id = "org_other"

    for event in (ours, theirs):
        await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=event))

    heard = await receiver.heard(2)
    assert sorted(each.path for each in heard) == ["/ours", "/theirs"]


def batch(*events: event_pb2.Event, **fields: Any) -> pb.PublishEventsRequest:
    return pb.PublishEventsRequest(
        organization_id="org_test",
        events=[pb.PublishEventRequest(event=event, **fields) for event in events],
    )


async def test_many_are_published_in_one_call(dispatcher: Any, receiver: Any) -> None:
    """Each is delivered once; the same call again, and part of it with others, adds nothing."""
    await dispatcher.create(receiver.url)
    events = [an_event(new_id("evt"), STARTED) for _ in range(5)]

    answers = [
        await dispatcher.stub.PublishEvents(batch(*events[:4])),
        await dispatcher.stub.PublishEvents(batch(*events)),
        await dispatcher.stub.PublishEvents(batch(*events, *events)),
    ]
    for event in events:
        await dispatcher.settled(event.event_id)

    assert [list(answer.deliveries) for answer in answers] == [[1] * 4, [1] * 5, [1] * 10]
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert sorted(ids) == sorted(event.event_id for event in events)


async def test_an_id_names_one_content(dispatcher: Any, receiver: Any) -> None:
    """An id that comes again with other content is refused, and none of its batch is kept."""
    await dispatcher.create(receiver.url)
    event, other = an_event(new_id("evt"), STARTED), an_event(new_id("evt"), STARTED)
    await dispatcher.stub.PublishEvents(batch(event))
    changed = event_pb2.Event()
    changed.CopyFrom(event)
    changed.lead.first_name = "Somebody else"

    for again in (batch(other, changed), batch(other, other, changed), batch(event, changed)):
        with pytest.raises(AlreadyExists) as refusal:
            await dispatcher.stub.PublishEvents(again)
        assert refusal.value.reason == "EVENT_ID_REUSED"
        assert refusal.value.metadata["event_id"] == event.event_id
    with pytest.raises(AlreadyExists):
        await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=changed))

    await dispatcher.settled(event.event_id)
    assert len(receiver.received) == 1
    assert await dispatcher.deliveries(event_id=other.event_id) == []


async def test_all_of_them_or_none(dispatcher: Any) -> None:
    """One for an endpoint that never was keeps the others out, and is named."""
    good, lost = an_event(new_id("evt"), STARTED), an_event(new_id("evt"), STARTED)
    request = batch(good)
    request.events.add(event=lost, endpoint_id="ep_unknown")

    with pytest.raises(NotFound) as refusal:
        await dispatcher.stub.PublishEvents(request)

    assert refusal.value.reason == "ENDPOINT_NOT_FOUND"
    assert refusal.value.metadata["event_id"] == lost.event_id
    connection = await asyncpg.connect(dispatcher.database_url)
    assert await connection.fetchval("SELECT count(*) FROM webhook.events") == 0
    await connection.close()


async def test_what_is_wrong_with_a_batch_is_told_by_field(dispatcher: Any) -> None:
    """A number without a subject, a subject without one, and another organization's event."""
    unnumbered, uncounted, theirs = (an_event(new_id("evt"), STARTED) for _ in range(3))
    unnumbered.subject, uncounted.sequence_number = "lead_1", 1
    theirs.organization_id = "org_other"

    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.stub.PublishEvents(batch(unnumbered, uncounted, theirs))

    assert [wrong.field for wrong in refusal.value.violations] == [
        "events[0].event.sequence_number",
        "events[1].event.sequence_number",
        "events[2].event.organization_id",
    ]
