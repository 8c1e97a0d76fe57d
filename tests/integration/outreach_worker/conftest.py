"""outreach-worker on real parts: PostgreSQL and Temporal. Its two neighbours are fakes."""

import asyncio
import os
import sysconfig
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    Lead,
    LeadState,
    Person,
)
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence as Steps
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import (
    CampaignContract,
    CampaignInput,
    CampaignResult,
    LeadContract,
    LeadResult,
    SandboxClock,
    campaign_workflow_id,
    lead_workflow_id,
)
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from outreach_worker.activity_composition import compose_activities, compose_sweep
from outreach_worker.bug_policy import WorkerBugs
from outreach_worker.campaigns.workflow_sweep import WorkflowSweep
from outreach_worker.events.relay import OutboxRelay
from outreach_worker.metrics import Metrics
from outreach_worker.settings import Settings
from outreach_worker.worker import new_plugin, worker
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres.connection import joined
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.temporal import connection as temporal
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from tests.fakes.dispatcher import FakeDispatcher, running_dispatcher
from tests.fakes.gateway import FakeGateway, running_gateway
from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.breakable import BreakableActivities
from tests.servers.postgres import as_role

TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
SOON = timedelta(milliseconds=500)
SPEED = 500_000.0
"""A virtual day is 173 ms."""

DAY = timedelta(days=1)
STEPS = (
    Step(
        step_id="visit",
        index=0,
        kind=StepKind.PROFILE_VISIT,
        label="Visit",
        next_step_id="invite",
        next_delay=DAY,
    ),
    Step(
        step_id="invite",
        index=1,
        kind=StepKind.SEND_CONNECTION_REQUEST,
        text="Hello {{first_name}}",
        next_step_id="message",
        next_delay=DAY,
        not_accepted_step_id="withdraw",
        accept_within=7 * DAY,
        waits_for_acceptance=True,
    ),
    Step(step_id="message", index=2, kind=StepKind.SEND_FOLLOWUP, text="Thanks, {{first_name}}!"),
    Step(step_id="withdraw", index=3, kind=StepKind.WITHDRAW_REQUEST),
)


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal that skips the time in which nothing happens; one workflow at a time.

    It hangs where a workflow cancels an activity at the moment at which that ends, which the real
    one does not: `leads/test_two_in_flight.py`.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), plugins=[new_plugin(Clock.real_time())]
    ) as environment:
        yield environment


@dataclass
class Engine:
    """The worker, and every part that a test may look behind it at."""

    pool: Pool
    client: Client
    clock: Clock
    gateway: FakeGateway
    dispatcher: FakeDispatcher
    activities: BreakableActivities
    sweep: WorkflowSweep
    settings: Settings
    task_queue: str
    registry: CollectorRegistry
    environ: dict[str, str]
    """What a worker that is a process of its own needs to be beside this one."""
    campaigns: CampaignRepository = field(init=False)
    leads: LeadRepository = field(init=False)
    steps: StepRepository = field(init=False)
    statuses: StatusRepository = field(init=False)
    admissions: AdmissionRepository = field(init=False)

    def __post_init__(self) -> None:
        self.campaigns = CampaignRepository(self.pool)
        self.leads = LeadRepository(self.pool, SEAL)
        self.steps = StepRepository(self.pool, SEAL)
        self.statuses = StatusRepository(self.pool)
        self.admissions = AdmissionRepository(self.pool)

    def working(self) -> AbstractAsyncContextManager[Any]:
        """A worker of its own, besides any other."""
        return worker(self.client, self.activities, self.settings, task_queue=self.task_queue)

    async def new_campaign(
        self, people: Sequence[Person], *, steps: Sequence[Step] = STEPS, **settings: Any
    ) -> Campaign:
        """A running campaign without its workflow."""
        campaign_id, revision_id, now = new_id("camp"), new_id("seq"), self.clock.now()
        sequence = Steps(steps=tuple(steps))
        campaign = Campaign(
            id=campaign_id,
            organization_id="org_north",
            name="Spring",
            state=CampaignState.DRAFT,
            account_ids=("acct_one", "acct_two"),
            settings=CampaignSettings(**settings),
            revision_id=revision_id,
            created_at=now,
        )
        revision = Revision(
            id=revision_id,
            campaign_id=campaign_id,
            number=1,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json="{}",
            created_at=now,
        )
        await self.campaigns.create(campaign, revision, request_id=campaign_id)
        await self.leads.add(campaign_id, people, now=now)
        return await self.campaigns.start(campaign_id, now=now)

    async def start(self, campaign_id: str) -> WorkflowHandle[Any, CampaignResult]:
        return await self.client.start_workflow(
            CampaignContract.run,
            CampaignInput(
                campaign_id=campaign_id,
                clock=SandboxClock(epoch=self.clock.epoch, speed=self.clock.speed),
            ),
            id=campaign_workflow_id(campaign_id),
            task_queue=self.task_queue,
        )

    async def all_leads(self, campaign_id: str) -> list[Lead]:
        return [lead for _, lead in await self.leads.page(campaign_id, limit=10_000)]

    async def count(self, campaign_id: str, state: LeadState) -> int:
        return (await self.statuses.counts(campaign_id)).leads.get(state, 0)

    def lead(self, lead: Lead) -> WorkflowHandle[Any, LeadResult]:
        return self.client.get_workflow_handle_for(
            LeadContract.run, lead_workflow_id(lead.campaign_id, lead.id)
        )

    async def until(self, condition: Callable[[], Any], *, within: float = 60.0) -> None:
        """Until it holds; a condition may be a coroutine function."""
        async with asyncio.timeout(within):
            while True:
                holds = condition()
                if asyncio.iscoroutine(holds):
                    holds = await holds
                if holds:
                    return
                await asyncio.sleep(0.01)


class RelayedOutbox(OutboxRepository):
    """Whoever has written something finds it sent: a test need not wait for that."""

    def __init__(self, pool: Pool, relay: OutboxRelay) -> None:
        super().__init__(pool, SEAL)
        self._relay = relay

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        outermost = joined(self._pool) is None
        async with super().transaction():
            yield
        if outermost:
            with suppress(ServiceError):
                while await self._relay.relay():
                    pass


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


@asynccontextmanager
async def running_engine(
    url: str, environ: dict[str, str], *, speed: float = SPEED
) -> AsyncIterator[Engine]:
    clock = Clock(datetime.now(UTC), speed)
    gateway = FakeGateway(clock)  # type: ignore[abstract]  # other rpcs are unimplemented
    dispatcher = FakeDispatcher()  # type: ignore[abstract]  # likewise
    registry = CollectorRegistry()
    settings = Settings(
        database_url=SecretStr(url), admission_page=50, shutdown_grace=timedelta(seconds=2)
    )
    task_queue = new_id("queue")
    async with AsyncExitStack() as stack:
        role = as_role(url, "campaign_background")
        pool = await stack.enter_async_context(connect_pool(role, "campaign"))
        metrics = Metrics(registry)
        client = await temporal.connect(
            new_plugin(
                clock,
                # The second bug counts: between two attempts are seconds.
                bug_policy=WorkerBugs(StatusRepository(pool), metrics, clock, most_attempts=2),
                metrics=metrics.attempts,
            ),
            environ={**os.environ, **environ},
        )
        gateway_address = await stack.enter_async_context(running_gateway(gateway))
        dispatcher_address = await stack.enter_async_context(running_dispatcher(dispatcher))
        to_gateway = await stack.enter_async_context(grpc_client.channel(gateway_address))
        to_dispatcher = await stack.enter_async_context(grpc_client.channel(dispatcher_address))
        activities = compose_activities(
            settings,
            clock,
            pool=pool,
            # Of programs nothing is asked here: `programs/` has an engine of its own.
            automation=pool,
            seal=SEAL,
            identity=Identity.open("outreach-worker"),
            temporal=client,
            campaign_api=to_gateway,
            gateway=to_gateway,
            dispatcher=to_dispatcher,
            writer=None,
            metrics=metrics,
            task_queue=task_queue,
        )
        sweep = compose_sweep(
            clock,
            pool=pool,
            seal=SEAL,
            identity=Identity.open("outreach-worker"),
            temporal=client,
            gateway=to_gateway,
            dispatcher=to_dispatcher,
            metrics=metrics,
            task_queue=task_queue,
            failing_for=timedelta(),
        )
        relay = OutboxRelay(
            OutboxRepository(pool, SEAL),
            WebhookServiceStub(to_dispatcher),
            metrics,
            look_again=SOON,
        )
        for publisher in (activities.event._publisher, sweep._untold._publisher):
            publisher._outbox = RelayedOutbox(pool, relay)
        relaying = asyncio.create_task(relay.run())
        stack.push_async_callback(cancelled, relaying)
        yield Engine(
            pool=pool,
            client=client,
            clock=clock,
            gateway=gateway,
            dispatcher=dispatcher,
            activities=BreakableActivities.of(activities),
            sweep=sweep,
            settings=settings,
            task_queue=task_queue,
            registry=registry,
            environ={
                "OUTREACH_WORKER_DATABASE_URL": url,
                "OUTREACH_WORKER_GATEWAY_ADDRESS": gateway_address,
                "OUTREACH_WORKER_DISPATCHER_ADDRESS": dispatcher_address,
                **environ,
            },
        )


@pytest.fixture
async def engine(new_database: Callable[..., str], temporal_server: Any) -> AsyncIterator[Engine]:
    """Everything but a running worker."""
    url = new_database(("campaign", "campaigns"))
    async with running_engine(url, temporal_server.environ) as engine:
        yield engine


def people(count: int) -> list[Person]:
    return [
        Person(public_identifier=f"person-{number}", first_name="Ada") for number in range(count)
    ]
