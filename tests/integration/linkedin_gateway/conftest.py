"""A gateway on real PostgreSQL, a simulated Unipile behind ASGI, and time that stands still.

Both share one clock that only the test moves: a request told to come again in an hour comes
again at once, an hour later.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from identity.access import ACCESS_OF
from identity.deadlines import PROMISE_OF
from linkedin_gateway.composition import Gateway
from linkedin_gateway.convert.action_requests import action_request
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.models import Account, ActionRequest
from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.servicer_composition import (
    compose_audit,
    compose_installation,
    compose_servicers,
)
from linkedin_gateway.settings import Settings
from linkedin_gateway.storage.sealed_ids import SealedIds
from linkedin_gateway.unipile import connect
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb
from outreach.common.v1 import sending_window_pb2
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    person_pb2,
    person_service_pb2,
)
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.credentials.secrets import Secret
from servicekit.errors import NotYet, Unavailable
from servicekit.grpc import client as grpc_client
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.identity.authenticator import Authenticator
from servicekit.identity.identity import Identity
from servicekit.postgres import errors as postgres_errors
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.process import Process
from servicekit.request_ids.answer_repository import AnswerRepository
from servicekit.request_ids.layer import answered_once
from servicekit.sealing.seal import Seal
from unipile_simulator.app import create_app
from unipile_simulator.clock import ManualClock
from unipile_simulator.config import Config, Knobs, Limits
from unipile_simulator.journal import Entry
from unipile_simulator.network.chats import Message
from unipile_simulator.people.ids import Product
from unipile_simulator.world.world import World

from tests.fakes.sealing import sealing
from tests.fakes.stubs import LinkedInStubs
from tests.servers.postgres import WhoeverCalls, as_role

SCHEMA = ("gateway", "linkedin_gateway")
IDS = SealedIds(sealing())
ORGANIZATION = "org_test"
UNIPILE_ACCOUNT = "unipile-1"
TOKEN = "an-unguessable-part-of-a-path"
SECRET = "a-secret-that-only-unipile-knows"
MONDAY_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS = sending_window_pb2.SendingWindow(
    time_zone="UTC",
    weekdays=sending_window_pb2.Weekday.values()[1:],
    opens="00:00",
    closes="00:00",
)


class StandingClock(DatabaseClock):
    """The simulator's own clock, as the gateway reads it and the database would tell it."""

    def __init__(self, shared: ManualClock) -> None:
        super().__init__(datetime.fromtimestamp(0, UTC), 1.0)
        object.__setattr__(self, "_shared", shared)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._shared.now(), UTC)  # type: ignore[attr-defined]

    def values(self, now: datetime | None = None) -> dict[str, Any]:
        return super().values(now or self.now())


@dataclass
class Reported:
    """A campaign-api that remembers what it was told, and whose leads run until they are over."""

    events: list[events_pb.LinkedInEvent] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    """Leads that have ended."""
    organization_id: str = ORGANIZATION
    """Whose all leads are."""
    failures: int = 0
    """How many of the next calls fail."""

    async def running(self, organization_id: str, leads: Collection[Lead]) -> Collection[Lead]:
        if self.failures:
            self.failures -= 1
            raise Unavailable("campaign-api is away")
        if organization_id != self.organization_id:
            return []
        return [lead for lead in leads if lead.lead_id not in self.over]

    async def __call__(self, bodies: Sequence[bytes], /) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("campaign-api is away")
        self.events += [events_pb.LinkedInEvent.FromString(body) for body in bodies]

    def of(self, kind: str) -> list[events_pb.LinkedInEvent]:
        return [event for event in self.events if event.WhichOneof("event") == kind]


@dataclass
class House:
    """Everything of one test."""

    clock: ManualClock
    world: World
    pool: Pool
    gateway: Gateway
    stubs: LinkedInStubs
    reported: Reported
    account: account_pb2.Account
    settings: Settings
    control: httpx.AsyncClient
    sender: Any
    """What the gateway's calls of Unipile go through."""
    address: str

    def another_process(
        self, pool: Any, sender: httpx.AsyncBaseTransport, *, seal: Seal | None = None
    ) -> Gateway:
        """Another gateway on the same database, through a pool and a wire of its own."""
        return Gateway(
            self.settings,
            StandingClock(self.clock),
            pool=pool,
            seal=seal or sealing(),
            client=connect(
                self.settings.unipile_dsn,
                Secret.of("simulator-token"),
                connections=8,
                transport=sender,
            ),
            publish=self.reported,
            owner=self.reported,
            registry=CollectorRegistry(),
            dice=random.Random(7),
        )

    async def perform(
        self, request: action_service_pb2.PerformActionRequest
    ) -> action_pb2.ActionOutcome:
        """Ask again whenever told to, at the moment told."""
        for _ in range(200):
            try:
                answer = await self.stubs.actions.PerformAction(request)
            except NotYet as wait:
                self.come_again(wait)
            else:
                outcome: action_pb2.ActionOutcome = answer.outcome
                return outcome
        raise AssertionError("it was told to wait 200 times")

    async def resolve(self, lead: str, account_id: str = "") -> person_pb2.Profile:
        """Look at somebody, unseen, so that it is known who they are."""
        answer = await self.stubs.people.GetProfile(
            person_service_pb2.GetProfileRequest(
                account_id=account_id or self.account.account_id,
                person=person_pb2.Person(public_identifier=lead),
            )
        )
        profile: person_pb2.Profile = answer.profile
        return profile

    async def end_lead(self, lead: str, campaign_id: str = "camp_1") -> None:
        """The sequence is over for a lead."""
        await self.stubs.actions.EndLead(
            action_service_pb2.EndLeadRequest(
                organization_id=ORGANIZATION, campaign_id=campaign_id, lead_id=f"lead_{lead}"
            )
        )

    def called(self, lead: str, account_id: str = UNIPILE_ACCOUNT) -> dict[str, str]:
        """Everything that somebody is called by, as an account sees it."""
        people = self.world.people
        person = people.find(lead)
        assert person is not None
        ids = {
            product.value: people.provider_id(person, account_id, product) for product in Product
        }
        return {"name": lead, "assigned name": people.assigned_name(person), **ids}

    def come_again(self, wait: NotYet) -> None:
        """Let the time pass that a refusal asked for."""
        assert wait.retry_after is not None
        self.clock.advance(wait.retry_after.total_seconds())

    def asked(self, request: action_service_pb2.PerformActionRequest) -> ActionRequest:
        """A request as the gateway understands it."""
        return action_request(request)

    async def until_sent(self, request: action_service_pb2.PerformActionRequest) -> None:
        """Ask until it is not the pace any more that stands in the way."""
        for _ in range(100):
            try:
                await self.stubs.actions.PerformAction(request)
            except NotYet as wait:
                if not wait.reason.startswith("WAITING_"):
                    raise
                self.come_again(wait)
            else:
                return
        raise AssertionError("it was told to wait 100 times")

    async def until_waiting_is_over(
        self, request: action_service_pb2.PerformActionRequest, *, less: float
    ) -> None:
        """Ask until its turn is `less` seconds away."""
        for _ in range(100):
            with pytest.raises(NotYet) as wait:
                await self.stubs.actions.PerformAction(request)
            assert wait.value.retry_after is not None
            left = wait.value.retry_after.total_seconds() - less
            if left <= 0:
                return
            self.clock.advance(left)
        raise AssertionError("it was told to wait 100 times")

    def messages(self, lead: str, text: str) -> list[Message]:
        """What the owner, or we, have written to somebody with these words, oldest first."""
        return [
            message
            for chat in self.world.chats.of(UNIPILE_ACCOUNT)
            if lead in chat.public_ids
            for message in chat.messages
            if message.sender is None and message.text == text
        ]

    async def relay(self) -> None:
        """Publish everything that is in the outbox."""
        while not await self.gateway.relay.relay_batch():
            pass

    def request(
        self, kind: str, lead: str, **fields: Any
    ) -> action_service_pb2.PerformActionRequest:
        """A request for one action to one lead; each has an id of its own."""
        made = action_service_pb2.PerformActionRequest(
            action_id=fields.pop("action_id", f"camp_1/{lead}/{kind}/{next(_numbers)}"),
            organization_id=ORGANIZATION,
            account_id=self.account.account_id,
            campaign_id=fields.pop("campaign_id", "camp_1"),
            lead_id=f"lead_{lead}",
            person=person_pb2.Person(public_identifier=lead),
            weight=fields.pop("weight", 0),
            continue_after_reply=fields.pop("continue_after_reply", False),
        )
        if "sending_window" in fields:
            made.sending_window.CopyFrom(fields.pop("sending_window"))
        part = getattr(made, kind)
        part.SetInParent()
        for name, value in fields.items():
            setattr(part, name, value)
        return made

    async def people(self, lead: str, deed: str, **body: Any) -> None:
        """A person does something by themselves."""
        await self._control(f"/people/{lead}/{deed}", {"account_id": UNIPILE_ACCOUNT, **body})

    async def fault(self, **order: Any) -> None:
        """The provider misbehaves as ordered."""
        await self._control("/faults", order)

    async def status(self, status: str) -> None:
        """The account's health changes."""
        await self._control(f"/accounts/{UNIPILE_ACCOUNT}/status", {"status": status})

    async def signs_in(self, member: str) -> None:
        """Somebody signs in to the account, its owner or not."""
        await self._control(
            f"/accounts/{UNIPILE_ACCOUNT}/status", {"status": "RECONNECTED", "member": member}
        )

    async def _control(self, path: str, body: dict[str, Any]) -> None:
        # As bytes: httpx refuses half of a character, which people do write.
        answer = await self.control.post(f"/_simulator{path}", content=json.dumps(body).encode())
        assert answer.is_success, answer.text
        await self.settle()

    async def account_row(self) -> Account:
        """The account as the gateway has it."""
        return await self.gateway.repositories.accounts.read(self.account.account_id)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let others run until something is so."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - the condition is anybody's
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Let every webhook that is due arrive."""
        async with asyncio.timeout(20):
            await self.world.until_idle()

    def writes(self, kind: str) -> list[Entry]:
        return [
            entry for entry in self.world.journal.entries if entry.kind == kind and entry.changed
        ]


_numbers = iter(range(1, 1_000_000))


def settings_for(
    database_url: str, *, webhook_public_url: str = "http://127.0.0.1:8080", **changes: Any
) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        webhook_token=SecretStr(TOKEN),
        **({} if "webhook_secret_file" in changes else {"webhook_secret": SecretStr(SECRET)}),
        webhook_public_url=webhook_public_url,
        unipile_dsn="http://127.0.0.1:8900",
        unipile_access_token=SecretStr("simulator-token"),
        **{"daily_variation": 0.0, **changes},
    )


async def _by_role(stack: AsyncExitStack, url: str) -> tuple[Pool, Pool]:
    """The connections of a gateway, made on first use: for what it does, and what it decides."""
    apart = await stack.enter_async_context(
        postgres.connect_apart(
            as_role(url, "gateway_service"),
            as_role(url, "gateway_background"),
            SCHEMA[0],
            wait=False,
        )
    )
    decisions = await stack.enter_async_context(
        postgres.connect_pool(as_role(url, "gateway_decisions"), SCHEMA[0], wait=False)
    )
    return WhoeverCalls(apart), decisions


@asynccontextmanager
async def opened(
    database_url: str,
    *,
    limits: Limits | None = None,
    knobs: Knobs | None = None,
    seed: int = 7,
    tier: str = "premium",
    transport: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda own: own,
    webhooks: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda own: own,
    pool: Callable[[Pool], Any] = lambda own: own,
    seal: Seal | None = None,
    **changes: Any,
) -> AsyncIterator[House]:
    """A house for as long as the block runs."""
    shared = ManualClock(MONDAY_NOON.timestamp())
    settings = settings_for(database_url, **changes)
    registry = CollectorRegistry()
    reported = Reported()
    async with AsyncExitStack() as stack:
        own_pool = await stack.enter_async_context(
            postgres.connect_pool(database_url, SCHEMA[0], max_size=10, wait=False)
        )
        apart, decisions = await _by_role(stack, database_url)
        late = _Late()
        world = World(
            Config(
                seed=seed,
                default_temperament="never_answers",
                limits=limits or Limits(),
                knobs=knobs or Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0),
            ),
            clock=shared,
            webhook_transport=webhooks(late),
        )
        stack.push_async_callback(world.close)
        own = httpx.ASGITransport(app=create_app(world))
        sender = transport(own)
        client = await stack.enter_async_context(
            connect(
                settings.unipile_dsn,
                Secret.of("simulator-token"),
                connections=8,
                transport=sender,
            )
        )
        gateway = Gateway(
            settings,
            StandingClock(shared),
            pool=pool(apart),
            decisions=pool(decisions),
            seal=seal or sealing(),
            client=client,
            publish=reported,
            owner=reported,
            registry=registry,
            dice=random.Random(7),
        )
        late.app = gateway.webhooks
        audit = compose_audit(gateway, Identity.open("linkedin-gateway"), registry)
        running = Process("linkedin-gateway")
        await stack.enter_async_context(running.stack)
        audit.write(running)
        server = GrpcServer(
            interceptors=[
                standard_interceptor(
                    registry,
                    authenticator=Authenticator(),
                    access_of=ACCESS_OF,
                    promise_of=PROMISE_OF,
                    recorded=audit.layer,
                    once=answered_once(
                        AnswerRepository(gateway.pool, gateway.repositories.seal, schema=SCHEMA[0]),
                        PROMISE_OF,
                    ),
                    translators=[postgres_errors.unavailable],
                )
            ],
            grace=timedelta(seconds=1),
        )
        compose_servicers(gateway).add_to(server)
        audit.add_to(server)
        compose_installation(gateway, Readiness(), None).add_to(server)
        await stack.enter_async_context(server)
        channel = await stack.enter_async_context(grpc_client.channel(server.address))
        stubs = LinkedInStubs(channel)
        seen = world.add_account(UNIPILE_ACCOUNT, tier=tier)
        registered = await stubs.accounts.RegisterAccount(
            account_service_pb2.RegisterAccountRequest(
                organization_id=ORGANIZATION, unipile_account_id=seen.id, working_hours=ALWAYS
            )
        )
        control = await stack.enter_async_context(
            httpx.AsyncClient(transport=own, base_url="http://simulator")
        )
        if settings.webhook_public_url:
            await gateway.webhook_registration.register()
        yield House(
            control=control,
            sender=sender,
            address=server.address,
            clock=shared,
            world=world,
            pool=own_pool,
            gateway=gateway,
            stubs=stubs,
            reported=reported,
            account=registered.account,
            settings=settings,
        )
        await gateway.attempts.drain()


class _Late(httpx.AsyncBaseTransport):
    """The gateway's webhook port, which is built after the world that calls it."""

    app: Any = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await httpx.ASGITransport(app=self.app).handle_async_request(request)


@pytest.fixture
def gateway_url(new_database: Callable[..., str]) -> str:
    """An empty database with the gateway's schema."""
    return new_database(SCHEMA)


@pytest.fixture
async def house(gateway_url: str) -> AsyncIterator[House]:
    async with opened(gateway_url) as house:
        yield house


@pytest.fixture
def open_house(new_database: Callable[..., str]) -> Callable[..., Any]:
    """Opens houses, each on a database of its own."""

    def make(**changes: Any) -> Any:
        return opened(new_database(SCHEMA), **changes)

    return make


@pytest.fixture
async def unipile(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever calls the port that is exposed."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
