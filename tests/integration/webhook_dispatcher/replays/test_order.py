"""What comes by a replay comes in a lead's order, however it was published."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.postgres import pool as postgres
from starlette.responses import Response
from webhook_dispatcher.replays.replay_events import LOOK

from tests.integration.webhook_dispatcher.conftest import an_event
from tests.integration.webhook_dispatcher.replays.test_replays import (
    ended,
    heard,
    publish_numbered,
    replay,
    resend,
)

IDS = ["evt_d", "evt_b", "evt_c", "evt_a"]
"""Of one lead, as they happened; ids are in no order."""
SLOW = 60
"""One event in each step: whoever is looked at too early is sent too early."""


async def test_a_replay_keeps_the_order_of_a_lead(dispatcher: Any, receiver: Any) -> None:
    """What was refused comes before what followed it, also where one was sent again by itself."""
    created = await dispatcher.create(receiver.url)
    await publish_numbered(dispatcher, 1, 2, 3, 4, ids=IDS)
    for event_id in IDS:
        (delivery,) = await dispatcher.settled(event_id)
        if event_id == IDS[1]:
            await resend(dispatcher, delivery.delivery_id)
            await dispatcher.settled(event_id)
    receiver.received.clear()
    receiver.answers = [Response(status_code=503), Response(status_code=503)]

    made = await ended(dispatcher, await replay(dispatcher, created.endpoint.endpoint_id))
    await receiver.heard(6)

    assert made.deliveries == 4
    assert heard(receiver) == [IDS[0], IDS[0], *IDS]


async def test_who_comes_late_hears_a_lead_in_order(dispatcher: Any, receiver: Any) -> None:
    """An endpoint that was not there when a lead's events happened gets them as they did."""
    await publish_numbered(dispatcher, 1, 2, 3, 4, ids=IDS)
    created = await dispatcher.create(receiver.url)
    receiver.answers = [Response(status_code=503)]

    await ended(dispatcher, await replay(dispatcher, created.endpoint.endpoint_id))
    await receiver.heard(5)

    assert heard(receiver) == [IDS[0], *IDS]


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("one_call", [True, False])
async def test_steps_keep_the_order_of_a_lead(
    dispatcher: Any, receiver: Any, *, one_call: bool
) -> None:
    """A lead that is longer than a step is stepped through by its numbers; none is left out.

    What has no number, and another lead, were published between them.
    """
    created = await dispatcher.create(receiver.url)
    if one_call:
        await publish_mixed(dispatcher)
    else:
        for number, event_id in enumerate(IDS, 1):
            await publish_numbered(dispatcher, number, ids=[event_id])
    for event_id in IDS:
        await dispatcher.settled(event_id)
    count = len(receiver.received)
    receiver.received.clear()

    made = await replay(dispatcher, created.endpoint.endpoint_id, max_per_minute=SLOW)
    done = await ended(dispatcher, made)
    await receiver.heard(count)

    assert [each for each in heard(receiver) if each in IDS] == IDS
    assert (done.examined_events, done.deliveries) == (count, count)


async def publish_mixed(dispatcher: Any) -> None:
    """The lead's events, one of another lead, and one of none, at one time."""
    events = [
        an_event(each, event_pb2.EVENT_TYPE_STEP_COMPLETED) for each in [*IDS, "evt_0", "evt_9"]
    ]
    for number, event in enumerate(events[:4], 1):
        event.subject, event.sequence_number = "lead_1", number
    events[4].subject, events[4].sequence_number = "lead_2", 1
    await dispatcher.stub.PublishEvents(
        pb.PublishEventsRequest(
            organization_id="org_test",
            events=[pb.PublishEventRequest(event=event) for event in events],
        )
    )
    for event in events[4:]:
        await dispatcher.settled(event.event_id)


SET_BACK = """
    UPDATE events
       SET published_at = timestamptz '2026-01-01Z' + ($1::int[])[number] * interval '1 minute'
"""


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("times", [[2, 3, 0, 1], [3, 0, 2, 1]])
async def test_a_clock_that_was_set_back_turns_no_lead_around(
    dispatcher: Any, receiver: Any, times: list[int]
) -> None:
    """What was published before that has a later time, and came after what followed it."""
    created = await dispatcher.create(receiver.url)
    await publish_numbered(dispatcher, 1, 2, 3, 4, ids=IDS)
    for event_id in IDS:
        await dispatcher.settled(event_id)
    receiver.received.clear()
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(SET_BACK, times)

    made = await replay(dispatcher, created.endpoint.endpoint_id, max_per_minute=SLOW)
    done = await ended(dispatcher, made)
    await receiver.heard(4)

    assert heard(receiver) == IDS
    assert (done.examined_events, done.deliveries) == (4, 4)


OLD_STEP = """
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_subject, after_number, after_id, created_at)
    SELECT 'rpl_1', organization_id, 'r1', $1, published_at, published_at + interval '1 second',
           '{}', '{}', false, 30000, 'running', published_at, 'lead_9', 9, 'evt_c', now()
      FROM events WHERE event_id = 'evt_c'
"""


async def test_a_step_of_before_leaves_nothing_out(dispatcher: Any, receiver: Any) -> None:
    """Where a process of the release before went by ids, what it cut through comes once more."""
    created = await dispatcher.create(receiver.url)
    await publish_numbered(dispatcher, 1, 2, 3, 4, ids=IDS)
    for event_id in IDS:
        await dispatcher.settled(event_id)
    receiver.received.clear()

    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(OLD_STEP, created.endpoint.endpoint_id)
    await receiver.heard(len(IDS))

    assert heard(receiver) == IDS


PUBLISH = """
    INSERT INTO events (organization_id, event_id, type, payload, published_at, subject, number)
    SELECT 'org_test', 'evt_' || number, 'lead.started', '{}',
           timestamptz '2026-01-01Z' + minute * interval '1 minute', 'lead_1', number
      FROM unnest($1::int[]) WITH ORDINALITY AS times (minute, number)
"""
STANDS_AT_HALF_PAST = """
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_subject, after_number, after_event_id, after_id, created_at)
    VALUES ('rpl_1', 'org_test', 'r1', $1, '2026-01-01Z', '2026-01-02Z', '{}', '{}', false, 30000,
            'running', timestamptz '2026-01-01Z' + interval '30 minutes', 'lead_1', 2, 'evt_2', '',
            now())
"""


@pytest.mark.parametrize(
    ("times", "left"),
    [([0, 30, 45, 12], [3]), ([0, 30, 50, 40, 12], [3, 4]), ([0, 30, 50, 12, 40], [3, 5])],
)
async def test_what_was_published_behind_a_replay_takes_nothing_along(
    dispatcher: Any, receiver: Any, times: list[int], left: list[int]
) -> None:
    """The clock was set back while it ran: the others were passed over, and came by nobody."""
    created = await dispatcher.create(receiver.url)
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(PUBLISH, times)
        await pool.execute(STANDS_AT_HALF_PAST, created.endpoint.endpoint_id)
    await receiver.heard(len(left))

    assert heard(receiver) == [f"evt_{number}" for number in left]


MANY = """
    INSERT INTO events (organization_id, event_id, type, payload, published_at, subject, number)
    SELECT 'org_test', md5(number::text), 'lead.started', '{}',
           timestamptz '2026-03-02Z' + number / 100 * interval '1 second',
           format('lead_%s', number % 100 / 10), number
      FROM generate_series(1, 20000) AS number
"""


async def test_a_step_reads_what_it_looks_at(dispatcher: Any) -> None:
    """By the index of an organization's events, from where it stands; what follows is not read.

    Others of a subject are found by their numbers, whatever their times.
    """
    created = await dispatcher.create("http://127.0.0.1:1/")
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    values = LOOK.given(
        replay_id="rpl_1",
        organization_id="org_test",
        endpoint_id=created.endpoint.endpoint_id,
        event_types=[],
        campaign_ids=[],
        failed_only=False,
        after_time=begin + timedelta(seconds=100),
        after_subject="lead_4",
        after_number=10_045,
        after_event_id="",
        start_at=begin,
        end_at=begin + timedelta(days=1),
        limit=50,
    )
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        await pool.execute(MANY)
        await pool.execute("ANALYZE events")
        rows = await pool.fetch(LOOK.sql, *values)
        plan = await pool.fetch(f"EXPLAIN (ANALYZE, COSTS off) {LOOK.sql}", *values)

    told = "\n".join(row[0] for row in plan)
    assert rows[0]["subject"] == "lead_4"
    assert rows[0]["number"] == 10_045
    assert "events_of_organization" in told
    assert "Seq Scan on events" not in told
    assert "events_in_order" in told
    assert max(read_of(told, "events_of_organization")) <= 300


def read_of(plan: str, index: str) -> list[int]:
    """Rows that each scan of an index gave."""
    lines = [line for line in plan.splitlines() if f" {index} " in line]
    return [int(float(line.split("rows=")[1].split()[0])) for line in lines]
