"""Composition root: reads the settings, builds every object once, and works."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import grpc
from campaigns.outbox.outbox_repository import CHANNEL, OutboxRepository
from campaigns.workflow.search_attributes import KEYS
from campaigns.writer import Writer
from identity.deadlines import PROMISE_OF
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import Secret, database_url
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.postgres.listener import Listener
from servicekit.startup.groundwork import Groundwork
from servicekit.tasks import every
from servicekit.telemetry import logs
from servicekit.temporal import search_attributes
from temporalio.client import Client
from temporalio.service import RPCError

from outreach_worker.activity_composition import compose_activities, compose_sweep
from outreach_worker.automation_composition import keep_programs
from outreach_worker.campaigns import workflow_sweep
from outreach_worker.events.relay import FORGETS, LOOK_AGAIN, OutboxRelay
from outreach_worker.metrics import Metrics
from outreach_worker.process_composition import CHECKS, Begun, begin
from outreach_worker.settings import SERVICE, Settings, Training
from outreach_worker.training.composition import compose_fitting
from outreach_worker.worker import training_worker, worker

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The services that leads and programs call."""

    gateway: grpc.aio.Channel
    dispatcher: grpc.aio.Channel
    campaign_api: grpc.aio.Channel


async def compose(running: process.Process, settings: Settings, clock: Clock) -> None:
    """Have the process serve."""
    ground = Groundwork.laid(
        running,
        settings,
        clock,
        service=SERVICE,
        checks=CHECKS,
        called=settings.process_name,
        meets_services=settings.meets_services,
    )
    if settings.training is Training.HERE:
        await _fit(ground, await begin(ground))
    else:
        identity = Identity.of_caller(settings, service=SERVICE, sandbox=clock.sandbox)
        await _work(ground, await begin(ground), identity)
    running.at_exit(ground.readiness.drain)


async def _fit(ground: Groundwork[Settings], begun: Begun) -> None:
    """Serve the queue of trainings, and nothing else."""
    running = ground.running
    fitting = compose_fitting(
        ground.clock, pool=begun.pool, automation=begun.programs, seal=begun.seal
    )
    await running.enter(
        training_worker(begun.client, fitting, ground.settings, on_failure=_stopping(running))
    )


async def _work(ground: Groundwork[Settings], begun: Begun, identity: Identity) -> None:
    """Walk leads, run campaigns and programs, and tell what comes of them."""
    running, settings = ground.running, ground.settings
    if settings.migrate_on_start:
        await _registered(begun.client)
    begun.metrics.trainings_elsewhere.set(settings.training is Training.ELSEWHERE)
    neighbours = await _neighbours(ground, identity)
    activities = compose_activities(
        settings,
        ground.clock,
        pool=begun.pool,
        automation=begun.programs,
        seal=begun.seal,
        identity=identity,
        temporal=begun.client,
        campaign_api=neighbours.campaign_api,
        gateway=neighbours.gateway,
        dispatcher=neighbours.dispatcher,
        writer=await _writer(running, settings, begun.metrics),
        metrics=begun.metrics,
    )
    await running.enter(worker(begun.client, activities, settings, on_failure=_stopping(running)))
    _sweeping(ground, begun, identity, neighbours)
    keep_programs(
        running,
        settings,
        ground.clock,
        automation=begun.programs,
        migrated=begun.migrated,
        temporal=begun.client,
        metrics=begun.metrics,
    )
    await _relaying(ground, begun, neighbours.dispatcher)


async def _neighbours(ground: Groundwork[Settings], identity: Identity) -> Neighbours:
    """A channel to each; whether it stands is told, but nothing depends on it."""
    settings, readiness = ground.settings, ground.readiness
    channel = partial(_channel, ground, identity)
    neighbours = Neighbours(
        gateway=await channel(to="linkedin-gateway", address=settings.gateway_address),
        dispatcher=await channel(to="webhook-dispatcher", address=settings.dispatcher_address),
        campaign_api=await channel(to="campaign-api", address=settings.campaign_api_address),
    )
    # Runs of programs wait while it is away; leads go on.
    readiness.note("campaign-api", grpc_client.standing(neighbours.campaign_api))
    readiness.note("linkedin-gateway", grpc_client.standing(neighbours.gateway))
    readiness.note("webhook-dispatcher", grpc_client.standing(neighbours.dispatcher))
    return neighbours


def _sweeping(
    ground: Groundwork[Settings], begun: Begun, identity: Identity, neighbours: Neighbours
) -> None:
    """Compare rows with their workflows, again and again."""
    sweep = compose_sweep(
        ground.clock,
        pool=begun.pool,
        seal=begun.seal,
        identity=identity,
        temporal=begun.client,
        gateway=neighbours.gateway,
        dispatcher=neighbours.dispatcher,
        metrics=begun.metrics,
    )
    ground.running.spawn(
        "workflow sweep", partial(every, workflow_sweep.EVERY, "workflow sweep", sweep.sweep)
    )


async def _relaying(
    ground: Groundwork[Settings], begun: Begun, dispatcher: grpc.aio.Channel
) -> None:
    """Send what the outbox has to webhook-dispatcher."""
    running, url = ground.running, database_url(ground.settings, "database_url")
    outbox = OutboxRepository(begun.pool, begun.seal)
    relay = OutboxRelay(outbox, webhook_rpc.WebhookServiceStub(dispatcher), begun.metrics)
    listener = await running.enter(Listener(url, CHANNEL, application=SERVICE))
    running.spawn("outbox", relay.run)
    running.spawn("outbox age", partial(every, LOOK_AGAIN, "outbox age", relay.note_oldest))
    running.spawn("outbox rows", partial(every, FORGETS, "outbox rows", relay.forget))
    running.spawn("outbox is written", partial(relay.listen, listener))


async def _channel(
    ground: Groundwork[Settings], identity: Identity, *, to: str, address: str
) -> grpc.aio.Channel:
    """A channel to another service, called as this one."""
    token = identity.tokens_for(to)
    channel = grpc_client.channel(address, promise_of=PROMISE_OF, token=token, tls=ground.tls)
    return await ground.running.enter(channel)


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
