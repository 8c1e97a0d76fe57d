"""What was published can be looked for, and each attempt tells both of its sides."""

from typing import Any

import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import InvalidArgument, NotFound
from starlette.responses import Response

from tests.integration.webhook_dispatcher.conftest import an_event


async def test_events_are_found_by_what_they_are_about(dispatcher: Any) -> None:
    """By lead, campaign and type, without what they say; one of them with it."""
    for event_id, lead_id, kind in [
        ("evt_1", "lead_1", event_pb2.EVENT_TYPE_LEAD_STARTED),
        ("evt_2", "lead_2", event_pb2.EVENT_TYPE_LEAD_STARTED),
        ("evt_3", "lead_2", event_pb2.EVENT_TYPE_LEAD_FAILED),
    ]:
        event = an_event(event_id, kind)
        event.lead.id = lead_id
        await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=event))

    async def found(asked: str) -> list[str]:
        request = pb.ListEventsRequest(organization_id="org_test", filter=asked)
        answer = await dispatcher.stub.ListEvents(request)
        assert not any(each.body for each in answer.events)
        return [each.event_id for each in answer.events]

    read = await dispatcher.stub.GetEvent(
        pb.GetEventRequest(organization_id="org_test", event_id="evt_3")
    )

    assert await found("") == ["evt_3", "evt_2", "evt_1"]
    assert await found('lead_id = "lead_2"') == ["evt_3", "evt_2"]
    assert await found('type = "lead.started" AND campaign_id = "camp_1"') == ["evt_2", "evt_1"]
    assert await found('campaign_id = "camp_2"') == []
    assert await found('type = "lead.*" AND lead_id = "lead_2"') == ["evt_3", "evt_2"]
    assert await found('type != "lead.*"') == []
    assert await found('NOT type = "reply.*"') == ["evt_3", "evt_2", "evt_1"]
    for nothing in ("lead.unheard_of", "nobody.*", "lead"):
        with pytest.raises(InvalidArgument) as refused:
            await found(f'type = "{nothing}"')
        assert refused.value.reason == "FILTER_INVALID"
    assert '"Zoë"' in read.event.body
    assert read.event.occur_time == event.occur_time


async def test_a_gap_is_asked_for(dispatcher: Any) -> None:
    """Whoever misses numbers of a lead finds those events by them, in their order."""
    for number in range(1, 7):
        event = an_event(f"evt_{number}", event_pb2.EVENT_TYPE_STEP_COMPLETED)
        event.subject, event.sequence_number = "lead_1", number
        await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=event))
    request = pb.ListEventsRequest(
        organization_id="org_test",
        filter='lead_id = "lead_1" AND sequence_number >= 3 AND sequence_number <= 4',
        order_by="create_time",
    )

    answer = await dispatcher.stub.ListEvents(request)

    found = [(each.subject, each.sequence_number, each.event_id) for each in answer.events]
    assert found == [("lead_1", 3, "evt_3"), ("lead_1", 4, "evt_4")]


async def test_an_event_that_is_not_there(dispatcher: Any) -> None:
    """It is told."""
    with pytest.raises(NotFound) as refusal:
        await dispatcher.stub.GetEvent(
            pb.GetEventRequest(organization_id="org_test", event_id="evt_unknown")
        )

    assert refusal.value.reason == "EVENT_NOT_FOUND"


async def test_an_attempt_tells_both_sides(dispatcher: Any, receiver: Any) -> None:
    """What was sent but for what is secret, and what came back but for what keeps a session."""
    refusal = Response(
        "broken\n" + "x" * 5000,
        status_code=500,
        headers={"x-request": "abc", "set-cookie": "session=s3cret"},
    )
    receiver.answers = [refusal]
    await dispatcher.create(receiver.url, headers={"x-token": "s3cret"})
    (delivery,) = await dispatcher.settled(await dispatcher.publish())

    first, second = await dispatcher.attempts(delivery)
    (of_lead,) = await dispatcher.deliveries(filter='lead_id = "lead_1"')

    assert first.request_headers["x-token"] == "***"
    assert first.request_headers["webhook-signature"].startswith("v1,")
    assert first.response_headers["x-request"] == "abc"
    assert first.response_excerpt.startswith("broken xxx")
    assert len(first.response_excerpt) == 1000
    assert (second.status_code, second.response_excerpt) == (204, "")
    assert "s3cret" not in str(first)
    assert of_lead.delivery_id == delivery.delivery_id
