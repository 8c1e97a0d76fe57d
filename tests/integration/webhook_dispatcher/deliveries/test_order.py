"""What an endpoint hears of one subject comes in order, and of many subjects at once."""

import asyncio
from collections import defaultdict
from typing import Any

import asyncpg
import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.ids import new_id
from starlette.responses import Response

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, Receiver, an_event

STARTED = event_pb2.EVENT_TYPE_LEAD_STARTED
FAILED = event_pb2.EVENT_TYPE_LEAD_FAILED


def numbered(subject: str, number: int, event_type: Any = STARTED) -> event_pb2.Event:
    event = an_event(new_id("evt"), event_type)
    event.subject, event.sequence_number = subject, number
    return event


async def publish(dispatcher: Any, *events: event_pb2.Event) -> list[str]:
    await dispatcher.stub.PublishEvents(
        pb.PublishEventsRequest(
            organization_id=ORGANIZATION,
            events=[pb.PublishEventRequest(event=event) for event in events],
        )
    )
    return [event.event_id for event in events]


def heard(receiver: Receiver) -> list[str]:
    return [each.headers["webhook-id"] for each in receiver.received]


async def test_one_failure_turns_nothing_around(dispatcher: Any, receiver: Receiver) -> None:
    """What comes after an event that failed waits until that has landed; other leads do not.

    Of a hundred leads eighty-two arrived out of order after a single 503.
    """
    receiver.answers = [Response(status_code=503)]
    await dispatcher.create(receiver.url)

    (first,) = await publish(dispatcher, numbered("lead_1", 1))
    await receiver.heard(1)
    later = await publish(dispatcher, *(numbered("lead_1", n) for n in range(2, 6)))
    others = await publish(dispatcher, *(numbered("lead_2", n) for n in range(1, 3)))
    for event_id in (first, *later, *others):
        await dispatcher.settled(event_id)

    order = heard(receiver)
    assert [each for each in order if each not in others] == [first, first, *later]
    assert [each for each in order if each in others] == others
    assert order.index(others[0]) < order.index(later[0])
    # What waited needed no attempt, and no workflow.
    counts = [(await dispatcher.deliveries(event_id=each))[0].attempts for each in later]
    assert counts == [1, 1, 1, 1]
    assert dispatcher.count("webhook_delivery_workflows_started_total") == 1


async def test_published_out_of_order(dispatcher: Any, receiver: Receiver) -> None:
    """An event that was published too soon waits for the one before it."""
    await dispatcher.create(receiver.url)

    (second,) = await publish(dispatcher, numbered("lead_1", 2))
    (marker,) = await publish(dispatcher, numbered("lead_2", 1))
    await dispatcher.settled(marker)
    (first,) = await publish(dispatcher, numbered("lead_1", 1))
    await dispatcher.settled(second)

    assert heard(receiver) == [marker, first, second]


@pytest.mark.lasts(seconds=5)
async def test_a_gap_is_not_waited_for_for_ever(start_dispatcher: Any, receiver: Receiver) -> None:
    """Whose predecessor nobody publishes goes on its way without it."""
    async with start_dispatcher(delivery_timeout="100ms") as dispatcher:
        await dispatcher.create(receiver.url)

        third, fourth = await publish(dispatcher, numbered("lead_1", 3), numbered("lead_1", 4))
        await dispatcher.settled(fourth)

    assert heard(receiver) == [third, fourth]


async def test_only_what_an_endpoint_hears_is_waited_for(
    dispatcher: Any, receiver: Receiver
) -> None:
    """An endpoint that does not hear what comes before is told at once; numbers have gaps there."""
    receiver.answers = [Response(status_code=503)]
    await dispatcher.create(f"{receiver.url}/all")
    await dispatcher.create(f"{receiver.url}/failed", event_types=["lead.failed"])
    (first,) = await publish(dispatcher, numbered("lead_1", 1))
    await receiver.heard(1)

    (second,) = await publish(dispatcher, numbered("lead_1", 2, FAILED))
    await dispatcher.settled(second)

    order = [(each.path, each.headers["webhook-id"]) for each in receiver.received]
    assert order[:2] == [("/all", first), ("/failed", second)]
    assert order[2:] == [("/all", first), ("/all", second)]


async def test_what_lapses_makes_way(start_dispatcher: Any, receiver: Receiver) -> None:
    """An event that is never taken holds up those after it only until it is given up."""
    refused = numbered("lead_1", 1)

    receiver.answer = lambda each: Response(
        status_code=400 if each.headers["webhook-id"] == refused.event_id else 204
    )
    async with start_dispatcher(
        first_retry="20ms", longest_retry="20ms", lapse_after="1s", delivery_timeout="100ms"
    ) as dispatcher:
        await dispatcher.create(receiver.url)
        (second,) = (await publish(dispatcher, refused, numbered("lead_1", 2)))[1:]
        (delivery,) = await dispatcher.settled(second)
        (before,) = await dispatcher.deliveries(event_id=refused.event_id)

    assert before.state == pb.DELIVERY_STATE_LAPSED
    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert delivery.end_time.ToDatetime() > before.end_time.ToDatetime()


@pytest.mark.lasts(seconds=5)
async def test_what_was_left_waiting_goes_on_after_a_restart(
    start_dispatcher: Any, receiver: Receiver
) -> None:
    """Whoever dies between the end of a delivery and the next one leaves that to whoever starts."""
    receiver.answers = [Response(status_code=503)]
    async with start_dispatcher(first_retry="1h", delivery_timeout="100ms") as dispatcher:
        await dispatcher.create(receiver.url)
        first, second = await publish(dispatcher, numbered("lead_1", 1), numbered("lead_1", 2))
        await dispatcher.tried(first)
        rows = await asyncpg.connect(dispatcher.database_url)
    await rows.execute(
        "UPDATE webhook.deliveries SET state = 'delivered', ended_at = now() WHERE number = 1"
    )
    await rows.close()

    async with start_dispatcher(first_retry="1h", delivery_timeout="100ms") as dispatcher:
        await dispatcher.settled(second)

    assert heard(receiver) == [first, second]


@pytest.mark.lasts(seconds=10)
async def test_many_leads_through_a_receiver_that_fails(
    dispatcher: Any, receiver: Receiver
) -> None:
    """A third of all answers is a failure: each lead's events arrive all, and in order."""
    receiver.answers = [Response(status_code=503 if n % 3 == 0 else 204) for n in range(100)]
    await dispatcher.create(receiver.url)
    events = [numbered(f"lead_{lead}", n) for n in range(1, 6) for lead in range(10)]

    await asyncio.gather(*(publish(dispatcher, *events[start::5]) for start in range(5)))
    for event in events:
        await dispatcher.settled(event.event_id)

    by_id = {event.event_id: event for event in events}
    numbers = defaultdict(list)
    for event_id in dict.fromkeys(heard(receiver)):
        numbers[by_id[event_id].subject].append(by_id[event_id].sequence_number)
    assert dict(numbers) == {f"lead_{lead}": [1, 2, 3, 4, 5] for lead in range(10)}
