"""Composition root: reads the settings, builds every object once, and serves."""

from __future__ import annotations

import random
from datetime import timedelta
from importlib.metadata import version

from identity.access import ACCESS_OF
from identity.issuer.http_client import IssuerClient
from identity.issuer.trust import trust_of
from outreach.common.v1 import deadline_pb2
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.plain_text import tell_plain_text
from servicekit.credentials.secrets import Secret, database_url, owner_url
from servicekit.credentials.tls import Tls, tell_certificates, tls_of
from servicekit.grpc import client as grpc_client
from servicekit.grpc.caller_limits import caller_limits
from servicekit.grpc.deadlines import promised_in
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.identity.identity import Identity
from servicekit.postgres import errors as postgres_errors
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import RowSecurity, until_migrated
from servicekit.request_ids.composition import keep_answers
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import keys_checked
from servicekit.startup.pool_metrics import tell_pools
from servicekit.tasks import kept_up
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.loops import tell_loops
from servicekit.telemetry.metrics import new_registry

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

_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)
CAMPAIGN_API = "campaign-api"

_LONGEST_IDLE = timedelta(seconds=5)
"""A process that stands still inside a transaction keeps its locks no longer."""


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
    readiness = Readiness("postgres", "row security", "schema", "grpc")
    tls = tls_of(settings, sandbox=clock.sandbox)
    identity = Identity.of_server(
        settings,
        service=SERVICE,
        sandbox=clock.sandbox,
        calls=True,
        trust=trust_of(settings, await running.enter(IssuerClient(tls))),
    )
    tell_certificates(
        tls, database_url(settings, "database_url").get(), registry=registry, readiness=readiness
    )
    tell_plain_text(settings, sandbox=clock.sandbox, registry=registry, readiness=readiness)
    # The port for probes answers before anything that may have to be waited for.
    await running.enter(
        HttpServer(
            operations_app(registry, readiness),
            host=settings.http_host,
            port=settings.http_port,
        )
    )
    pool = await _connected(running, settings)
    readiness.add("postgres", lambda: postgres.check(pool))
    readiness.add("row security", RowSecurity(pool, sandbox=clock.sandbox).check)
    await until_migrated(pool, SCHEMA, PACKAGE, readiness=readiness)
    seal = seal_of(settings, sandbox=clock.sandbox, registry=registry)
    await keys_checked(running, pool, seal, settings)
    await ids_filled(pool, seal)
    client = await _unipile(running, settings)
    channel = await running.enter(
        grpc_client.channel(
            settings.campaign_api_address,
            timeout=PUBLISH_TIMEOUT,
            promise_of=_PROMISE_OF,
            token=identity.tokens_for(CAMPAIGN_API),
            tls=tls,
        )
    )
    campaign_api = CampaignApi(channel)
    decisions = await _decisions(running, settings)
    tell_pools(registry, service=pool, background=pool.background, decisions=decisions)
    gateway = Gateway(
        settings,
        await kept_up("the database's clock", lambda: DatabaseClock.read_from(pool, clock)),
        pool=pool,
        decisions=decisions,
        seal=seal,
        client=client,
        publish=campaign_api,
        owner=campaign_api,
        registry=registry,
        dice=random.SystemRandom(),
    )
    # Without Unipile it still serves: waits, usage and explanations, and above all holds.
    readiness.note("unipile", gateway.unipile.check)
    readiness.note(CAMPAIGN_API, grpc_client.standing(channel))
    readiness.note("writes", gateway.write_refusals.check)
    readiness.note("webhooks", gateway.webhook_registration.check)
    await serve(
        running,
        gateway,
        settings,
        identity=identity,
        tls=tls,
        registry=registry,
        readiness=readiness,
    )
    readiness.add("grpc", _serving)
    running.at_exit(readiness.drain)


async def serve(
    running: process.Process,
    gateway: Gateway,
    settings: Settings,
    *,
    identity: Identity,
    tls: Tls | None = None,
    registry: CollectorRegistry,
    readiness: Readiness,
) -> GrpcServer:
    """Answer callers and Unipile, and run the background jobs, until the process is left."""
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
    audit = compose_audit(gateway, identity, registry)
    audit.keep_up(running)
    server = GrpcServer(
        host=settings.grpc_host,
        port=settings.grpc_port,
        interceptors=[
            standard_interceptor(
                registry,
                authenticator=identity.authenticator,
                access_of=ACCESS_OF,
                promise_of=_PROMISE_OF,
                limits=caller_limits(settings),
                recorded=audit.layer,
                once=keep_answers(
                    running,
                    gateway.pool,
                    gateway.repositories.seal,
                    schema=SCHEMA,
                    promise_of=_PROMISE_OF,
                ),
                translators=[postgres_errors.unavailable],
            )
        ],
        readiness=readiness,
        grace=settings.shutdown_grace,
        max_message_bytes=settings.grpc_max_message_bytes,
        max_connection_age=settings.grpc_connection_age,
        tls=tls,
    )
    compose_servicers(gateway).add_to(server)
    audit.add_to(server)
    installation = compose_installation(gateway, readiness, tls)
    installation.add_to(server)
    return await running.enter(server)


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
        postgres.connect_apart(
            database_url(settings, "database_url"),
            database_url(settings, "background_database_url", "database_url"),
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
