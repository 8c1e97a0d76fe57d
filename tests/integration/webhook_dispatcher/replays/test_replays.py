"""What a receiver threw away comes again: one delivery, or a stretch of time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import event_pb2, replay_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from standardwebhooks import Webhook
from starlette.responses import Response

from tests.integration.webhook_dispatcher.conftest import FAST as CLOCK
from tests.integration.webhook_dispatcher.conftest import an_event, eventually

LONG_AGO = Timestamp()
LONG_AGO.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
FAST = 30_000


async def replay(dispatcher: Any, endpoint_id: str, **fields: Any) -> replay_pb2.Replay:
    request = {
        "request_id": new_id("req"),
        "organization_id": "org_test",
        "endpoint_id": endpoint_id,
        "start_time": LONG_AGO,
        "max_per_minute": FAST,
    } | fields
    answer = await dispatcher.stub.CreateReplay(pb.CreateReplayRequest(**request))
    made: replay_pb2.Replay = answer.replay
    return made


async def ended(dispatcher: Any, made: replay_pb2.Replay) -> replay_pb2.Replay:
    """A replay once it runs no more."""
    request = pb.GetReplayRequest(organization_id="org_test", replay_id=made.replay_id)

    async def ask() -> Any:
        now = (await dispatcher.stub.GetReplay(request)).replay
        return now if now.state != replay_pb2.REPLAY_STATE_RUNNING else None

    done: replay_pb2.Replay = await eventually(ask)
    return done


def heard(receiver: Any) -> list[str]:
    return [each.headers["webhook-id"] for each in receiver.received]


async def resend(dispatcher: Any, delivery_id: str) -> pb.Delivery:
    answer = await dispatcher.stub.ResendDelivery(
        pb.ResendDeliveryRequest(organization_id="org_test", delivery_id=delivery_id)
    )
    delivery: pb.Delivery = answer.delivery
    return delivery


async def test_one_delivery_comes_again(dispatcher: Any, receiver: Any) -> None:
    """Under the same id and with the same bytes; what is counted of it goes on."""
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    (delivered,) = await dispatcher.settled(event_id)

    pending = await resend(dispatcher, delivered.delivery_id)
    await receiver.heard(2)
    (again,) = await dispatcher.settled(event_id)

    first, second = receiver.received
    assert pending.state == pb.DELIVERY_STATE_PENDING
    assert (second.body, second.headers["webhook-id"]) == (first.body, event_id)
    assert Webhook(created.secret).verify(second.body, second.headers)
    assert (again.delivery_id, again.attempts) == (delivered.delivery_id, 2)
    assert [each.number for each in await dispatcher.attempts(again)] == [1, 2]


async def test_what_lapsed_is_never_final(start_dispatcher: Any, receiver: Any) -> None:
    """A dead letter is sent again, and is tried as patiently as any, by a workflow."""
    refusals = [Response(status_code=503)] * 2
    async with start_dispatcher() as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        await lapse(dispatcher, delivery.delivery_id)
        (lapsed,) = await dispatcher.deliveries(filter="state = LAPSED")
        receiver.answers = refusals

        await resend(dispatcher, lapsed.delivery_id)
        await receiver.heard(4)
        (again,) = await dispatcher.settled(event_id)

    assert again.state == pb.DELIVERY_STATE_DELIVERED
    assert again.attempts == 4


async def lapse(dispatcher: Any, delivery_id: str) -> None:
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(
            "UPDATE deliveries SET state = 'lapsed', ended_at = $2 WHERE delivery_id = $1",
            delivery_id,
            CLOCK.now(),
        )


async def test_what_comes_again_has_had_its_turn(dispatcher: Any, receiver: Any) -> None:
    """Of its lead it waits for none, and none waits for it: it was heard, or given up, in order."""
    await dispatcher.create(receiver.url)
    first, second = await publish_numbered(dispatcher, 1, 2)
    (delivered,) = await dispatcher.settled(first)
    (lapsed,) = await dispatcher.settled(second)
    await lapse(dispatcher, lapsed.delivery_id)
    refused = {first}
    receiver.answer = lambda each: Response(
        status_code=503 if each.headers["webhook-id"] in refused else 204
    )

    await resend(dispatcher, delivered.delivery_id)
    await receiver.heard(3)
    (third,) = await publish_numbered(dispatcher, 3)
    await dispatcher.settled(third)
    await resend(dispatcher, lapsed.delivery_id)
    await dispatcher.settled(second)
    (still,) = await dispatcher.deliveries(event_id=first)
    refused.clear()
    await dispatcher.settled(first)

    assert still.state == pb.DELIVERY_STATE_PENDING
    others = [each for each in heard(receiver)[3:] if each != first]
    assert others == [third, second]


async def publish_numbered(dispatcher: Any, *numbers: int, ids: Sequence[str] = ()) -> list[str]:
    """Events of one lead, in one call."""
    events = []
    for number, event_id in zip(numbers, ids or [new_id("evt") for _ in numbers], strict=True):
        event = an_event(event_id, event_pb2.EVENT_TYPE_LEAD_STARTED)
        event.subject, event.sequence_number = "lead_1", number
        events.append(event)
    request = pb.PublishEventsRequest(
        organization_id="org_test",
        events=[pb.PublishEventRequest(event=event) for event in events],
    )
    await dispatcher.stub.PublishEvents(request)
    return [event.event_id for event in events]


async def test_what_is_being_tried_stays_as_it_is(dispatcher: Any, receiver: Any) -> None:
    """Asking for it again neither doubles it nor fails."""
    receiver.answers = [Response(status_code=503)] * 1000
    await dispatcher.create(receiver.url)
    await dispatcher.publish()
    delivery = await dispatcher.tried()

    again = await resend(dispatcher, delivery.delivery_id)

    assert again.state == pb.DELIVERY_STATE_PENDING


async def test_what_cannot_be_sent_is_refused(dispatcher: Any, receiver: Any) -> None:
    """By who it would go to, by what it would say, and by that it is not there."""
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    (delivery,) = await dispatcher.settled(event_id)
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}

    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute("UPDATE events SET payload = '', sealed_payload = NULL")
    with pytest.raises(FailedPrecondition) as without_body:
        await resend(dispatcher, delivery.delivery_id)
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
    with pytest.raises(FailedPrecondition) as disabled:
        await resend(dispatcher, delivery.delivery_id)
    with pytest.raises(FailedPrecondition) as replayed:
        await replay(dispatcher, created.endpoint.endpoint_id)
    with pytest.raises(NotFound) as unknown:
        await resend(dispatcher, "dlv_unknown")

    assert without_body.value.reason == "EVENT_BODY_GONE"
    assert disabled.value.reason == replayed.value.reason == "ENDPOINT_NOT_SERVED"
    assert unknown.value.reason == "DELIVERY_NOT_FOUND"


async def test_a_stretch_of_time_comes_again(dispatcher: Any, receiver: Any) -> None:
    """All of it, the oldest first, each under its id; a second replay brings it once more."""
    created = await dispatcher.create(receiver.url)
    published = [await dispatcher.publish() for _ in range(5)]
    for event_id in published:
        await dispatcher.settled(event_id)
    receiver.received.clear()

    done = await ended(dispatcher, await replay(dispatcher, created.endpoint.endpoint_id))
    await receiver.heard(5)

    assert sorted(heard(receiver)) == sorted(published)
    assert done.state == replay_pb2.REPLAY_STATE_DONE
    assert (done.examined_events, done.deliveries) == (5, 5)


async def test_who_was_not_there_hears_what_they_missed(dispatcher: Any, receiver: Any) -> None:
    """A new endpoint is sent what it would have heard, and nothing that it does not want."""
    other = await dispatcher.create("http://127.0.0.1:1/")
    started = await dispatcher.publish()
    await dispatcher.publish(type=event_pb2.EVENT_TYPE_CAMPAIGN_PAUSED)
    await dispatcher.publish(
        type=event_pb2.EVENT_TYPE_SEQUENCE_WEBHOOK, endpoint_id=other.endpoint.endpoint_id
    )
    late = await dispatcher.create(receiver.url, event_types=["lead.*", "sequence.*"])

    done = await ended(dispatcher, await replay(dispatcher, late.endpoint.endpoint_id))
    await receiver.heard(1)

    assert heard(receiver) == [started]
    assert (done.examined_events, done.deliveries) == (3, 1)


async def test_who_was_disabled_recovers_what_it_missed(dispatcher: Any, receiver: Any) -> None:
    """From when it says on; enabling it again says nothing."""
    created = await dispatcher.create(receiver.url)
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}
    await dispatcher.settled(await dispatcher.publish())
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
    missed = [await dispatcher.publish(), await dispatcher.publish()]

    enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named))
    again = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named))
    since = enabled.missed_since_time
    await replay(dispatcher, created.endpoint.endpoint_id, start_time=since)
    await receiver.heard(3)

    assert sorted(heard(receiver)[1:]) == sorted(missed)
    assert not again.HasField("missed_since_time")


async def test_what_was_missed_while_the_clock_was_set_back_is_recovered(
    dispatcher: Any, receiver: Any
) -> None:
    """It said a time that was still to come, and the replay from then on was refused."""
    created = await dispatcher.create(receiver.url)
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}
    await dispatcher.settled(await dispatcher.publish(event_id="evt_before"))
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
    missed = [await dispatcher.publish(event_id=each) for each in ("evt_set_back", "evt_ahead")]
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(AHEAD, "evt_ahead")
        await pool.execute("UPDATE endpoints SET disabled_at = disabled_at + interval '99 hours'")
    receiver.received.clear()

    enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named))
    since = enabled.missed_since_time
    await replay(dispatcher, created.endpoint.endpoint_id, start_time=since)
    await eventually(lambda: asyncio.sleep(0, set(missed) <= set(heard(receiver))))


AHEAD = "UPDATE events SET published_at = published_at + interval '100 hours' WHERE event_id = $1"


@pytest.mark.parametrize("with_end", [True, False])
async def test_what_a_clock_that_was_set_back_calls_later_is_in_it(
    dispatcher: Any, receiver: Any, *, with_end: bool
) -> None:
    """It was left out, and whoever gave an end behind it had that cut off; a repeat is one."""
    created = await dispatcher.create(receiver.url)
    published = [await dispatcher.publish(event_id=each) for each in ("evt_now", "evt_ahead")]
    for each in published:
        await dispatcher.settled(each)
    receiver.received.clear()
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(AHEAD, "evt_ahead")
    fields: dict[str, Any] = {"request_id": "a request"}
    if with_end:
        fields["end_time"] = Timestamp()
        fields["end_time"].FromDatetime(CLOCK.now() + timedelta(hours=1000))

    made = await replay(dispatcher, created.endpoint.endpoint_id, **fields)
    again = await replay(dispatcher, created.endpoint.endpoint_id, **fields)
    done = await ended(dispatcher, made)
    await receiver.heard(2)

    assert sorted(heard(receiver)) == sorted(published)
    assert made.replay_id == again.replay_id
    assert done.deliveries == 2


@pytest.mark.parametrize("failing", [True, False])
async def test_what_was_given_up_is_among_what_was_missed(
    start_dispatcher: Any, receiver: Any, *, failing: bool
) -> None:
    """It was published before it failed, or the endpoint was disabled: a replay left it out."""
    async with start_dispatcher(first_retry="6h") as dispatcher:
        created = await dispatcher.create(receiver.url)
        named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}
        await dispatcher.settled(await dispatcher.publish())
        receiver.answers = [Response(status_code=503)] * (1 if failing else 0)
        missed = await dispatcher.publish()
        delivery = await dispatcher.tried(missed)
        await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
        await lapse(dispatcher, delivery.delivery_id)
        receiver.received.clear()

        enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named))
        since = enabled.missed_since_time
        made = await replay(dispatcher, created.endpoint.endpoint_id, start_time=since)
        await ended(dispatcher, made)
        # What was published just before may come as well: a dispatcher's clock is a little behind.
        await eventually(lambda: asyncio.sleep(0, missed in heard(receiver)))

    assert enabled.HasField("missed_since_time")


async def test_only_what_failed(dispatcher: Any, receiver: Any) -> None:
    """What was delivered, and what was never sent, is left alone."""
    created = await dispatcher.create(receiver.url)
    delivered, lapsed = await dispatcher.publish(), await dispatcher.publish()
    await dispatcher.settled(delivered)
    (delivery,) = await dispatcher.settled(lapsed)
    await lapse(dispatcher, delivery.delivery_id)
    receiver.received.clear()

    made = await replay(dispatcher, created.endpoint.endpoint_id, failed_only=True)
    await ended(dispatcher, made)
    await receiver.heard(1)

    assert heard(receiver) == [lapsed]


@pytest.mark.parametrize(
    ("fields", "heard_of"),
    [
        ({"event_types": ["lead.failed"]}, ["evt_failed"]),
        ({"event_types": ["campaign.*"]}, ["evt_paused"]),
        ({"campaign_ids": ["camp_2"]}, []),
        ({"campaign_ids": ["camp_1"], "event_types": ["lead.*"]}, ["evt_failed", "evt_started"]),
    ],
)
async def test_only_what_is_asked_for(
    dispatcher: Any, receiver: Any, fields: dict[str, Any], heard_of: list[str]
) -> None:
    """By type, by group, by campaign, and by all of them together."""
    created = await dispatcher.create(receiver.url)
    for name, kind in {
        "evt_started": event_pb2.EVENT_TYPE_LEAD_STARTED,
        "evt_failed": event_pb2.EVENT_TYPE_LEAD_FAILED,
        "evt_paused": event_pb2.EVENT_TYPE_CAMPAIGN_PAUSED,
    }.items():
        await dispatcher.settled(await dispatcher.publish(event_id=name, type=kind))
    receiver.received.clear()

    done = await ended(dispatcher, await replay(dispatcher, created.endpoint.endpoint_id, **fields))
    await receiver.heard(len(heard_of))

    assert sorted(heard(receiver)) == heard_of
    assert done.deliveries == len(heard_of)


@pytest.mark.lasts(seconds=10)
async def test_a_replay_survives_its_process(start_dispatcher: Any, receiver: Any) -> None:
    """The next process goes on where it stood: every event comes, none is left out."""
    async with start_dispatcher() as dispatcher:
        created = await dispatcher.create(receiver.url)
        published = [await dispatcher.publish(event_id=f"evt_{number}") for number in range(4)]
        for event_id in published:
            await dispatcher.settled(event_id)
        receiver.received.clear()
        # One a second: it is not through when the process ends.
        made = await replay(dispatcher, created.endpoint.endpoint_id, max_per_minute=60)
        await receiver.heard(1)

    async with start_dispatcher() as dispatcher:
        done = await ended(dispatcher, made)
        await receiver.heard(4)

    assert sorted(set(heard(receiver))) == published
    assert done.deliveries == 4


async def test_a_replay_can_be_cancelled(dispatcher: Any, receiver: Any) -> None:
    """It goes no further then; cancelling it again changes nothing."""
    created = await dispatcher.create(receiver.url)
    for _ in range(3):
        await dispatcher.settled(await dispatcher.publish())
    receiver.received.clear()
    made = await replay(dispatcher, created.endpoint.endpoint_id, max_per_minute=1)
    await receiver.heard(1)
    named = pb.CancelReplayRequest(organization_id="org_test", replay_id=made.replay_id)

    cancelled = (await dispatcher.stub.CancelReplay(named)).replay
    again = (await dispatcher.stub.CancelReplay(named)).replay
    (listed,) = (
        await dispatcher.stub.ListReplays(
            pb.ListReplaysRequest(organization_id="org_test", filter="state = CANCELLED")
        )
    ).replays

    assert cancelled.state == replay_pb2.REPLAY_STATE_CANCELLED
    assert (cancelled.examined_events, cancelled.deliveries) == (1, 1)
    assert again == listed == cancelled


async def test_the_same_request_is_one_replay(dispatcher: Any) -> None:
    """Another one by its id is refused."""
    created = await dispatcher.create("http://127.0.0.1:1/")
    endpoint_id = created.endpoint.endpoint_id

    first = await replay(dispatcher, endpoint_id, request_id="r1")
    again = await replay(dispatcher, endpoint_id, request_id="r1")
    with pytest.raises(AlreadyExists):
        await replay(dispatcher, endpoint_id, request_id="r1", failed_only=True)

    assert again.replay_id == first.replay_id


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"event_types": ["lead.unheard_of"]}, "event_types[0]"),
        ({"end_time": LONG_AGO}, "start_time"),
        ({"max_per_minute": 30_001}, "max_per_minute"),
        ({"start_time": None}, "start_time"),
    ],
)
async def test_a_replay_that_makes_no_sense(
    dispatcher: Any, fields: dict[str, Any], fault: str
) -> None:
    """It is refused by the field that is wrong."""
    created = await dispatcher.create("http://127.0.0.1:1/")

    with pytest.raises(InvalidArgument) as refusal:
        await replay(dispatcher, created.endpoint.endpoint_id, **fields)

    assert [wrong.field for wrong in refusal.value.violations] == [fault]


async def test_a_replay_of_a_disabled_endpoint_waits(dispatcher: Any, receiver: Any) -> None:
    """It is neither lost nor sent into the void: it stays, and a deleted one's is cancelled."""
    created = await dispatcher.create(receiver.url)
    await dispatcher.settled(await dispatcher.publish())
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(RUNNING, created.endpoint.endpoint_id)

        async def waited() -> bool:
            return bool(await pool.fetchval("SELECT next_step_at > now() FROM replays"))

        await eventually(waited)
        state = await pool.fetchval("SELECT state FROM replays")
        await dispatcher.stub.DeleteEndpoint(pb.DeleteEndpointRequest(**named))
        await pool.execute("UPDATE replays SET next_step_at = now()")

        async def cancelled() -> bool:
            return await pool.fetchval("SELECT state FROM replays") == "cancelled"

        await eventually(cancelled)

    assert state == "running"
    assert len(receiver.received) == 1


RUNNING = """
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_id, created_at)
    VALUES ('rpl_1', 'org_test', 'r1', $1, '2020-01-01Z', '2100-01-01Z', '{}', '{}', false, 600,
            'running', '2020-01-01Z', '', now())
"""
