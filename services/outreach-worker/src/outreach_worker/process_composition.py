"""What any process of the worker has before it takes tasks, put together."""

from dataclasses import dataclass
from importlib.metadata import version

from automation import schema as automation
from servicekit import process
from servicekit.credentials.secrets import database_url, owner_url
from servicekit.health import Readiness
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import SchemaRevision, until_migrated
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.key_check import keys_checked
from servicekit.sealing.seal import Seal
from servicekit.startup.groundwork import Groundwork
from servicekit.startup.pool_metrics import tell_pools
from servicekit.temporal import connection as temporal
from servicekit.temporal.credentials import keep_credentials
from servicekit.temporal.sdk_metrics import SdkMetrics
from temporalio.client import Client

from outreach_worker.activity_composition import compose_bug_policy
from outreach_worker.metrics import Metrics
from outreach_worker.settings import SERVICE, Settings
from outreach_worker.worker import new_plugin

SCHEMA = "campaign"
SCHEMA_PACKAGE = "campaigns"
CHECKS = ("postgres", "schema", automation.CHECK, "temporal")
"""What a process is ready by."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a process has before it takes tasks."""

    metrics: Metrics
    readiness: Readiness
    pool: postgres.Pool
    programs: postgres.Pool
    migrated: SchemaRevision
    seal: Seal
    client: Client


async def begin(ground: Groundwork[Settings]) -> Begun:
    """Have it tell how it is, and wait for its databases and Temporal."""
    running, settings, readiness = ground.running, ground.settings, ground.readiness
    metrics, sdk_metrics = Metrics(ground.registry), SdkMetrics()
    seal = ground.seal()
    await ground.answer_probes(more_metrics=[sdk_metrics.read])
    pool = await _connected(running, settings)
    readiness.add("postgres", lambda: postgres.check(pool))
    await until_migrated(pool, SCHEMA, SCHEMA_PACKAGE, readiness=readiness)
    await keys_checked(running, pool, seal, settings)
    programs, migrated = await _automation(running, settings, readiness)
    tell_pools(ground.registry, service=pool, automation=programs)
    readiness.note("writes", WriteRefusals(pool).check)
    return Begun(
        metrics=metrics,
        readiness=readiness,
        pool=pool,
        programs=programs,
        migrated=migrated,
        seal=seal,
        client=await _temporal(ground, pool, metrics, sdk_metrics),
    )


async def _temporal(
    ground: Groundwork[Settings], pool: postgres.Pool, metrics: Metrics, sdk_metrics: SdkMetrics
) -> Client:
    settings, bug_policy = (
        ground.settings,
        compose_bug_policy(ground.clock, pool=pool, metrics=metrics),
    )
    build = temporal.WorkerBuild(settings.process_name, version(SERVICE), settings.build_revision)
    client = await temporal.connect(
        new_plugin(ground.clock, bug_policy=bug_policy, metrics=metrics.attempts),
        sdk_metrics=sdk_metrics,
        identity=build.identity,
    )
    ground.readiness.add("temporal", lambda: temporal.check(client))
    ground.running.spawn("temporal's credentials", lambda: keep_credentials(client))
    return client


async def _connected(running: process.Process, settings: Settings) -> postgres.Pool:
    url = database_url(settings, "database_url")
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, SCHEMA_PACKAGE)
    return await running.enter(
        postgres.connect_pool(
            url,
            SCHEMA,
            application=settings.process_name,
            max_size=settings.database_connections,
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
            application=settings.process_name,
            max_size=automation.CONNECTIONS,
            wait=False,
        )
    )
    migrated = SchemaRevision(pool, automation.SCHEMA, automation.PACKAGE)
    readiness.add(automation.CHECK, migrated.check)
    return pool, migrated
