"""Composition root: reads the settings, builds every object once, and works."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import grpc
from automation import schema as automation
from campaigns.outbox.outbox_repository import CHANNEL, OutboxRepository
from campaigns.workflow.search_attributes import KEYS
from campaigns.writer import Writer
from outreach.common.v1 import deadline_pb2
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.plain_text import tell_plain_text
from servicekit.credentials.secrets import Secret, database_url, owner_url
from servicekit.credentials.tls import Tls, tell_certificates, tls_of
from servicekit.grpc import client as grpc_client
from servicekit.grpc.deadlines import promised_in
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import SchemaRevision, until_migrated
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import keys_checked
from servicekit.sealing.seal import Seal
from servicekit.startup.pool_metrics import tell_pools
from servicekit.tasks import every
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.loops import tell_loops
from servicekit.telemetry.metrics import new_registry
from servicekit.temporal import connection as temporal
from servicekit.temporal import search_attributes
from servicekit.temporal.credentials import keep_credentials
from servicekit.temporal.sdk_metrics import SdkMetrics
from temporalio.client import Client
from temporalio.service import RPCError

from outreach_worker.activity_composition import (
    compose_activities,
    compose_bug_policy,
    compose_sweep,
)
from outreach_worker.automation_composition import keep_programs
from outreach_worker.campaigns import workflow_sweep
from outreach_worker.events.relay import FORGETS, LOOK_AGAIN, OutboxRelay
from outreach_worker.metrics import Metrics
from outreach_worker.settings import Settings, Training
from outreach_worker.training.composition import SCHEDULED_TYPES, compose_fitting
from outreach_worker.worker import new_plugin, training_worker, worker

_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)
SERVICE = "outreach-worker"
SCHEMA = "campaign"
SCHEMA_PACKAGE = "campaigns"

log = logs.get_logger(__name__)


async def compose(running: process.Process, settings: Settings, clock: Clock) -> None:
    """Have the process serve."""
    logs.configure(
        SERVICE,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    running.allow(settings.shutdown_grace)
    running.stack.enter_context(telemetry.tracing(SERVICE, version=version(SERVICE)))
    registry = new_registry(SERVICE, version=version(SERVICE))
    tell_loops(registry)
    metrics = Metrics(registry)
    identity = Identity.of_caller(settings, service=SERVICE, sandbox=clock.sandbox)
    readiness = Readiness("postgres", "schema", automation.CHECK, "temporal")
    tls = tls_of(settings, sandbox=clock.sandbox)
    seal = seal_of(settings, sandbox=clock.sandbox, registry=registry)
    tell_certificates(
        tls, database_url(settings, "database_url").get(), registry=registry, readiness=readiness
    )
    tell_plain_text(settings, sandbox=clock.sandbox, registry=registry, readiness=readiness)
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
    await until_migrated(pool, SCHEMA, SCHEMA_PACKAGE, readiness=readiness)
    await keys_checked(running, pool, seal, settings)
    programs, migrated = await _automation(running, settings, readiness)
    tell_pools(registry, service=pool, automation=programs)
    readiness.note("writes", WriteRefusals(pool).check)
    client = await temporal.connect(
        new_plugin(
            clock,
            bug_policy=compose_bug_policy(clock, pool=pool, metrics=metrics),
            metrics=metrics.attempts,
        ),
        sdk_metrics=sdk_metrics,
        identity=temporal.WorkerBuild(SERVICE, version(SERVICE), settings.build_revision).identity,
    )
    readiness.add("temporal", lambda: temporal.check(client))
    running.spawn("temporal's credentials", lambda: keep_credentials(client))
    if settings.training is Training.HERE:
        fitting = compose_fitting(clock, pool=pool, automation=programs, seal=seal)
        await running.enter(
            training_worker(client, fitting, settings, on_failure=_stopping(running))
        )
        running.at_exit(readiness.drain)
        return
    if settings.migrate_on_start:
        await _registered(client)
    channel = partial(_channel, running, identity, tls)
    gateway = await channel(to="linkedin-gateway", address=settings.gateway_address)
    dispatcher = await channel(to="webhook-dispatcher", address=settings.dispatcher_address)
    campaign_api = await channel(to="campaign-api", address=settings.campaign_api_address)
    # Runs of programs wait while it is away; leads go on.
    readiness.note("campaign-api", grpc_client.standing(campaign_api))
    readiness.note("linkedin-gateway", grpc_client.standing(gateway))
    readiness.note("webhook-dispatcher", grpc_client.standing(dispatcher))
    activities = compose_activities(
        settings,
        clock,
        pool=pool,
        automation=programs,
        seal=seal,
        identity=identity,
        temporal=client,
        campaign_api=campaign_api,
        gateway=gateway,
        dispatcher=dispatcher,
        writer=await _writer(running, settings, metrics),
        metrics=metrics,
    )
    await running.enter(
        worker(client, activities, settings, on_failure=_stopping(running)),
    )
    sweep = compose_sweep(
        clock,
        pool=pool,
        seal=seal,
        identity=identity,
        temporal=client,
        gateway=gateway,
        dispatcher=dispatcher,
        metrics=metrics,
    )
    running.spawn(
        "workflow sweep", partial(every, workflow_sweep.EVERY, "workflow sweep", sweep.sweep)
    )
    keep_programs(
        running,
        clock,
        automation=programs,
        migrated=migrated,
        temporal=client,
        metrics=metrics,
        types=SCHEDULED_TYPES[settings.training],
    )
    await _relaying(running, settings, pool=pool, seal=seal, dispatcher=dispatcher, metrics=metrics)
    running.at_exit(readiness.drain)


async def _relaying(
    running: process.Process,
    settings: Settings,
    *,
    pool: postgres.Pool,
    seal: Seal,
    dispatcher: grpc.aio.Channel,
    metrics: Metrics,
) -> None:
    """Send what the outbox has to webhook-dispatcher."""
    outbox = OutboxRepository(pool, seal)
    relay = OutboxRelay(outbox, webhook_rpc.WebhookServiceStub(dispatcher), metrics)
    listener = await running.enter(
        Listener(database_url(settings, "database_url"), CHANNEL, application=SERVICE)
    )
    running.spawn("outbox", relay.run)
    running.spawn("outbox age", partial(every, LOOK_AGAIN, "outbox age", relay.note_oldest))
    running.spawn("outbox rows", partial(every, FORGETS, "outbox rows", relay.forget))
    running.spawn("outbox is written", partial(relay.listen, listener))


async def _connected(running: process.Process, settings: Settings) -> postgres.Pool:
    url = database_url(settings, "database_url")
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, SCHEMA_PACKAGE)
    return await running.enter(
        postgres.connect_pool(
            url, SCHEMA, application=SERVICE, max_size=settings.database_connections
        )
    )


async def _automation(
    running: process.Process, settings: Settings, readiness: Readiness
) -> tuple[postgres.Pool, SchemaRevision]:
    """A pool of the schema `automation`, and whether that is as the code needs it.

    It is not waited for: leads go on while its migrations do, or fail. Until then the process is
    not ready, nothing of programs is kept, and their activities are tried again.
    """
    if settings.migrate_on_start:
        owner = database_url(settings, *automation.MIGRATION_URLS)
        running.spawn(
            "automation's migrations",
            lambda: migrate(owner.get(), automation.SCHEMA, automation.PACKAGE),
        )
    pool = await running.enter(
        postgres.connect_pool(
            database_url(settings, *automation.URLS),
            automation.SCHEMA,
            application=SERVICE,
            max_size=automation.CONNECTIONS,
            wait=False,
        )
    )
    migrated = SchemaRevision(pool, automation.SCHEMA, automation.PACKAGE)
    readiness.add(automation.CHECK, migrated.check)
    return pool, migrated


async def _channel(
    running: process.Process, identity: Identity, tls: Tls | None, *, to: str, address: str
) -> grpc.aio.Channel:
    """A channel to another service, called as this one."""
    return await running.enter(
        grpc_client.channel(address, promise_of=_PROMISE_OF, token=identity.tokens_for(to), tls=tls)
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
    return await running.enter(
        Writer(
            settings.writer_url,
            model=settings.writer_model,
            api_key=Secret.of_setting(settings, "writer_api_key"),
            timeout=settings.writer_timeout,
            observe=metrics.writer_seconds.observe,
        )
    )


def _stopping(running: process.Process) -> Callable[[BaseException], object]:
    return lambda _: running.stop("worker failed", exit_code=process.EXIT_FAILED)
