"""The parts of campaign-api, put together. `main` gives it what is outside of it."""

import grpc
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.reply_scope_repository import ReplyScopeRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl
from campaigns.writer import Writer
from outreach.common.v1 import permission_pb2
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.auth import Authenticator, token_source
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.permissions import declared_in
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.postgres import errors as postgres_errors
from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener
from servicekit.temporal import connection as temporal

from campaign_api.clients import linkedin_gateway as gateway
from campaign_api.clients import webhook_dispatcher as dispatcher
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows, TemporalConnection
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lead_import import LeadImport
from campaign_api.commands.lead_review import LeadReview
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_updates import SequenceUpdates
from campaign_api.commands.sequence_webhooks import SequenceWebhooks
from campaign_api.commands.start_requirements import StartRequirements
from campaign_api.linkedin_events.relay import LinkedInEventRelay
from campaign_api.linkedin_events.reply_scope import LeadsInReplyScope
from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.queries.campaigns import CampaignQueries
from campaign_api.queries.experiments import ExperimentQueries
from campaign_api.queries.leads import LeadQueries
from campaign_api.queries.message_previews import MessagePreviews
from campaign_api.queries.sequence_revisions import RevisionQueries
from campaign_api.queries.watch import CHANNEL, CampaignChanges, CampaignWatch
from campaign_api.servicers.access import CampaignAccess
from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.leads import LeadServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.registration import Servicers
from campaign_api.servicers.sequences import SequenceServicer
from campaign_api.settings import Settings

SERVICE = "campaign-api"

_STANDING = (grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.IDLE)


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
        server = self._server()
        self._servicers(
            running,
            pool,
            temporal_connection,
            to_gateway,
            to_dispatcher,
            await self._changes(running),
            await self._writer(running),
        ).add_to(server)
        return await running.enter(server)

    def _servicers(
        self,
        running: process.Process,
        pool: postgres.Pool,
        temporal_connection: TemporalConnection,
        to_gateway: Gateway,
        to_dispatcher: Dispatcher,
        changes: CampaignChanges,
        writer: Writer | None,
    ) -> Servicers:
        settings, clock, metrics = self._settings, self._clock, self._metrics
        campaigns, leads = CampaignRepository(pool), LeadRepository(pool)
        access, revisions = CampaignAccess(campaigns), RevisionCache(RevisionRepository(pool))
        lead_workflows = LeadWorkflows(temporal_connection, timeout=settings.call_timeout)
        workflows = CampaignWorkflows(temporal_connection, clock, timeout=settings.call_timeout)
        locks = CampaignLocks(pool, connections=settings.database_connections // 2)
        review = LeadReview(HeldLeadRepository(pool), revisions, to_gateway)
        webhooks = SequenceWebhooks(to_dispatcher)
        compiler = SequenceCompiler(
            webhooks, writer_configured=settings.writer_configured or bool(settings.writer_url)
        )
        statuses = CampaignStatuses(campaigns, StatusRepository(pool), revisions, to_gateway, clock)
        return Servicers(
            campaigns=CampaignServicer(
                access=access,
                drafts=Drafts(
                    campaigns,
                    revisions,
                    compiler=compiler,
                    webhooks=webhooks,
                    gateway=to_gateway,
                    clock=clock,
                    metrics=metrics,
                ),
                lifecycle=CampaignLifecycle(
                    campaigns,
                    requirements=StartRequirements(leads, review, to_gateway),
                    control=CampaignControl(
                        campaigns, holds=to_gateway, workflows=workflows, locks=locks
                    ),
                    workflows=workflows,
                    locks=locks,
                    clock=clock,
                    metrics=metrics,
                ),
                queries=CampaignQueries(campaigns, revisions),
                revisions=revisions,
                statuses=statuses,
                watch=CampaignWatch(
                    statuses,
                    changes,
                    interval=settings.watch_interval,
                    stopping=running.stopping,
                    metrics=metrics,
                ),
            ),
            leads=LeadServicer(
                access=access,
                lead_import=LeadImport(
                    campaigns,
                    leads,
                    review=review,
                    workflows=workflows,
                    clock=clock,
                    metrics=metrics,
                ),
                queries=LeadQueries(leads, StepRepository(pool), revisions, to_gateway, clock),
            ),
            sequences=SequenceServicer(
                access=access,
                compiler=compiler,
                updates=SequenceUpdates(
                    RevisionRepository(pool),
                    compiler,
                    review=review,
                    workflows=workflows,
                    locks=locks,
                    clock=clock,
                ),
                revisions=revisions,
                revision_queries=RevisionQueries(
                    RevisionRepository(pool), ProgressRepository(pool), revisions, compiler
                ),
                previews=MessagePreviews(
                    leads, StepTextRepository(pool), revisions, to_gateway, writer
                ),
                experiments=ExperimentQueries(ExperimentRepository(pool), revisions, clock),
            ),
            linkedin_events=LinkedInEventServicer(
                LinkedInEventRelay(
                    lead_workflows,
                    leads,
                    to_dispatcher,
                    LeadsInReplyScope(
                        campaigns,
                        ReplyScopeRepository(pool),
                        gateway=to_gateway,
                        workflows=lead_workflows,
                        clock=clock,
                    ),
                    clock=clock,
                    wake_spread=settings.wake_spread,
                    metrics=metrics,
                )
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
                    permission_of=declared_in(permission_pb2.permission),
                    translators=[postgres_errors.unavailable, temporal.unavailable],
                )
            ],
            readiness=self._readiness,
            grace=self._settings.shutdown_grace,
        )
