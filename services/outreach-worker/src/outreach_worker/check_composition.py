"""`outreach-worker --check`: everything that it needs, put together and reached once."""

from automation import schema as automation
from campaigns.writer import writers
from servicekit.clock import Clock
from servicekit.credentials.tls import Tls, tls_of
from servicekit.sealing.composition import seal_of
from servicekit.startup import dependencies
from servicekit.startup.checks import Dependency, reached

from outreach_worker.process_composition import SCHEMA, SCHEMA_PACKAGE
from outreach_worker.settings import Settings


async def check(settings: Settings, clock: Clock) -> int:
    """The exit code of `--check`; raises `SettingsRefused` for files that are not what they say."""
    tls = tls_of(settings, sandbox=clock.sandbox) if settings.meets_services else None
    seal_of(settings, sandbox=clock.sandbox)
    return await reached(
        settings.process_name,
        [
            dependencies.database(settings, "database_url", schema=SCHEMA, package=SCHEMA_PACKAGE),
            *dependencies.migrations(settings, "migration_database_url", schema=SCHEMA),
            dependencies.database(
                settings,
                *automation.URLS,
                name="postgres, automation",
                schema=automation.SCHEMA,
                package=automation.PACKAGE,
            ),
            *dependencies.migrations(
                settings,
                automation.MIGRATION_URLS[0],
                schema=automation.SCHEMA,
                otherwise=automation.URLS,
            ),
            dependencies.temporal_frontend(),
            *(_called(settings, tls) if settings.meets_services else []),
        ],
    )


def _called(settings: Settings, tls: Tls | None) -> list[Dependency]:
    """Whom leads and programs need, and models do not."""
    neighbour = dependencies.neighbour
    return [
        neighbour(settings, "gateway_address", name="linkedin-gateway", tls=tls),
        neighbour(settings, "dispatcher_address", name="webhook-dispatcher", tls=tls),
        neighbour(settings, "campaign_api_address", name="campaign-api", tls=tls),
        *writers(
            settings,
            url=settings.writer_url,
            model=settings.writer_model,
            timeout=settings.writer_timeout,
        ),
    ]
