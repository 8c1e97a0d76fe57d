"""The parts of campaign-api, put together. `main` gives it what is outside of it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import grpc
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.repositories.edits.removal_repository import RemovalRepository
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from campaigns.writer import Writer
from identity.audit.record_repository import Tracked
from identity.audit.trail import AuditTrail
from identity.deadlines import PROMISE_OF
from identity.installation import Installation
from identity.server import server_of
from outreach.installation.v1.server_info_pb2 import ServerInfo, TemporalInfo
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import Secret, database_url
from servicekit.credentials.tls import Tls
from servicekit.grpc import client as grpc_client
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener
from servicekit.request_ids.composition import keep_answers
from servicekit.sealing.seal import Seal
from servicekit.startup.server_facts import OwnSchema, ServerFacts
from servicekit.tasks import every
from servicekit.temporal import connection as temporal

from campaign_api.automation.composition import AutomationParts
from campaign_api.clients import linkedin_gateway as gateway
from campaign_api.clients import webhook_dispatcher as dispatcher
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.metrics import Metrics
from campaign_api.servicer_composition import compose_servicers
from campaign_api.servicers.registration import IdentityServicers
from campaign_api.settings import Settings
from campaign_api.watch.changes import CHANNEL, CampaignChanges

SERVICE = "campaign-api"
SCHEMA = "campaign"
PACKAGE = "campaigns"

_REMOVALS, _REMOVALS_FORGOTTEN = "removed leads", timedelta(hours=1)
_PURGES, _PURGED = "deleted campaigns", timedelta(hours=1)
_STANDING = (grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.IDLE)


class CampaignApi:
    """The service itself, given a database and a way to Temporal."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        identity: Identity,
        registry: CollectorRegistry,
        readiness: Readiness,
        seal: Seal,
        tls: Tls | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._identity = identity
        self._registry = registry
        self._readiness = readiness
        self._seal = seal
        self._tls = tls
        self._metrics = Metrics(registry)

    async def serve(
        self,
        running: process.Process,
        *,
        pool: postgres.Pool,
        temporal_connection: TemporalConnection,
        identity: IdentityServicers,
        automation: AutomationParts,
        further_schemas: Sequence[OwnSchema] = (),
    ) -> GrpcServer:
        """Answer until the process is left."""
        settings = self._settings
        to_gateway = await self._channel(running, gateway.NAME, settings.gateway_address)
        to_dispatcher = await self._channel(running, dispatcher.NAME, settings.dispatcher_address)
        audit = self._audited(pool)
        audit.keep_up(running)
        self._forgetting(running, pool)
        server = self._server(running, audit, pool)
        servicers = compose_servicers(
            settings,
            self._clock,
            pool=pool,
            seal=self._seal,
            temporal_connection=temporal_connection,
            gateway=Gateway(to_gateway, glance=settings.glance_timeout),
            dispatcher=Dispatcher(to_dispatcher),
            changes=await self._changes(running),
            writer=await self._writer(running),
            running=running,
            metrics=self._metrics,
            identity=identity,
        )
        servicers.add_to(server)
        automation.add_to(
            server,
            settings=settings,
            clock=self._clock,
            campaigns=pool,
            seal=self._seal,
            temporal_connection=temporal_connection,
            gateway=to_gateway,
        )
        audit.add_to(server)
        own = OwnSchema(schema=SCHEMA, package=PACKAGE, pool=pool)
        installation = self._installation(
            [own, automation.schema, *further_schemas], temporal_connection
        )
        installation.add_to(server)
        return await running.enter(server)

    def _server(
        self, running: process.Process, audit: AuditTrail, pool: postgres.Pool
    ) -> GrpcServer:
        once = keep_answers(
            running,
            pool,
            self._seal,
            schema=SCHEMA,
            promise_of=PROMISE_OF,
            subject_field="lead_id",
        )
        return server_of(
            self._settings,
            self._identity,
            audit,
            port=self._settings.grpc_port,
            once=once,
            registry=self._registry,
            readiness=self._readiness,
            tls=self._tls,
            translators=[temporal.unavailable],
        )

    def _audited(self, pool: postgres.Pool) -> AuditTrail:
        """What is recorded of every call, and of which rows it tells what they were before."""
        return AuditTrail(
            pool,
            self._identity,
            self._registry,
            schema=SCHEMA,
            tracked={
                "campaign_id": Tracked("campaign.campaigns", "id"),
                "lead_id": Tracked("campaign.leads", "id"),
                "lead_list_id": Tracked("campaign.lead_lists", "id"),
                # Changed by connections of their own schema, whose role records here.
                "organization_id": Tracked("identity.organizations", "organization_id"),
                "member_id": Tracked("identity.members", "member_id"),
                "key_id": Tracked("identity.api_keys", "key_id"),
                "program_id": Tracked("automation.programs", "program_id"),
                "decision_id": Tracked("automation.decisions", "id"),
            },
            keep=self._settings.audit_keep,
        )

    def _forgetting(self, running: process.Process, pool: postgres.Pool) -> None:
        """Forget what has been deleted for long enough."""
        settings = self._settings
        removals = RemovalRepository(pool.across("removals are forgotten by their age alone"))
        purges = PurgeRepository(pool.across("deleted campaigns are purged by their age alone"))
        lists = LeadListRepository(pool.across("what deletions of lists have left is of whoever"))

        async def purge() -> int:
            # What cannot be forgotten of one of the two holds up nothing of the other.
            try:
                keep = settings.deleted_campaigns_keep
                return await purges.purge(now=self._clock.now(), keep=keep)
            finally:
                await lists.forget_left_over()

        forget = partial(removals.forget, older_than=settings.removals_keep)
        running.spawn(_REMOVALS, partial(every, _REMOVALS_FORGOTTEN, _REMOVALS, forget))
        running.spawn(_PURGES, partial(every, _PURGED, _PURGES, purge))

    async def _writer(self, running: process.Process) -> Writer | None:
        settings = self._settings
        if not settings.writer_url:
            return None
        return await running.enter(
            Writer(
                settings.writer_url,
                model=settings.writer_model,
                api_key=Secret.of_setting(settings, "writer_api_key"),
                timeout=settings.writer_timeout,
            )
        )

    async def _channel(self, running: process.Process, name: str, address: str) -> grpc.aio.Channel:
        """A channel to another service; whether it stands is told, but nothing depends on it."""
        channel = await running.enter(
            grpc_client.channel(
                address,
                timeout=self._settings.call_timeout,
                promise_of=PROMISE_OF,
                token=self._identity.tokens_for(name),
                tls=self._tls,
            )
        )
        self._metrics.tell_reachable(name, lambda: channel.get_state() in _STANDING)
        self._readiness.note(name, grpc_client.standing(channel))
        return channel

    async def _changes(self, running: process.Process) -> CampaignChanges:
        listener = await running.enter(
            Listener(database_url(self._settings, "database_url"), CHANNEL, application=SERVICE)
        )
        changes = CampaignChanges()
        running.spawn("listening for changes", partial(changes.listen, listener))
        return changes

    def _installation(
        self, schemas: Sequence[OwnSchema], temporal_connection: TemporalConnection
    ) -> Installation:
        """What tells of the service's parts."""
        settings = self._settings

        def own() -> ServerInfo:
            try:
                address, namespace = temporal.place_of(temporal_connection.client)
            except temporal.TemporalUnavailable:
                return ServerInfo()
            return ServerInfo(temporal=TemporalInfo(address=address, namespace=namespace))

        return Installation(
            ServerFacts(
                settings,
                service=SERVICE,
                schemas=schemas,
                readiness=self._readiness,
                tls=self._tls,
            ),
            own,
            secrets=settings.secrets(),
        )
