"""Composition root: reads the settings, builds every object once, and works."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import grpc
from campaigns.outbox.outbox_repository import CHANNEL, OutboxRepository
from campaigns.workflow.search_attributes import KEYS
from campaigns.writer import Writer
from outreach.common.v1 import deadline_pb2
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import Secret, database_url
from servicekit.credentials.tls import Tls, tls_of
from servicekit.grpc import client as grpc_client
from servicekit.grpc.deadlines import promised_in
from servicekit.identity.identity import Identity
from servicekit.postgres.listener import Listener
from servicekit.tasks import every
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.temporal import search_attributes
from temporalio.client import Client
from temporalio.service import RPCError

from outreach_worker.activity_composition import compose_activities, compose_sweep
from outreach_worker.automation_composition import keep_programs
from outreach_worker.campaigns import workflow_sweep
from outreach_worker.events.relay import FORGETS, LOOK_AGAIN, OutboxRelay
from outreach_worker.metrics import Metrics
from outreach_worker.process_composition import Begun, begin
from outreach_worker.settings import SERVICE, Settings, Training
from outreach_worker.training.composition import SCHEDULED_TYPES, compose_fitting
from outreach_worker.worker import training_worker, worker

_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)

log = logs.get_logger(__name__)


async def compose(running: process.Process, settings: Settings, clock: Clock) -> None:
    """Have the process serve."""
    logs.configure(
        settings.process_name,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    running.allow(settings.shutdown_grace)
    running.stack.enter_context(telemetry.tracing(settings.process_name, version=version(SERVICE)))
    if settings.training is Training.HERE:
        begun = await begin(running, settings, clock, tls=None)
        await _fit(running, begun, settings, clock)
    else:
        identity = Identity.of_caller(settings, service=SERVICE, sandbox=clock.sandbox)
        tls = tls_of(settings, sandbox=clock.sandbox)
        begun = await begin(running, settings, clock, tls=tls)
        await _work(running, begun, settings, clock, identity=identity, tls=tls)
    running.at_exit(begun.readiness.drain)


async def _fit(running: process.Process, begun: Begun, settings: Settings, clock: Clock) -> None:
    """Serve the queue of trainings, and nothing else."""
    fitting = compose_fitting(clock, pool=begun.pool, automation=begun.programs, seal=begun.seal)
    await running.enter(
        training_worker(begun.client, fitting, settings, on_failure=_stopping(running))
    )


async def _work(
    running: process.Process,
    begun: Begun,
    settings: Settings,
    clock: Clock,
    *,
    identity: Identity,
    tls: Tls | None,
) -> None:
    """Run workflows and their activities, and keep what is looked after beside them."""
    if settings.migrate_on_start:
        await _registered(begun.client)
    begun.metrics.trainings_elsewhere.set(settings.training is Training.ELSEWHERE)
    channel = partial(_channel, running, identity, tls)
    gateway = await channel(to="linkedin-gateway", address=settings.gateway_address)
    dispatcher = await channel(to="webhook-dispatcher", address=settings.dispatcher_address)
    campaign_api = await channel(to="campaign-api", address=settings.campaign_api_address)
    # Runs of programs wait while it is away; leads go on.
    begun.readiness.note("campaign-api", grpc_client.standing(campaign_api))
    begun.readiness.note("linkedin-gateway", grpc_client.standing(gateway))
    begun.readiness.note("webhook-dispatcher", grpc_client.standing(dispatcher))
    activities = compose_activities(
        settings,
        clock,
        pool=begun.pool,
        automation=begun.programs,
        seal=begun.seal,
        identity=identity,
        temporal=begun.client,
        campaign_api=campaign_api,
        gateway=gateway,
        dispatcher=dispatcher,
        writer=await _writer(running, settings, begun.metrics),
        metrics=begun.metrics,
    )
    await running.enter(
        worker(begun.client, activities, settings, on_failure=_stopping(running)),
    )
    sweep = compose_sweep(
        clock,
        pool=begun.pool,
        seal=begun.seal,
        identity=identity,
        temporal=begun.client,
        gateway=gateway,
        dispatcher=dispatcher,
        metrics=begun.metrics,
    )
    running.spawn(
        "workflow sweep", partial(every, workflow_sweep.EVERY, "workflow sweep", sweep.sweep)
    )
    keep_programs(
        running,
        clock,
        automation=begun.programs,
        migrated=begun.migrated,
        temporal=begun.client,
        metrics=begun.metrics,
        types=SCHEDULED_TYPES[settings.training],
    )
    await _relaying(running, begun, settings, dispatcher=dispatcher)


async def _relaying(
    running: process.Process, begun: Begun, settings: Settings, *, dispatcher: grpc.aio.Channel
) -> None:
    """Send what the outbox has to webhook-dispatcher."""
    outbox = OutboxRepository(begun.pool, begun.seal)
    relay = OutboxRelay(outbox, webhook_rpc.WebhookServiceStub(dispatcher), begun.metrics)
    listener = await running.enter(
        Listener(database_url(settings, "database_url"), CHANNEL, application=SERVICE)
    )
    running.spawn("outbox", relay.run)
    running.spawn("outbox age", partial(every, LOOK_AGAIN, "outbox age", relay.note_oldest))
    running.spawn("outbox rows", partial(every, FORGETS, "outbox rows", relay.forget))
    running.spawn("outbox is written", partial(relay.listen, listener))


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
