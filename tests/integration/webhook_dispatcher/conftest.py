"""A dispatcher on real parts, a customer's receiver, and a way to wait for what happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import event_pb2, webhook_service_pb2_grpc
from outreach.webhook.v1 import webhook_service_pb2 as pb
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.health import Readiness
from servicekit.http_server import HttpServer
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.process import Process
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client
from webhook_dispatcher.main import Dispatcher
from webhook_dispatcher.settings import Settings

from tests.fakes.names import literally
from tests.servers.postgres import as_role

SCHEMA = ("webhook", "webhook_dispatcher")
ORGANIZATION = "org_test"
KEY = Fernet.generate_key().decode()
# A technical retry that takes 5 s in production takes 0.2 s on this clock.
FAST = Clock(datetime(2026, 1, 1, tzinfo=UTC), 100.0)


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """A customer's server: it remembers what came, and answers what it is told to."""

    answers: list[Response] = field(default_factory=list)
    """The first answers; after them it accepts everything."""
    gate: asyncio.Event | None = None
    """When set, answers wait for it."""
    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], Response] | None = None
    """When set, it decides about each answer."""
    on_hearing: Callable[[Received], Awaitable[None]] | None = None
    """When set, each answer waits for it."""
    _arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self, request: Request) -> Response:
        body = (await request.body()).decode()
        received = Received(request.url.path, dict(request.headers), body)
        async with self._arrival:
            self.received.append(received)
            self._arrival.notify_all()
        if self.gate is not None:
            await self.gate.wait()
        if self.on_hearing is not None:
            await self.on_hearing(received)
        if self.answer is not None:
            return self.answer(received)
        return self.answers.pop(0) if self.answers else Response(status_code=204)

    async def heard(self, requests: int) -> list[Received]:
        """What came, once so many requests did."""
        async with asyncio.timeout(30), self._arrival:
            await self._arrival.wait_for(lambda: len(self.received) >= requests)
        return self.received


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = Starlette(routes=[Route("/{rest:path}", receiver.hear, methods=["POST"])])
    async with HttpServer(app, grace=timedelta(seconds=1)) as server:
        receiver.url = server.url
        yield receiver


@dataclass
class Running:
    """A dispatcher that serves, and what a test asks of it."""

    stub: webhook_service_pb2_grpc.WebhookServiceStub
    registry: CollectorRegistry
    database_url: str
    address: str

    async def create(self, url: str, **fields: Any) -> pb.CreateEndpointResponse:
        return await self.stub.CreateEndpoint(
            pb.CreateEndpointRequest(
                **{"request_id": new_id("req"), "organization_id": ORGANIZATION, "url": url}
                | fields
            )
        )

    async def publish(
        self,
        *,
        event_id: str = "",
        type: event_pb2.EventType.ValueType = event_pb2.EVENT_TYPE_LEAD_STARTED,  # noqa: A002
        endpoint_id: str = "",
    ) -> str:
        event = an_event(event_id or new_id("evt"), type)
        await self.stub.PublishEvent(
            pb.PublishEventRequest(event=event, endpoint_id=endpoint_id), timeout=20
        )
        return event.event_id

    async def deliveries(self, **filters: Any) -> list[pb.Delivery]:
        request = pb.ListDeliveriesRequest(organization_id=ORGANIZATION, **filters)
        return list((await self.stub.ListDeliveries(request)).deliveries)

    async def attempts(self, delivery: pb.Delivery) -> list[pb.DeliveryAttempt]:
        request = pb.ListDeliveryAttemptsRequest(
            organization_id=ORGANIZATION, delivery_id=delivery.delivery_id
        )
        return list((await self.stub.ListDeliveryAttempts(request)).attempts)

    async def settled(self, event_id: str) -> list[pb.Delivery]:
        """The deliveries of an event, once none of them is pending."""

        async def ended() -> list[pb.Delivery]:
            found = await self.deliveries(event_id=event_id)
            return found if all(each.state != pb.DELIVERY_STATE_PENDING for each in found) else []

        return await eventually(ended)

    async def tried(self, event_id: str = "") -> pb.Delivery:
        """The only delivery there is, or that of an event, once it was attempted."""

        async def attempted() -> list[pb.Delivery]:
            found = await self.deliveries(event_id=event_id)
            return [each for each in found if each.attempts]

        (delivery,) = await eventually(attempted)
        return delivery

    def count(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(metric, labels) or 0.0


def an_event(event_id: str, type: event_pb2.EventType.ValueType) -> event_pb2.Event:  # noqa: A002
    occurred = Timestamp()
    occurred.FromDatetime(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    return event_pb2.Event(
        event_id=event_id,
        type=type,
        organization_id=ORGANIZATION,
        occur_time=occurred,
        campaign=event_pb2.CampaignSnapshot(id="camp_1", name="Spring", state="running"),
        lead=event_pb2.LeadSnapshot(id="lead_1", first_name="Zoë"),
    )


async def eventually(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What is asked for, once it is there. Rows say nothing when they change: it asks again."""
    async with asyncio.timeout(30):
        while not (found := await ask()):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)
    return found


StartDispatcher = Callable[..., Any]


@pytest.fixture
def start_dispatcher(new_database: Callable[..., str], temporal_client: Client) -> StartDispatcher:
    """`async with start_dispatcher() as running:`; started again it finds what it left."""
    database_url = new_database(SCHEMA)
    task_queue = new_id("queue")

    @asynccontextmanager
    async def start(
        *,
        clock: Clock = FAST,
        client: Client = temporal_client,
        identity: Identity | None = None,
        **settings: Any,
    ) -> AsyncIterator[Running]:
        registry = CollectorRegistry()
        dispatcher = Dispatcher(
            Settings.model_validate(
                {
                    "database_url": SecretStr(database_url),
                    "secret_keys": SecretStr(KEY),
                    "allow_loopback": clock.sandbox,
                    "grpc_host": "127.0.0.1",
                    "grpc_port": 0,
                    "shutdown_grace": timedelta(seconds=1),
                    **settings,
                }
            ),
            clock,
            identity=identity or Identity.open("webhook-dispatcher"),
            registry=registry,
            readiness=Readiness(),
            resolve=literally,
            task_queue=task_queue,
        )
        process = Process("webhook-dispatcher")
        async with process.stack:
            apart = postgres.connect_apart(
                as_role(database_url, "webhook_service"),
                as_role(database_url, "webhook_background"),
                SCHEMA[0],
            )
            pool = await process.enter(apart)
            server = await dispatcher.serve(process, pool=pool, client=client)
            async with grpc_client.channel(server.address) as channel:
                yield Running(
                    webhook_service_pb2_grpc.WebhookServiceStub(channel),
                    registry,
                    database_url,
                    server.address,
                )

    return start


@pytest.fixture
async def dispatcher(start_dispatcher: StartDispatcher) -> AsyncIterator[Running]:
    async with start_dispatcher() as running:
        yield running
