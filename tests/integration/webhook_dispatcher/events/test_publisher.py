"""Events, published by several at once and by several organizations."""

import asyncio
from typing import Any

from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
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
