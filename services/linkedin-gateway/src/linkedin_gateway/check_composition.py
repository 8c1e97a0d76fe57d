"""`linkedin-gateway --check`: everything that it needs, put together and reached once."""

from __future__ import annotations

from functools import partial

from identity.issuer.reach import issuers
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.credentials.secrets import Secret
from servicekit.credentials.tls import tls_of
from servicekit.startup import dependencies
from servicekit.startup.checks import Dependency, reached

from linkedin_gateway.main import CAMPAIGN_API
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.servicer_composition import PACKAGE, SCHEMA, SERVICE
from linkedin_gateway.settings import Settings
from linkedin_gateway.unipile import Timeouts, Unipile, connect

_BACKGROUND = ("background_database_url", "database_url")
_ROLES = {
    "postgres": ("database_url",),
    "postgres, background": _BACKGROUND,
    "postgres, decisions": ("decision_database_url", *_BACKGROUND),
}


async def check(settings: Settings, clock: Clock) -> int:
    """The exit code of `--check`; raises `SettingsRefused` for files that are not what they say."""
    tls = tls_of(settings, sandbox=clock.sandbox)
    databases = [
        dependencies.database(
            settings,
            *fields,
            name=name,
            schema=SCHEMA,
            package=PACKAGE,
            kept_apart=not clock.sandbox,
        )
        for name, fields in _ROLES.items()
    ]
    unipile = Dependency(
        name="unipile", setting="UNIPILE_DSN", reach=partial(_unipile_answers, settings)
    )
    campaign_api = dependencies.neighbour(
        settings, "campaign_api_address", name=CAMPAIGN_API, tls=tls
    )
    migrations = dependencies.migrations(settings, "migration_database_url", schema=SCHEMA)
    told_by = issuers(settings, tls)
    return await reached(SERVICE, [*databases, *migrations, unipile, campaign_api, *told_by])


async def _unipile_answers(settings: Settings) -> str:
    """Read the tenant's webhooks: Unipile answers that itself, and to our key alone."""
    token = Secret.of_setting(settings, "unipile_access_token")
    timeouts = Timeouts(linkedin=settings.unipile_timeout, store=settings.unipile_store_timeout)
    async with connect(
        settings.unipile_dsn,
        token,
        connections=1,
        simulator_host=settings.sandbox_unipile_host,
    ) as client:
        unipile = Unipile(client, timeouts=timeouts, metrics=Metrics(CollectorRegistry()))
        registered = [webhook async for webhook in unipile.webhooks.all()]
    return f"{len(registered)} webhooks registered"
