"""campaign-api on real parts: PostgreSQL, Temporal, gRPC. Its two neighbours are fakes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from campaign_api.automation.composition import AutomationParts
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.composition import CampaignApi
from campaign_api.identity_composition import IdentityParts
from campaign_api.settings import Settings
from campaigns.parking import ParkedBecause
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.workflow.contracts import TASK_QUEUE
from cryptography.fernet import Fernet
from devstack.stack.keys import Keys
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.process import Process
from servicekit.temporal.worker import run_worker
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.fakes.campaign_ports import ORGANIZATION, Neighbours, running_neighbours
from tests.fakes.campaign_workflows import (
    StandInCampaign,
    StandInDailyProgram,
    StandInLateAnswer,
    StandInLead,
    StandInMakeReport,
)
from tests.fakes.sealing import SEAL
from tests.fakes.stubs import CampaignStubs
from tests.servers.postgres import as_role

SCHEMA = ("campaign", "campaigns")
IDENTITY = ("identity", "identity")
AUTOMATION = ("automation", "automation")
ACCOUNT = "acct_ada"
ENCRYPTION_KEY = Fernet.generate_key().decode()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEADS = b"""first_name,linkedin_url,shoe size
Grace,https://www.linkedin.com/in/grace-example/,41
Alan,linkedin.com/in/alan-example?utm=1,
"""

SEQUENCE = """{
  "nodes": [
    {"id": "visit", "type": "action", "data": {"type": "profile_visit", "config": {}}},
    {"id": "invite", "type": "action", "data": {"type": "send_connection_request",
     "config": {"customMessage": "Hello {{first_name}}"}}}
  ],
  "edges": [{"id": "e1", "source": "visit", "target": "invite",
             "data": {"delayData": {"delay": 90, "unit": "m"}}}]
}"""


@dataclass
class Api:
    """The service, and every part that a test may look behind it at."""

    channel: grpc.aio.Channel
    campaigns: CampaignRepository
    leads: LeadRepository
    admissions: AdmissionRepository
    revisions: RevisionRepository
    pool: postgres.Pool
    neighbours: Neighbours
    temporal: Client | None
    registry: CollectorRegistry
    process: Process
    address: str
    url: str
    public_url: str = ""

    @property
    def steps(self) -> StepRepository:
        return StepRepository(self.pool, SEAL)

    @property
    def texts(self) -> StepTextRepository:
        return StepTextRepository(self.pool, SEAL)

    @property
    def linkedin(self) -> Any:
        return self.neighbours.linkedin

    @property
    def stubs(self) -> CampaignStubs:
        return CampaignStubs(self.channel)

    async def create(self, request_id: str = "first", **changes: Any) -> str:
        """A draft campaign."""
        answer = await self.stubs.campaigns.CreateCampaign(new_campaign(request_id, **changes))
        return answer.campaign.campaign_id

    async def import_leads(
        self, campaign_id: str, *content: bytes, **header: Any
    ) -> lead_service_pb2.ImportLeadsResponse:
        async def messages() -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
            yield lead_service_pb2.ImportLeadsRequest(
                header=lead_service_pb2.ImportLeadsHeader(campaign_id=campaign_id, **header)
            )
            for piece in content:
                yield lead_service_pb2.ImportLeadsRequest(content=piece)

        return await self.stubs.leads.ImportLeads(messages())

    async def running(self, request_id: str = "first", **changes: Any) -> str:
        """A campaign with two leads that has been started."""
        campaign_id = await self.create(request_id, **changes)
        await self.import_leads(campaign_id, LEADS)
        await self.stubs.campaigns.StartCampaign(
            campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
        )
        return campaign_id

    async def park(self, campaign_id: str, lead_id: str) -> None:
        """As the worker does for a bug of ours; the lead is in the sequence."""
        because, activity = ParkedBecause.ACTIVITY_FAILED, "perform_step"
        await self.leads.park(
            campaign_id, lead_id, because=because, activity=activity, trace_id="7f", now=NOON
        )

    async def told(self, campaign_id: str) -> list[str]:
        """What the campaign's workflow was signalled."""
        assert self.temporal is not None
        handle = self.temporal.get_workflow_handle(f"campaign/{campaign_id}")
        return await handle.query(StandInCampaign.told)


def new_campaign(
    request_id: str = "first", **changes: Any
) -> campaign_service_pb2.CreateCampaignRequest:
    values: dict[str, Any] = {
        "request_id": request_id,
        "organization_id": ORGANIZATION,
        "name": "Spring",
        "account_ids": [ACCOUNT],
        "sequence_json": SEQUENCE,
    }
    return campaign_service_pb2.CreateCampaignRequest(**{**values, **changes})


@asynccontextmanager
async def running_api(
    url: str,
    connection: TemporalConnection,
    *,
    client: Client | None = None,
    clock: Clock | None = None,
    identity: Identity | None = None,
    beside: Neighbours | None = None,
    issuing: Keys | None = None,
    **settings: Any,
) -> AsyncIterator[Api]:
    """The service while the block runs; a further replica has the neighbours of the first.

    It issues tokens, and lets nobody in without one, where it is given `issuing`.
    """
    if issuing is not None:
        settings = {
            **issuing.settings("campaign-api"),
            "auth_jwks_file": None,
            "issuer_encryption_keys": SecretStr(ENCRYPTION_KEY),
            "public_host": "127.0.0.1",
            "public_port": 0,
            **settings,
        }
    process = Process("campaign-api")
    registry = CollectorRegistry()
    around = nullcontext(beside) if beside else running_neighbours([ACCOUNT])
    async with around as neighbours, process.stack:
        configured = Settings(
            database_url=SecretStr(url),
            identity_database_url=SecretStr(as_role(url, "identity_background")),
            automation_database_url=SecretStr(as_role(url, "automation_service")),
            automation_background_database_url=SecretStr(as_role(url, "automation_background")),
            grpc_host="127.0.0.1",
            grpc_port=0,
            gateway_address=neighbours.gateway_address,
            dispatcher_address=neighbours.dispatcher_address,
            **settings,
        )
        pool = await process.enter(postgres.connect_pool(url, SCHEMA[0]))
        parts = await IdentityParts.connect(process, configured, application="campaign-api")
        if issuing is not None:
            identity = Identity.of_server(
                configured, service="campaign-api", sandbox=False, calls=False, trust=parts.trust
            )
        identity = identity or Identity.open("campaign-api")
        public = await parts.serve(process, identity)
        api = CampaignApi(
            configured,
            clock or Clock.real_time(),
            identity=identity,
            registry=registry,
            readiness=Readiness(),
            seal=SEAL,
        )
        apart = postgres.connect_apart(
            as_role(url, "campaign_service"), as_role(url, "campaign_background"), SCHEMA[0]
        )
        served = await process.enter(apart)
        automation = await AutomationParts.connect(process, configured, application="campaign-api")
        server = await api.serve(
            process,
            pool=served,
            temporal_connection=connection,
            identity=parts.servicers(PageTokens(PageTokenKey(served))),
            automation=automation,
        )
        channel = await process.enter(grpc_client.channel(server.address))
        yield Api(
            channel=channel,
            campaigns=CampaignRepository(pool),
            leads=LeadRepository(pool, SEAL),
            admissions=AdmissionRepository(pool),
            revisions=RevisionRepository(pool),
            pool=pool,
            neighbours=neighbours,
            temporal=client,
            registry=registry,
            process=process,
            address=server.address,
            url=url,
            public_url=public.url if public else "",
        )


async def connected(client: Client) -> TemporalConnection:
    async def connecting() -> Client:
        return client

    connection = TemporalConnection()
    await connection.connect(connecting())
    return connection


@pytest.fixture
async def api(new_database: Callable[..., str], temporal_client: Client) -> AsyncIterator[Api]:
    """The service with a worker that keeps the contracts; its workflows end with the test."""
    connection = await connected(temporal_client)
    async with (
        run_worker(
            temporal_client,
            TASK_QUEUE,
            workflows=[
                StandInCampaign,
                StandInLead,
                StandInLateAnswer,
                StandInDailyProgram,
                StandInMakeReport,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
            pollers=2,
        ),
        running_api(
            new_database(SCHEMA, IDENTITY, AUTOMATION), connection, client=temporal_client
        ) as api,
    ):
        yield api
        async for execution in temporal_client.list_workflows("ExecutionStatus = 'Running'"):
            try:
                await temporal_client.get_workflow_handle(execution.id).terminate()
            except RPCError:
                continue


@pytest.fixture
async def api_without_temporal(new_database: Callable[..., str]) -> AsyncIterator[Api]:
    """The service while Temporal has not been found yet."""
    async with running_api(new_database(SCHEMA), TemporalConnection()) as api:
        yield api


def event(event_id: str, *leads: tuple[str, str], **what: Any) -> events_pb.LinkedInEvent:
    made = events_pb.LinkedInEvent(
        event_id=event_id,
        organization_id=ORGANIZATION,
        account_id=ACCOUNT,
        leads=[events_pb.LeadRef(campaign_id=campaign, lead_id=lead) for campaign, lead in leads],
        **what,
    )
    made.occur_time.FromDatetime(NOON)
    return made


def reply(event_id: str, *leads: tuple[str, str], text: str = "Hello!") -> events_pb.LinkedInEvent:
    return event(
        event_id, *leads, reply_received=events_pb.ReplyReceived(provider_id="p", text=text)
    )


async def report(api: Api, *events: events_pb.LinkedInEvent) -> None:
    await api.stubs.linkedin_events.ReportLinkedInEvents(
        events_pb.ReportLinkedInEventsRequest(events=events)
    )
