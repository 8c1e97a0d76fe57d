"""outreach_worker.events.relay: from the outbox to webhook-dispatcher."""

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.outbox.taken_events import Postponement, TakenEvents
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach_worker.events.relay import _TIMES, OutboxRelay
from outreach_worker.metrics import Metrics
from prometheus_client import CollectorRegistry
from servicekit.errors import (
    AlreadyExists,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    ServiceError,
    Unavailable,
)
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Dispatcher:
    """What it takes it keeps; what fails is said by event."""

    def __init__(self) -> None:
        self.taken = defaultdict[str, list[int]](list)
        self.calls: list[int] = []
        self.fails: dict[str, ServiceError] = {}
        self.away = False

    async def PublishEvents(  # noqa: N802 - the rpc's name
        self, request: pb.PublishEventsRequest, **_: Any
    ) -> pb.PublishEventsResponse:
        if self.away:
            raise Unavailable
        for each in request.events:
            assert each.event.organization_id == request.organization_id
            if failure := self.fails.get(each.event.event_id):
                raise failure
        self.calls.append(len(request.events))
        for each in request.events:
            self.taken[each.event.subject].append(each.event.sequence_number)
        return pb.PublishEventsResponse(deliveries=[0] * len(request.events))


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(("campaign", "campaigns")), "campaign") as pool:
        yield pool


def relay(pool: Pool, dispatcher: Any) -> OutboxRelay:
    return OutboxRelay(OutboxRepository(pool, SEAL), dispatcher, Metrics(CollectorRegistry()))


async def write(pool: Pool, subject: str, events: int, *, organization_id: str = "org_1") -> None:
    outbox = OutboxRepository(pool, SEAL)
    for n in range(1, events + 1):
        event_id = f"evt_{subject}_{n}"
        await outbox.write(
            organization_id,
            subject,
            event_id,
            lambda number: made(organization_id, subject, number),
        )


def made(organization_id: str, subject: str, number: int) -> OutboxEvent:
    event = event_pb2.Event(
        event_id=f"evt_{subject}_{number}",
        organization_id=organization_id,
        subject=subject,
        sequence_number=number,
    )
    return OutboxEvent(
        organization_id=organization_id,
        subject=subject,
        number=number,
        event_id=event.event_id,
        type="lead.started",
        occurred_at=NOON,
        body=pb.PublishEventRequest(event=event).SerializeToString(),
        trace="",
    )


async def relayed(*relays: OutboxRelay) -> None:
    """Until nothing is left for now."""
    for each in relays:
        while await each.relay():
            pass


async def states(pool: Pool) -> Sequence[tuple[str, int]]:
    rows = await pool.fetch("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state")
    return [tuple(row) for row in rows]


async def test_each_subject_in_order_many_in_a_call(pool: Pool) -> None:
    """What is one organization's goes in one call, whatever subject it is of."""
    dispatcher = Dispatcher()
    for n in range(10):
        await write(pool, f"lead_{n}", 5)
    await write(pool, "lead_x", 2, organization_id="org_2")

    await relayed(relay(pool, dispatcher))

    assert set(map(tuple, dispatcher.taken.values())) == {(1, 2, 3, 4, 5), (1, 2)}
    assert dispatcher.calls == [50, 2]
    assert await states(pool) == [("sent", 52)]


async def test_several_relay_at_once(pool: Pool) -> None:
    """Replicas share the subjects; none is sent twice, or out of order."""
    dispatcher = Dispatcher()
    for n in range(150):
        await write(pool, f"lead_{n}", 3)

    await asyncio.gather(*(relayed(relay(pool, dispatcher)) for _ in range(3)))

    assert list(dispatcher.taken.values()) == [[1, 2, 3]] * 150


async def test_while_it_is_away_everything_waits(pool: Pool) -> None:
    """Whoever wrote does not; when it is back all of it is sent."""
    dispatcher = Dispatcher()
    dispatcher.away = True
    await write(pool, "lead_1", 3)
    with pytest.raises(Unavailable):
        await relay(pool, dispatcher).relay()
    assert await states(pool) == [("unsent", 3)]

    dispatcher.away = False
    await relayed(relay(pool, dispatcher))

    assert dispatcher.taken == {"lead_1": [1, 2, 3]}


async def test_how_old_the_oldest_is_and_what_is_kept_are_told_apart_from_sending(
    pool: Pool,
) -> None:
    """Where more is written than is sent the relay never rests, and neither waited for that.

    The figure grew no more, and nothing was ever dropped.
    """
    registry = CollectorRegistry()
    for n in range(3):
        await write(pool, f"lead_{n}", 2)
    await pool.execute("UPDATE outbox SET written_at = now() - interval '9 minutes'")
    await pool.execute(
        "UPDATE outbox SET state = 'sent', ended_at = now() - interval '31 days'"
        " WHERE subject = 'lead_1'"
    )
    sent = OutboxRelay(OutboxRepository(pool, SEAL), Dispatcher(), Metrics(registry))  # type: ignore[arg-type]

    await sent.note_oldest()
    await sent.forget()

    assert (registry.get_sample_value("outbox_oldest_seconds") or 0) >= 9 * 60
    assert await states(pool) == [("unsent", 4)]


async def test_one_organization_that_is_slow_holds_up_nobody(pool: Pool) -> None:
    """Its events are sent fewer at once until they are taken in time; those of others go on.

    Every pass began with the same five hundred, and nobody else heard anything.
    """

    class Slow(Dispatcher):
        asked: ClassVar[list[int]] = []

        async def PublishEvents(  # noqa: N802 - the rpc's name
            self, request: pb.PublishEventsRequest, **_: Any
        ) -> pb.PublishEventsResponse:
            if request.organization_id == "org_1":
                self.asked.append(len(request.events))
                if len(request.events) > 3:
                    raise DeadlineExceeded
            return await super().PublishEvents(request)

    dispatcher = Slow()
    for n in range(4):
        await write(pool, f"lead_{n}", 2)
    await write(pool, "lead_x", 3, organization_id="org_2")
    sent = relay(pool, dispatcher)

    assert await sent.relay()

    assert dispatcher.taken == {"lead_x": [1, 2, 3]}
    # It rests: nothing of it is tried meanwhile, and what others write is sent.
    await write(pool, "lead_y", 1, organization_id="org_2")
    await relayed(sent)
    assert dispatcher.taken == {"lead_x": [1, 2, 3], "lead_y": [1]}
    assert dispatcher.asked == [8]

    for _ in range(2):
        sent._slow._until.clear()
        await relayed(sent)

    assert dispatcher.asked == [8, 4, 2, 3, 3]
    assert [dispatcher.taken[f"lead_{each}"] for each in range(4)] == [[1, 2]] * 4


async def test_a_bug_that_stays_ends_visibly(pool: Pool) -> None:
    """After a day the event is set aside with its reason, and its subject goes on."""
    dispatcher, registry = Dispatcher(), CollectorRegistry()
    dispatcher.fails["evt_lead_1_1"] = Internal()
    await write(pool, "lead_1", 2)
    sent = OutboxRelay(OutboxRepository(pool, SEAL), dispatcher, Metrics(registry))  # type: ignore[arg-type]

    for _ in range(_TIMES + 1):
        await relayed(sent)
        await pool.execute("UPDATE outbox SET not_before = now()")
    await relayed(sent)

    assert dispatcher.taken == {"lead_1": [2]}
    assert await states(pool) == [("refused", 1), ("sent", 1)]
    refused = {"type": "lead.started", "outcome": "refused"}
    assert registry.get_sample_value("events_published_total", refused) == 1


async def test_who_is_locked_when_it_fails_is_not_set_aside(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by whoever seals rows anew, for a moment: it was refused at its first failure."""
    postponed = TakenEvents.postponed

    async def while_locked(*args: Any, **given: Any) -> Postponement:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM outbox WHERE number = 1 FOR NO KEY UPDATE")
            return await postponed(*args, **given)

    monkeypatch.setattr(TakenEvents, "postponed", while_locked)
    dispatcher = Dispatcher()
    dispatcher.fails["evt_lead_1_1"] = Internal()
    await write(pool, "lead_1", 2)
    await relayed(relay(pool, dispatcher))
    assert (dispatcher.taken, await states(pool)) == ({}, [("unsent", 2)])

    dispatcher.fails.clear()
    await pool.execute("UPDATE outbox SET taken_until = now()")
    await relayed(relay(pool, dispatcher))

    assert dispatcher.taken == {"lead_1": [1, 2]}


async def test_what_is_postponed_is_not_overtaken_in_the_next_call(pool: Pool) -> None:
    """A subject whose events go in two calls is held up in both."""
    dispatcher = Dispatcher()
    dispatcher.fails["evt_lead_1_1"] = Internal()
    await write(pool, "lead_1", 4)
    sent = relay(pool, dispatcher)
    sent._slow.took_too_long("org_1", events=4, now=-math.inf)

    await relayed(sent)

    assert dispatcher.taken == {}


async def test_who_is_removed_meanwhile_is_not_told_of(pool: Pool) -> None:
    """Between two calls it is seen that a lead is gone; nothing was locked."""

    class Removing(Dispatcher):
        async def PublishEvents(  # noqa: N802 - the rpc's name
            self, request: pb.PublishEventsRequest, **_: Any
        ) -> pb.PublishEventsResponse:
            async with asyncio.timeout(5):
                await pool.execute("DELETE FROM outbox WHERE subject = 'lead_2'")
            return await super().PublishEvents(request)

    dispatcher = Removing()
    for n in (1, 2):
        await write(pool, f"lead_{n}", 1)
    sent = relay(pool, dispatcher)
    sent._slow.took_too_long("org_1", events=2, now=-math.inf)

    await relayed(sent)

    assert dispatcher.taken == {"lead_1": [1]}


@pytest.mark.parametrize("refusal", [InvalidArgument(), AlreadyExists()])
async def test_one_that_is_refused_holds_up_nobody(pool: Pool, refusal: ServiceError) -> None:
    """It is set aside; those behind it, and all others, are taken."""
    dispatcher = Dispatcher()
    dispatcher.fails["evt_lead_1_2"] = refusal
    for n in (1, 2):
        await write(pool, f"lead_{n}", 3)

    await relayed(relay(pool, dispatcher))

    assert dispatcher.taken == {"lead_1": [1, 3], "lead_2": [1, 2, 3]}
    assert await states(pool) == [("refused", 1), ("sent", 5)]


async def test_a_bug_of_its_holds_up_one_subject(pool: Pool) -> None:
    """It is tried again, and nothing of its subject overtakes it."""
    dispatcher = Dispatcher()
    dispatcher.fails["evt_lead_1_2"] = Internal()
    for n in (1, 2):
        await write(pool, f"lead_{n}", 3)
    await relayed(relay(pool, dispatcher))
    assert dispatcher.taken == {"lead_1": [1], "lead_2": [1, 2, 3]}

    dispatcher.fails.clear()
    await relayed(relay(pool, dispatcher))
    assert dispatcher.taken["lead_1"] == [1]
    await pool.execute("UPDATE outbox SET not_before = now()")
    await relayed(relay(pool, dispatcher))

    assert dispatcher.taken["lead_1"] == [1, 2, 3]


async def test_nothing_is_waited_for_longer_than_a_look(pool: Pool) -> None:
    """What nobody woke it for is sent all the same."""
    dispatcher = Dispatcher()
    slow = OutboxRelay(
        OutboxRepository(pool, SEAL),
        dispatcher,  # type: ignore[arg-type]
        Metrics(CollectorRegistry()),
        look_again=timedelta(milliseconds=10),
    )
    running = asyncio.create_task(slow.run())

    await write(pool, "lead_1", 1)

    async with asyncio.timeout(20):
        while not dispatcher.taken:  # noqa: ASYNC110 - nobody says that it was called
            await asyncio.sleep(0.01)
    running.cancel()
