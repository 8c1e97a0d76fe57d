"""Receivers that fail, hang, answer late or lie, and a dispatcher that is killed: all arrives.

`make webhook-chaos` has it do with 5,000 events what the suite does with a few.
"""

import asyncio
import os
import random
import signal
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.errors import ServiceError
from servicekit.grpc import client as grpc_client
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, an_event
from tests.integration.webhook_dispatcher.test_main import Service, service

__all__ = ["service"]

EVENTS = int(os.environ.get("CHAOS_EVENTS", "60"))
"""Of each lead there are ten."""
KILLS = max(2, EVENTS // 500)
AT_ONCE = 10
SOUND = [f"sound-{n}" for n in range(7)]
UNSOUND = ["fails", "hangs", "lies"]
LONGER_THAN_WAITED_FOR = 1.5
STANDS = timedelta(minutes=3)
"""Nothing new for so long is nothing more: the look for what nobody is trying comes many times in
it, and so does every retry and every probe of a circuit, by the service's clock."""


@dataclass
class Receivers:
    """Ten customers, three of whom are not sound; everything that came is kept as it came."""

    dice: random.Random = field(default_factory=lambda: random.Random(11))
    came: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    known: set[tuple[str, str]] = field(default_factory=set)
    """Which event came to whom."""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self, request: Request) -> Response:
        name = request.path_params["name"]
        body = await request.body()
        event_id = request.headers["webhook-id"]
        self.came[name].append((event_id, body))
        if (name, event_id) not in self.known:
            self.known.add((name, event_id))
            async with self.news:
                self.news.notify_all()
        unlucky = self.dice.random() < 0.5
        if name == "fails" and unlucky:
            return Response(status_code=503)
        if name == "hangs" and self.dice.random() < 0.1:
            await asyncio.sleep(LONGER_THAN_WAITED_FOR)
        if name == "lies" and unlucky:
            # It has taken it, and says that it has not.
            return Response("500 is what they get", status_code=500)
        return Response(status_code=204)

    async def arrived(self, events: int) -> None:
        """Wait for so many, however long that takes; raises `TimeoutError` when it stands still."""
        async with self.news:
            while len(self.known) < events:
                await asyncio.wait_for(self.news.wait(), STANDS.total_seconds())


def lead_events(lead: int, count: int) -> list[event_pb2.Event]:
    events = []
    for number in range(1, count + 1):
        event = an_event(f"evt_{lead}_{number}", event_pb2.EVENT_TYPE_STEP_COMPLETED)
        event.subject, event.sequence_number = f"lead_{lead}", number
        events.append(event)
    return events


async def until_taken(stub: WebhookServiceStub, request: pb.PublishEventsRequest) -> None:
    """As the relay does: the same again, until it is answered."""
    while True:
        with suppress(ServiceError):
            await stub.PublishEvents(request, timeout=5)
            return
        await asyncio.sleep(0.2)


async def publish_all(address: str, by_lead: list[list[event_pb2.Event]]) -> None:
    """Each lead's events in order, a few in a call; many leads at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def publish(stub: WebhookServiceStub, events: list[event_pb2.Event]) -> None:
        for start in range(0, len(events), 3):
            async with room:
                await until_taken(
                    stub,
                    pb.PublishEventsRequest(
                        organization_id=ORGANIZATION,
                        events=[
                            pb.PublishEventRequest(event=event)
                            for event in events[start : start + 3]
                        ],
                    ),
                )

    async with grpc_client.channel(address) as channel:
        stub = WebhookServiceStub(channel)
        await asyncio.gather(*(publish(stub, events) for events in by_lead))


async def create_endpoints(address: str, url: str) -> None:
    async with grpc_client.channel(address) as channel:
        for name in (*SOUND, *UNSOUND):
            await WebhookServiceStub(channel).CreateEndpoint(
                pb.CreateEndpointRequest(
                    request_id=name, organization_id=ORGANIZATION, url=f"{url}/{name}"
                )
            )


async def break_things(service: Service, done: asyncio.Event) -> None:
    """Kill the dispatcher again and again, and end every session of its database."""
    for _ in range(KILLS):
        async with service.running() as process:
            with suppress(TimeoutError):
                async with asyncio.timeout(3):
                    await done.wait()
            rows = await asyncpg.connect(service.environ["WEBHOOK_DISPATCHER_DATABASE_URL"])
            await rows.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await rows.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await done.wait()
            process.send_signal(signal.SIGKILL)
            await process.wait()


@pytest.mark.lasts(seconds=60)
async def test_everything_arrives_in_order(service: Service) -> None:
    """At every receiver each event, each lead's in order without a gap; the same is the same."""
    receivers = Receivers()
    # Six seconds by the service's clock: who refuses often is not what is waited for here.
    service.environ["WEBHOOK_DISPATCHER_LONGEST_RETRY"] = "10m"
    app = Starlette(routes=[Route("/{name}", receivers.hear, methods=["POST"])])
    by_lead = [lead_events(lead, 10) for lead in range(EVENTS // 10)]
    address = f"127.0.0.1:{service.grpc_port}"
    async with HttpServer(app, grace=timedelta(seconds=1)) as server:
        async with service.running():
            await create_endpoints(address, server.url)
        published = asyncio.Event()

        async def publish() -> None:
            await publish_all(address, by_lead)
            published.set()

        publishing = asyncio.create_task(publish())
        await break_things(service, published)
        async with service.running():
            await publishing
            await receivers.arrived(EVENTS * len((*SOUND, *UNSOUND)))

    expected = {f"evt_{lead}_{n}" for lead in range(EVENTS // 10) for n in range(1, 11)}
    for name in (*SOUND, *UNSOUND):
        bodies, order = dict[str, bytes](), defaultdict[str, list[int]](list)
        for event_id, body in receivers.came[name]:
            if event_id not in bodies:
                _, lead, number = event_id.split("_")
                order[lead].append(int(number))
            assert bodies.setdefault(event_id, body) == body
        assert bodies.keys() == expected, name
        assert all(numbers == list(range(1, 11)) for numbers in order.values()), name
    assert len(receivers.came["lies"]) > EVENTS
