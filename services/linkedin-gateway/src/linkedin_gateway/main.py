"""Composition root: reads the settings, builds every object once, and serves."""

from __future__ import annotations

import random
from datetime import timedelta

import grpc
from identity.deadlines import PROMISE_OF
from identity.issuer.http_client import IssuerClient
from identity.issuer.trust import trust_of
from identity.server import server_of
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import Secret, database_url, owner_url
from servicekit.grpc import client as grpc_client
from servicekit.grpc.server import GrpcServer
from servicekit.http_server import HttpServer
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import RowSecurity, until_migrated
from servicekit.request_ids.composition import keep_answers
from servicekit.sealing.key_check import keys_checked
from servicekit.sealing.seal import Seal
from servicekit.startup.groundwork import Groundwork
from servicekit.startup.pool_metrics import tell_pools
from servicekit.startup.served_pool import served_pool
from servicekit.tasks import kept_up

from linkedin_gateway.background import background_jobs
from linkedin_gateway.composition import Gateway
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.outbox.campaign_api import CampaignApi
from linkedin_gateway.outbox.outbox_repository import PUBLISH_TIMEOUT
from linkedin_gateway.servicer_composition import (
    PACKAGE,
    SCHEMA,
    SERVICE,
    compose_audit,
    compose_installation,
    compose_servicers,
)
from linkedin_gateway.settings import Settings
from linkedin_gateway.storage.id_filling import ids_filled
from linkedin_gateway.unipile import Client, connect

CAMPAIGN_API = "campaign-api"

_LONGEST_IDLE = timedelta(seconds=5)
"""A process that stands still inside a transaction keeps its locks no longer."""


async def compose(running: process.Process, settings: Settings, clock: Clock) -> None:
    """Have the process serve."""
    checks = "postgres", "row security", "schema", "grpc"
    ground = Groundwork.laid(running, settings, clock, service=SERVICE, checks=checks)
    issuer = await running.enter(IssuerClient(ground.tls))
    identity = Identity.of_server(
        settings,
        service=SERVICE,
        sandbox=clock.sandbox,
        calls=True,
        trust=trust_of(settings, issuer),
    )
    await ground.answer_probes()
    pool, seal = await _schema(ground)
    gateway = await _gateway(ground, pool, seal, identity)
    await serve(ground, gateway, identity)
    ground.readiness.add("grpc", _serving)
    running.at_exit(ground.readiness.drain)


async def _schema(ground: Groundwork[Settings]) -> tuple[postgres.Pool, Seal]:
    """The gateway's rows and what opens them, once they are as the code needs them."""
    running, settings, readiness = ground.running, ground.settings, ground.readiness
    pool = await _connected(running, settings)
    readiness.add("postgres", lambda: postgres.check(pool))
    readiness.add("row security", RowSecurity(pool, sandbox=ground.clock.sandbox).check)
    await until_migrated(pool, SCHEMA, PACKAGE, readiness=readiness)
    seal = ground.seal()
    await keys_checked(running, pool, seal, settings)
    await ids_filled(pool, seal)
    return pool, seal


async def _gateway(
    ground: Groundwork[Settings], pool: postgres.Pool, seal: Seal, identity: Identity
) -> Gateway:
    """The service itself, on Unipile and whoever owns leads."""
    running, settings, readiness = ground.running, ground.settings, ground.readiness
    client = await _unipile(running, settings)
    channel = await _channel(ground, identity)
    campaign_api = CampaignApi(channel)
    decisions = await _decisions(running, settings)
    tell_pools(ground.registry, service=pool, background=pool.background, decisions=decisions)
    gateway = Gateway(
        settings,
        await kept_up("the database's clock", lambda: DatabaseClock.read_from(pool, ground.clock)),
        pool=pool,
        decisions=decisions,
        seal=seal,
        client=client,
        publish=campaign_api,
        owner=campaign_api,
        registry=ground.registry,
        dice=random.SystemRandom(),
    )
    # Without Unipile it still serves: waits, usage and explanations, and above all holds.
    readiness.note("unipile", gateway.unipile.check)
    readiness.note(CAMPAIGN_API, grpc_client.standing(channel))
    readiness.note("writes", gateway.write_refusals.check)
    readiness.note("webhooks", gateway.webhook_registration.check)
    return gateway


async def serve(ground: Groundwork[Settings], gateway: Gateway, identity: Identity) -> GrpcServer:
    """Answer callers and Unipile, and run the background jobs, until the process is left."""
    running, settings, tls = ground.running, ground.settings, ground.tls
    # Left last: what is in flight when the servers have ended is still written down.
    running.drain_at_exit("actions", gateway.drain)
    await running.enter(
        HttpServer(
            gateway.webhooks,
            host=settings.webhook_host,
            port=settings.webhook_port,
            tls=tls if settings.webhook_tls else None,
        )
    )
    for name, job in background_jobs(gateway):
        running.spawn(name, job)
    audit = compose_audit(gateway, identity, ground.registry)
    audit.keep_up(running)
    seal = gateway.repositories.seal
    server = server_of(
        settings,
        identity,
        audit,
        port=settings.grpc_port,
        once=keep_answers(running, gateway.pool, seal, schema=SCHEMA, promise_of=PROMISE_OF),
        registry=ground.registry,
        readiness=ground.readiness,
        tls=tls,
    )
    compose_servicers(gateway).add_to(server)
    audit.add_to(server)
    installation = compose_installation(gateway, ground.readiness, tls)
    installation.add_to(server)
    return await running.enter(server)


async def _channel(ground: Groundwork[Settings], identity: Identity) -> grpc.aio.Channel:
    return await ground.running.enter(
        grpc_client.channel(
            ground.settings.campaign_api_address,
            timeout=PUBLISH_TIMEOUT,
            promise_of=PROMISE_OF,
            token=identity.tokens_for(CAMPAIGN_API),
            tls=ground.tls,
        )
    )


async def _unipile(running: process.Process, settings: Settings) -> Client:
    return await running.enter(
        connect(
            settings.unipile_dsn,
            Secret.of_setting(settings, "unipile_access_token"),
            connections=settings.unipile_connections,
            simulator_host=settings.sandbox_unipile_host,
        )
    )


async def _connected(running: process.Process, settings: Settings) -> postgres.Pool:
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, PACKAGE)
    return await running.enter(
        served_pool(
            settings,
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
            idle_timeout=_LONGEST_IDLE,
        )
    )


async def _decisions(running: process.Process, settings: Settings) -> postgres.Pool:
    """Connections of the role that decides; see docs/adr/0029-isolation-is-the-databases-too.md."""
    return await running.enter(
        postgres.connect_pool(
            database_url(
                settings, "decision_database_url", "background_database_url", "database_url"
            ),
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
            idle_timeout=_LONGEST_IDLE,
        )
    )


async def _serving() -> None:
    """It has begun."""
