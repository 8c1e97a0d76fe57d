"""Composition root: reads the settings, builds every object once, and serves."""

from importlib.metadata import version

from automation import schema as automation_schema
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.plain_text import tell_plain_text
from servicekit.credentials.secrets import database_url, owner_url
from servicekit.credentials.tls import tell_certificates, tls_of
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import RowSecurity, until_migrated
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import keys_checked
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.loops import tell_loops
from servicekit.telemetry.metrics import new_registry
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.sdk_metrics import SdkMetrics

from campaign_api.automation.composition import AutomationParts, migrate_automation
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.composition import PACKAGE, SCHEMA, SERVICE, CampaignApi
from campaign_api.identity_composition import IDENTITY_CHECK, IdentityParts, migrate_identity
from campaign_api.settings import Settings


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
    checks = "postgres", "row security", "temporal", "schema", IDENTITY_CHECK
    readiness = Readiness(*checks, automation_schema.CHECK)
    tls = tls_of(settings, sandbox=clock.sandbox)
    seal = seal_of(settings, sandbox=clock.sandbox, registry=registry)
    parts = await IdentityParts.connect(running, settings, application=SERVICE, tls=tls)
    identity = Identity.of_server(
        settings, service=SERVICE, sandbox=clock.sandbox, calls=True, trust=parts.trust
    )
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
    pool = await running.enter(
        postgres.connect_apart(
            database_url(settings, "database_url"),
            database_url(settings, "background_database_url", "database_url"),
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
            wait=False,
        )
    )
    readiness.add("postgres", lambda: postgres.check(pool))
    automation = await AutomationParts.connect(running, settings, application=SERVICE)
    pools = {"service": pool, "background": pool.background, "automation": automation.pool}
    parts.tell_pool(registry, **pools)
    bound = RowSecurity(pool, *automation.kept_apart, sandbox=clock.sandbox)
    readiness.add("row security", bound.check)
    readiness.note("writes", WriteRefusals(pool).check)
    connection = TemporalConnection()
    readiness.add("temporal", connection.check)
    running.spawn(
        "connection to temporal",
        lambda: connection.connect(temporal.connect(new_plugin(clock), sdk_metrics=sdk_metrics)),
    )
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, PACKAGE)
        await migrate_identity(settings)
        await migrate_automation(settings)
    await until_migrated(pool, SCHEMA, PACKAGE, readiness=readiness)
    await keys_checked(running, pool, seal, settings)
    await parts.until_migrated(readiness)
    await automation.until_migrated(readiness)
    api = CampaignApi(
        settings,
        clock,
        identity=identity,
        registry=registry,
        readiness=readiness,
        seal=seal,
        tls=tls,
    )
    await parts.serve(running, identity, tls=tls)
    await api.serve(
        running,
        pool=pool,
        temporal_connection=connection,
        identity=parts.servicers(PageTokens(PageTokenKey(pool))),
        automation=automation,
        further_schemas=[parts.schema],
    )
    running.at_exit(readiness.drain)
