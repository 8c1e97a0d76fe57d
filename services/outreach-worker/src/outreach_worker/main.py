"""Composition root: reads the settings, builds every object once, and works."""

from collections.abc import Callable
from importlib.metadata import version
from typing import NoReturn

import grpc
from campaigns.repositories.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.contracts import TASK_QUEUE
from campaigns.workflow.control import CampaignControl
from campaigns.workflow.search_attributes import KEYS
from campaigns.writer import Writer
from outreach.linkedin.v1 import (
    account_service_pb2_grpc,
    action_service_pb2_grpc,
    hold_service_pb2_grpc,
    pace_service_pb2_grpc,
    person_service_pb2_grpc,
)
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit import process
from servicekit.auth import token_source
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.metrics import new_registry
from servicekit.temporal import connection as temporal
from servicekit.temporal import search_attributes
from servicekit.temporal.sdk_metrics import SdkMetrics
from temporalio.client import Client
from temporalio.service import RPCError

from outreach_worker.campaigns.activities import CampaignActivities
from outreach_worker.campaigns.control_activities import (
    CampaignControlActivities,
    CampaignSignals,
    GatewayHolds,
)
from outreach_worker.campaigns.held_leads import HeldLeads
from outreach_worker.campaigns.orphaned_leads import OrphanedLeads
from outreach_worker.events.activities import EventActivities
from outreach_worker.events.publisher import Publisher
from outreach_worker.leads.activities import LeadActivities
from outreach_worker.leads.revision_activities import RevisionActivities
from outreach_worker.metrics import Metrics
from outreach_worker.policies import GATEWAY_DEADLINE
from outreach_worker.senders.accounts import Accounts
from outreach_worker.senders.capacities import Capacities
from outreach_worker.senders.enrolments import Enrolments
from outreach_worker.settings import Settings
from outreach_worker.steps.activities import LinkedInActivities
from outreach_worker.steps.conditions import Conditions
from outreach_worker.steps.gateway_actions import GatewayActions
from outreach_worker.steps.reassignment import SenderReassignment
from outreach_worker.steps.recorder import StepRecorder
from outreach_worker.steps.texts import StepTexts
from outreach_worker.worker import Activities, new_plugin, worker

SERVICE = "outreach-worker"
SCHEMA = "campaign"
SCHEMA_PACKAGE = "campaigns"

_LOCKS = 4
"""Connections that wait for another change of a campaign at most."""

log = logs.get_logger(__name__)


async def compose(running: process.Process) -> None:
    """What `python -m outreach_worker` runs."""
    settings = Settings.model_validate({})
    clock = Clock.from_env()
    logs.configure(
        SERVICE,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    running.stack.enter_context(telemetry.tracing(SERVICE, version=version(SERVICE)))
    registry = new_registry(SERVICE, version=version(SERVICE))
    metrics = Metrics(registry)
    readiness = Readiness("postgres", "temporal")
    sdk_metrics = SdkMetrics()
    # The port for probes answers before anything that may have to be waited for.
    await running.enter(
        HttpServer(
            operations_app(registry, readiness, more_metrics=[sdk_metrics.read]),
            host=settings.http_host,
            port=settings.http_port,
        )
    )
    pool = await _connected(running, settings)
    readiness.add("postgres", lambda: postgres.check(pool))
    client = await temporal.connect(new_plugin(clock), sdk_metrics=sdk_metrics)
    readiness.add("temporal", lambda: temporal.check(client))
    if settings.migrate_on_start:
        await _registered(client)
    token = token_source(settings, subject=SERVICE)
    gateway = await running.enter(
        grpc_client.channel(settings.gateway_address, timeout=GATEWAY_DEADLINE, token=token)
    )
    dispatcher = await running.enter(grpc_client.channel(settings.dispatcher_address, token=token))
    activities = new_activities(
        settings,
        clock,
        pool=pool,
        temporal=client,
        gateway=gateway,
        dispatcher=dispatcher,
        writer=await _writer(running, settings, metrics),
        metrics=metrics,
    )
    await running.enter(
        worker(client, activities, settings, on_failure=_stopping(running)),
    )
    running.at_exit(readiness.drain)


def new_activities(
    settings: Settings,
    clock: Clock,
    *,
    pool: postgres.Pool,
    temporal: Client,
    gateway: grpc.aio.Channel,
    dispatcher: grpc.aio.Channel,
    writer: Writer | None,
    metrics: Metrics,
    task_queue: str = TASK_QUEUE,
) -> Activities:
    """Every activity on what it needs, each thing once."""
    campaigns, leads = CampaignRepository(pool), LeadRepository(pool)
    steps, texts = StepRepository(pool), StepTextRepository(pool)
    revisions = RevisionCache(RevisionRepository(pool), keep=500)
    progress = ProgressRepository(pool)
    publisher = Publisher(
        webhook_rpc.WebhookServiceStub(dispatcher), campaigns, leads, revisions, metrics
    )
    recorder = StepRecorder(leads, steps, publisher, metrics)
    accounts = account_service_pb2_grpc.AccountServiceStub(gateway)
    people = person_service_pb2_grpc.PersonServiceStub(gateway)
    actions = action_service_pb2_grpc.ActionServiceStub(gateway)
    enrolments = Enrolments(actions, campaigns)
    capacities = Capacities(accounts, pace_service_pb2_grpc.PaceServiceStub(gateway), revisions)
    return Activities(
        campaign=CampaignActivities(
            campaigns,
            leads,
            AdmissionRepository(pool),
            progress,
            capacities,
            OrphanedLeads(temporal, leads, steps, publisher, enrolments, clock),
            temporal=temporal,
            held_leads=HeldLeads(HeldLeadRepository(pool), publisher),
            publisher=publisher,
            metrics=metrics,
            clock=clock,
            page=settings.admission_page,
            concurrency=settings.admission_concurrency,
            task_queue=task_queue,
        ),
        lead=LeadActivities(
            campaigns,
            leads,
            steps,
            revisions=revisions,
            recorder=recorder,
            publisher=publisher,
            temporal=temporal,
            enrolments=enrolments,
            metrics=metrics,
            clock=clock,
        ),
        linkedin=LinkedInActivities(
            GatewayActions(
                actions,
                campaigns,
                leads,
                texts=StepTexts(people, texts, Accounts(accounts), writer, metrics),
                clock=clock,
            ),
            revisions=revisions,
            conditions=Conditions(people, campaigns, leads),
            recorder=recorder,
            reassignment=SenderReassignment(campaigns, leads, SenderRepository(pool), capacities),
            publisher=publisher,
            metrics=metrics,
            clock=clock,
        ),
        event=EventActivities(publisher),
        revision=RevisionActivities(campaigns, progress, revisions=revisions),
        control=CampaignControlActivities(
            CampaignControl(
                campaigns,
                holds=GatewayHolds(hold_service_pb2_grpc.HoldServiceStub(gateway)),
                workflows=CampaignSignals(temporal),
                locks=CampaignLocks(pool, connections=_LOCKS),
            )
        ),
    )


async def _connected(running: process.Process, settings: Settings) -> postgres.Pool:
    url = settings.database_url.get_secret_value()
    if settings.migrate_on_start:
        await migrate(url, SCHEMA, SCHEMA_PACKAGE)
    return await running.enter(
        postgres.connect_pool(
            url, SCHEMA, application=SERVICE, max_size=settings.database_connections
        )
    )


async def _registered(client: Client) -> None:
    """What leads are found by at Temporal; they run without it as well."""
    try:
        await search_attributes.register(client, KEYS)
    except RPCError as error:
        log.warning("search_attributes_not_registered", why=error.message)


async def _writer(running: process.Process, settings: Settings, metrics: Metrics) -> Writer | None:
    if not settings.writer_url:
        return None
    key = settings.writer_api_key
    return await running.enter(
        Writer(
            settings.writer_url,
            model=settings.writer_model,
            api_key=key.get_secret_value() if key else "",
            timeout=settings.writer_timeout,
            observe=metrics.writer_seconds.observe,
        )
    )


def _stopping(running: process.Process) -> Callable[[BaseException], object]:
    return lambda _: running.stop("worker failed", exit_code=process.EXIT_FAILED)


def main() -> NoReturn:
    process.run(SERVICE, compose)


if __name__ == "__main__":
    main()
