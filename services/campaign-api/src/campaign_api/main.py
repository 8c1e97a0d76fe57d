"""Composition root: reads the settings, builds every object once, and serves."""

from automation import schema as automation
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import owner_url
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import RowSecurity, until_migrated
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.key_check import keys_checked
from servicekit.sealing.seal import Seal
from servicekit.startup.groundwork import Groundwork
from servicekit.startup.served_pool import served_pool
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
    checks = "postgres", "row security", "temporal", "schema", IDENTITY_CHECK, automation.CHECK
    ground = Groundwork.laid(running, settings, clock, service=SERVICE, checks=checks)
    seal = ground.seal()
    members = await IdentityParts.connect(running, settings, application=SERVICE, tls=ground.tls)
    identity = Identity.of_server(
        settings, service=SERVICE, sandbox=clock.sandbox, calls=True, trust=members.trust
    )
    sdk_metrics = SdkMetrics()
    await ground.answer_probes(more_metrics=[sdk_metrics.read])
    pool = await _connected(ground)
    programs = await AutomationParts.connect(running, settings, application=SERVICE)
    _tell_standing(ground, pool, members, programs)
    connection = _temporal(ground, sdk_metrics)
    await _migrated(ground, pool, members, programs, seal=seal)
    api = CampaignApi(
        settings,
        clock,
        identity=identity,
        registry=ground.registry,
        readiness=ground.readiness,
        seal=seal,
        tls=ground.tls,
    )
    await members.serve(running, identity, tls=ground.tls)
    await api.serve(
        running,
        pool=pool,
        temporal_connection=connection,
        identity=members.servicers(PageTokens(PageTokenKey(pool))),
        automation=programs,
        further_schemas=[members.schema],
    )
    running.at_exit(ground.readiness.drain)


async def _connected(ground: Groundwork[Settings]) -> postgres.Pool:
    """The pool of the service's own rows, which connects on first use."""
    settings = ground.settings
    pool = await ground.running.enter(
        served_pool(
            settings,
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
            wait=False,
        )
    )
    ground.readiness.add("postgres", lambda: postgres.check(pool))
    return pool


def _tell_standing(
    ground: Groundwork[Settings],
    pool: postgres.Pool,
    members: IdentityParts,
    programs: AutomationParts,
) -> None:
    """Have metrics and probes tell how the pools stand."""
    pools = {"service": pool, "background": pool.background, "automation": programs.pool}
    members.tell_pool(ground.registry, **pools)
    bound = RowSecurity(pool, *programs.kept_apart, sandbox=ground.clock.sandbox)
    ground.readiness.add("row security", bound.check)
    ground.readiness.note("writes", WriteRefusals(pool).check)


def _temporal(ground: Groundwork[Settings], sdk_metrics: SdkMetrics) -> TemporalConnection:
    """A connection that is made beside the start, and again when it is lost."""
    connection, clock = TemporalConnection(), ground.clock
    ground.readiness.add("temporal", connection.check)
    ground.running.spawn(
        "connection to temporal",
        lambda: connection.connect(temporal.connect(new_plugin(clock), sdk_metrics=sdk_metrics)),
    )
    return connection


async def _migrated(
    ground: Groundwork[Settings],
    pool: postgres.Pool,
    members: IdentityParts,
    programs: AutomationParts,
    *,
    seal: Seal,
) -> None:
    """Return once every schema is as the code needs it."""
    settings, readiness = ground.settings, ground.readiness
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, PACKAGE)
        await migrate_identity(settings)
        await migrate_automation(settings)
    await until_migrated(pool, SCHEMA, PACKAGE, readiness=readiness)
    await keys_checked(ground.running, pool, seal, settings)
    await members.until_migrated(readiness)
    await programs.until_migrated(readiness)
