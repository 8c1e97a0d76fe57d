"""Composition root: reads the settings, builds every object once, and serves."""

from importlib.metadata import version
from typing import NoReturn

import grpc
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.reach_repository import ReachRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.writer import Writer
from outreach.campaign.v1 import campaign_service_pb2_grpc, linkedin_event_service_pb2_grpc
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.auth import Authenticator, token_source
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.postgres import errors as postgres_errors
from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener
from servicekit.postgres.migrations import migrate
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.metrics import new_registry
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.sdk_metrics import SdkMetrics

from campaign_api.clients import linkedin_gateway as gateway
from campaign_api.clients import webhook_dispatcher as dispatcher
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows, TemporalConnection
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lead_import import LeadImport
from campaign_api.commands.lead_review import LeadReview
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sequence_updates import Revising
from campaign_api.linkedin_events.events import LinkedInEvents
from campaign_api.linkedin_events.reply_reach import ReplyReach
from campaign_api.metrics import Metrics
from campaign_api.queries.campaigns import Reading
from campaign_api.queries.experiments import Experiments
from campaign_api.queries.message_previews import Previews
from campaign_api.queries.status import StatusReader
from campaign_api.queries.watch import CHANNEL, CampaignChanges, CampaignWatch
from campaign_api.servicers.access import CampaignAccess
from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.permissions import permission_by_method
from campaign_api.settings import Settings

SERVICE = "campaign-api"
SCHEMA = "campaign"
SCHEMA_PACKAGE = "campaigns"

_STANDING = (grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.IDLE)


async def compose(running: process.Process) -> None:
    """What `python -m campaign_api` runs."""
    settings = Settings.model_validate({})
    clock = Clock.from_env()
    logs.configure(SERVICE, level=settings.log_level, log_format=settings.log_format)
    running.stack.enter_context(telemetry.tracing(SERVICE, version=version(SERVICE)))
    registry = new_registry(SERVICE, version=version(SERVICE))
    readiness = Readiness("postgres", "temporal", "schema")
    sdk_metrics = SdkMetrics()
    # The port for probes answers before anything that may have to be waited for.
    await running.enter(
        HttpServer(
            operations_app(registry, readiness, more_metrics=[sdk_metrics.read]),
            host=settings.http_host,
            port=settings.http_port,
        )
    )
    url = settings.database_url.get_secret_value()
    pool = await running.enter(
        postgres.connect_pool(
            url,
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
            wait=False,
        )
    )
    readiness.add("postgres", lambda: postgres.check(pool))
    connection = TemporalConnection()
    readiness.add("temporal", connection.check)
    running.spawn(
        "connection to temporal",
        connection.connect(temporal.connect(new_plugin(clock), sdk_metrics=sdk_metrics)),
    )
    if settings.migrate_on_start:
        await migrate(url, SCHEMA, SCHEMA_PACKAGE)
    readiness.add("schema", _up_to_date)
    api = CampaignApi(settings, clock, registry=registry, readiness=readiness)
    await api.serve(running, pool=pool, temporal_connection=connection)
    running.at_exit(readiness.drain)


async def _up_to_date() -> None:
    """Once the migrations have run they have run."""


class CampaignApi:
    """The service itself, given a database and a way to Temporal."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        registry: CollectorRegistry,
        readiness: Readiness,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._registry = registry
        self._readiness = readiness
        self._metrics = Metrics(registry)

    async def serve(
        self,
        running: process.Process,
        *,
        pool: postgres.Pool,
        temporal_connection: TemporalConnection,
    ) -> GrpcServer:
        """Answer until the process is left."""
        settings = self._settings
        to_gateway = Gateway(
            await self._channel(running, gateway.NAME, settings.gateway_address),
            glance=settings.glance_timeout,
        )
        to_dispatcher = Dispatcher(
            await self._channel(running, dispatcher.NAME, settings.dispatcher_address)
        )
        lead_workflows = LeadWorkflows(temporal_connection, timeout=settings.call_timeout)
        changes = await self._changes(running)
        server = self._server()
        server.add(
            campaign_service_pb2_grpc.add_CampaignServiceServicer_to_server,
            self._campaigns(
                running,
                pool,
                temporal_connection,
                to_gateway,
                to_dispatcher,
                changes,
                await self._writer(running),
            ),
        )
        server.add(
            linkedin_event_service_pb2_grpc.add_LinkedInEventServiceServicer_to_server,
            LinkedInEventServicer(
                LinkedInEvents(
                    lead_workflows,
                    LeadRepository(pool),
                    to_dispatcher,
                    ReplyReach(
                        CampaignRepository(pool),
                        ReachRepository(pool),
                        gateway=to_gateway,
                        workflows=lead_workflows,
                        clock=self._clock,
                    ),
                    clock=self._clock,
                    wake_spread=settings.wake_spread,
                    metrics=self._metrics,
                )
            ),
        )
        return await running.enter(server)

    def _campaigns(
        self,
        running: process.Process,
        pool: postgres.Pool,
        temporal_connection: TemporalConnection,
        to_gateway: Gateway,
        to_dispatcher: Dispatcher,
        changes: CampaignChanges,
        writer: Writer | None,
    ) -> CampaignServicer:
        settings, clock, metrics = self._settings, self._clock, self._metrics
        campaigns, leads = CampaignRepository(pool), LeadRepository(pool)
        workflows = CampaignWorkflows(temporal_connection, clock, timeout=settings.call_timeout)
        revisions = RevisionCache(RevisionRepository(pool))
        review = LeadReview(HeldLeadRepository(pool), revisions, to_gateway)
        statuses = StatusReader(campaigns, StatusRepository(pool), revisions, to_gateway, clock)
        locks = CampaignLocks(pool, connections=settings.database_connections // 2)
        drafts = Drafts(
            campaigns,
            revisions,
            gateway=to_gateway,
            dispatcher=to_dispatcher,
            clock=clock,
            metrics=metrics,
            writer_configured=settings.writer_configured or bool(settings.writer_url),
        )
        return CampaignServicer(
            access=CampaignAccess(campaigns),
            drafts=drafts,
            experiments=Experiments(ExperimentRepository(pool), revisions, clock),
            lead_import=LeadImport(
                campaigns,
                leads,
                review=review,
                workflows=workflows,
                clock=clock,
                metrics=metrics,
            ),
            lifecycle=CampaignLifecycle(
                campaigns,
                leads,
                review=review,
                gateway=to_gateway,
                workflows=workflows,
                locks=locks,
                clock=clock,
                metrics=metrics,
            ),
            previews=Previews(leads, StepTextRepository(pool), revisions, to_gateway, writer),
            reading=Reading(campaigns, leads, StepRepository(pool), revisions, to_gateway, clock),
            revising=Revising(
                RevisionRepository(pool),
                ProgressRepository(pool),
                revisions,
                drafts,
                review=review,
                workflows=workflows,
                locks=locks,
                clock=clock,
            ),
            revisions=revisions,
            statuses=statuses,
            watch=CampaignWatch(
                statuses,
                changes,
                interval=settings.watch_interval,
                stopping=running.stopping,
                metrics=metrics,
            ),
        )

    async def _writer(self, running: process.Process) -> Writer | None:
        settings = self._settings
        if not settings.writer_url:
            return None
        key = settings.writer_api_key
        return await running.enter(
            Writer(
                settings.writer_url,
                model=settings.writer_model,
                api_key=key.get_secret_value() if key else "",
                timeout=settings.writer_timeout,
            )
        )

    async def _channel(self, running: process.Process, name: str, address: str) -> grpc.aio.Channel:
        """A channel to another service; whether it stands is told, but nothing depends on it."""
        channel = await running.enter(
            grpc_client.channel(
                address,
                timeout=self._settings.call_timeout,
                token=token_source(self._settings, subject=SERVICE),
            )
        )
        self._metrics.tell_reachable(name, lambda: channel.get_state() in _STANDING)
        return channel

    async def _changes(self, running: process.Process) -> CampaignChanges:
        listener = await running.enter(
            Listener(self._settings.database_url.get_secret_value(), CHANNEL, application=SERVICE)
        )
        changes = CampaignChanges()
        running.spawn("listening for changes", changes.listen(listener))
        return changes

    def _server(self) -> GrpcServer:
        return GrpcServer(
            host=self._settings.grpc_host,
            port=self._settings.grpc_port,
            interceptors=[
                standard_interceptor(
                    self._registry,
                    authenticator=Authenticator.from_settings(self._settings),
                    permission_of=permission_by_method().get,
                    translators=[postgres_errors.unavailable, temporal.unavailable],
                )
            ],
            readiness=self._readiness,
            grace=self._settings.shutdown_grace,
        )


def main() -> NoReturn:
    process.run(SERVICE, compose)


if __name__ == "__main__":
    main()
