"""Composition root: reads the settings, builds every object once, and serves."""

from importlib.metadata import version

from identity.audit.trail import AuditTrail
from identity.deadlines import PROMISE_OF
from identity.issuer.http_client import IssuerClient
from identity.issuer.trust import trust_of
from identity.server import server_of
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.tls import Tls
from servicekit.grpc.calls import Layer
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.role_check import RowSecurity, until_migrated
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.request_ids.composition import keep_answers
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import keys_checked
from servicekit.startup.groundwork import Groundwork
from servicekit.startup.pool_metrics import tell_pools
from servicekit.temporal import connection as temporal
from servicekit.temporal.credentials import keep_credentials
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.sdk_metrics import SdkMetrics
from servicekit.temporal.worker import run_worker
from temporalio.client import Client

from webhook_dispatcher.channels.carrier import Carrier
from webhook_dispatcher.channels.recipient_repository import RecipientRepository
from webhook_dispatcher.channels.trial import EndpointTrials
from webhook_dispatcher.channels.trial_turns import TrialTurns
from webhook_dispatcher.composition import (
    PACKAGE,
    SCHEMA,
    SERVICE,
    carrier_of,
    compose_attempts,
    compose_audit,
    compose_endpoints,
    compose_installation,
    connected,
    retries_of,
    rules_of,
    secrets_of,
    sender_of,
)
from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.deliveries.activities import DeliveryActivities
from webhook_dispatcher.deliveries.attempts import Attempts
from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.deliveries.workflow import TASK_QUEUE, DeliveryWorkflow
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.endpoints.request_headers import RequestHeaders
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.events.publisher import EventPublisher
from webhook_dispatcher.http.connection import Resolve
from webhook_dispatcher.http.name_resolver import NameResolver
from webhook_dispatcher.listings.lists import Lists
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.replay_composition import compose_replays, forget_in_time
from webhook_dispatcher.servicers.webhooks import WebhookServicer
from webhook_dispatcher.settings import Settings


async def compose(running: process.Process, settings: Settings, clock: Clock) -> None:
    """Have the process serve."""
    checks = "postgres", "row security", "schema", "temporal"
    ground = Groundwork.laid(running, settings, clock, service=SERVICE, checks=checks)
    sdk_metrics = SdkMetrics()
    await ground.answer_probes(more_metrics=[sdk_metrics.read])
    trust = trust_of(settings, await running.enter(IssuerClient(ground.tls)))
    # It calls nobody; its key signs what it records.
    identity = Identity.of_server(
        settings, service=SERVICE, sandbox=clock.sandbox, calls=True, trust=trust
    )
    dispatcher = Dispatcher(
        settings,
        clock,
        identity=identity,
        registry=ground.registry,
        readiness=ground.readiness,
        tls=ground.tls,
        resolve=await running.enter(NameResolver()),
    )
    pool = await _schema(ground)
    client = await _temporal(ground, sdk_metrics)
    await dispatcher.serve(running, pool=pool, client=client)
    running.at_exit(ground.readiness.drain)


async def _schema(ground: Groundwork[Settings]) -> postgres.Pool:
    """The dispatcher's rows, once they are as the code needs them."""
    readiness = ground.readiness
    pool = await connected(ground.running, ground.settings)
    readiness.add("postgres", lambda: postgres.check(pool))
    tell_pools(ground.registry, service=pool, background=pool.background)
    readiness.add("row security", RowSecurity(pool, sandbox=ground.clock.sandbox).check)
    readiness.note("writes", WriteRefusals(pool).check)
    await until_migrated(pool, SCHEMA, PACKAGE, readiness=readiness)
    return pool


async def _temporal(ground: Groundwork[Settings], sdk_metrics: SdkMetrics) -> Client:
    build = temporal.WorkerBuild(SERVICE, version(SERVICE), ground.settings.build_revision)
    client = await temporal.connect(
        new_plugin(ground.clock, passthrough_modules=[PACKAGE]),
        sdk_metrics=sdk_metrics,
        identity=build.identity,
    )
    # Without it events are kept, and tried once: only what has failed waits for it.
    ground.readiness.note("temporal", lambda: temporal.check(client))
    ground.running.spawn("temporal's credentials", lambda: keep_credentials(client))
    return client


class Dispatcher:
    """The service itself, given a database and Temporal."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        identity: Identity,
        registry: CollectorRegistry,
        readiness: Readiness,
        tls: Tls | None = None,
        resolve: Resolve,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._settings = settings
        self._clock = DatabaseClock.of(clock)
        self._identity = identity
        self._registry = registry
        self._readiness = readiness
        self._tls = tls
        self._resolve = resolve
        self._task_queue = task_queue
        self._metrics = Metrics(registry)
        self._rules = rules_of(settings)
        self._sealing = Sealing(secrets_of(settings, clock))
        self._seal = seal_of(settings, sandbox=clock.sandbox, registry=registry)
        self._request_headers = RequestHeaders(self._sealing, clock=self._clock)
        self._retries = retries_of(settings, self._clock)

    async def serve(
        self, running: process.Process, *, pool: postgres.Pool, client: Client
    ) -> GrpcServer:
        """Deliver and answer, until the process is left."""
        await keys_checked(running, pool, self._seal, self._settings)
        await self._clock.keep_up(running, pool)
        sender = await running.enter(sender_of(self._settings, self._clock, resolve=self._resolve))
        carrier = carrier_of(self._settings, sender=sender, request_headers=self._request_headers)
        router = await self._deliver(running, carrier, pool=pool, client=client)
        audit = compose_audit(pool, self._identity, self._registry, keep=self._settings.audit_keep)
        audit.keep_up(running)
        forget_in_time(running, pool, self._settings, metrics=self._metrics, clock=self._clock)
        once = keep_answers(running, pool, self._seal, schema=SCHEMA, promise_of=PROMISE_OF)
        server = self._server(audit, once=once)
        server.add(
            rpc.add_WebhookServiceServicer_to_server,
            self._servicer(running, carrier, router, pool=pool),
        )
        audit.add_to(server)
        installation = compose_installation(
            self._settings, pool, client, readiness=self._readiness, tls=self._tls
        )
        installation.add_to(server)
        return await running.enter(server)

    async def _deliver(
        self, running: process.Process, carrier: Carrier, *, pool: postgres.Pool, client: Client
    ) -> DeliveryRouter:
        """Try deliveries at once, and by workflows again; returns what takes further ones."""
        everybodys = pool.across("deliveries are made for whoever is due")
        pending = PendingDeliveryRepository(everybodys)
        attempts = compose_attempts(
            everybodys,
            pending,
            carrier=carrier,
            seal=self._seal,
            retries=self._retries,
            metrics=self._metrics,
            clock=self._clock,
        )
        workflows = WorkflowStarter(
            pending,
            temporal=client,
            retries=self._retries,
            metrics=self._metrics,
            clock=self._clock,
            task_queue=self._task_queue,
        )
        running.spawn("orphaned deliveries", workflows.adopt_orphans)
        first_attempts = await running.enter(
            FirstAttempts(
                attempts,
                workflows,
                at_once=self._settings.concurrent_deliveries - self._workflow_attempts,
                grace=self._settings.shutdown_grace,
            )
        )
        router = DeliveryRouter(
            first_attempts, workflows, pending, retries=self._retries, clock=self._clock
        )
        await self._run_worker(running, attempts, router, client)
        return router

    def _servicer(
        self,
        running: process.Process,
        carrier: Carrier,
        router: DeliveryRouter,
        *,
        pool: postgres.Pool,
    ) -> WebhookServicer:
        endpoints = compose_endpoints(
            pool,
            sealing=self._sealing,
            rules=self._rules,
            resolve=self._resolve,
            metrics=self._metrics,
            clock=self._clock,
            deleted_keep=self._settings.deleted_endpoints_keep,
            mails=carrier.mails,
        )
        events = EventPublisher(
            EventRepository(pool, self._seal, self._clock), router=router, metrics=self._metrics
        )
        recipients, turns = RecipientRepository(pool), TrialTurns(pool)
        return WebhookServicer(
            endpoints=endpoints,
            trials=EndpointTrials(recipients, turns, carrier, clock=self._clock),
            events=events,
            replays=compose_replays(running, pool, router=router, clock=self._clock),
            lists=Lists(pool, PageTokens(PageTokenKey(pool)), self._seal),
            rules=self._rules,
        )

    @property
    def _workflow_attempts(self) -> int:
        """How many of the POSTs are kept for deliveries that have a workflow."""
        return max(1, self._settings.concurrent_deliveries // 2)

    async def _run_worker(
        self, running: process.Process, attempts: Attempts, router: DeliveryRouter, client: Client
    ) -> None:
        activities = DeliveryActivities(attempts, router, at_once=self._workflow_attempts)
        await running.enter(
            run_worker(
                client,
                self._task_queue,
                workflows=[DeliveryWorkflow],
                activities=[activities.attempt_delivery, activities.lapse_delivery],
                max_concurrent_activities=self._workflow_attempts,
                grace=self._settings.shutdown_grace,
                on_failure=lambda _: running.stop("worker failed", exit_code=process.EXIT_FAILED),
            )
        )

    def _server(self, audit: AuditTrail, *, once: Layer) -> GrpcServer:
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
