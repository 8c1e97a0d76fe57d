"""`campaign-api --check`: everything that it needs, put together and reached once."""

import identity.issuer.bootstrap as identity_schema
from automation import schema as automation
from campaigns.writer import writers
from identity.issuer.reach import issuers
from servicekit.clock import Clock
from servicekit.credentials.tls import tls_of
from servicekit.sealing.composition import seal_of
from servicekit.startup import dependencies
from servicekit.startup.checks import Dependency, reached

from campaign_api.automation.composition import BACKGROUND_URLS
from campaign_api.clients import linkedin_gateway as gateway
from campaign_api.clients import webhook_dispatcher as dispatcher
from campaign_api.composition import PACKAGE, SCHEMA, SERVICE
from campaign_api.settings import IDENTITY_URLS, Settings


async def check(settings: Settings, clock: Clock) -> int:
    """The exit code of `--check`; raises `SettingsRefused` for files that are not what they say."""
    tls = tls_of(settings, sandbox=clock.sandbox)
    seal_of(settings, sandbox=clock.sandbox)
    return await reached(
        SERVICE,
        [
            *_databases(settings, kept_apart=not clock.sandbox),
            *_migrations(settings),
            *issuers(settings, tls),
            *writers(
                settings,
                url=settings.writer_url,
                model=settings.writer_model,
                timeout=settings.writer_timeout,
            ),
            dependencies.temporal_frontend(),
            dependencies.neighbour(settings, "gateway_address", name=gateway.NAME, tls=tls),
            dependencies.neighbour(settings, "dispatcher_address", name=dispatcher.NAME, tls=tls),
        ],
    )


def _migrations(settings: Settings) -> list[Dependency]:
    owner, identity_owner = "migration_database_url", "identity_migration_database_url"
    return [
        *dependencies.migrations(settings, owner, schema=SCHEMA),
        *dependencies.migrations(
            settings, identity_owner, schema=identity_schema.SCHEMA, otherwise=IDENTITY_URLS
        ),
        *dependencies.migrations(
            settings,
            automation.MIGRATION_URLS[0],
            schema=automation.SCHEMA,
            otherwise=automation.URLS,
        ),
    ]


def _databases(settings: Settings, *, kept_apart: bool) -> list[Dependency]:
    background = ("background_database_url", "database_url")
    return [
        dependencies.database(
            settings,
            *fields,
            name=name,
            schema=SCHEMA,
            package=PACKAGE,
            kept_apart=kept_apart,
        )
        for name, fields in (("postgres", ("database_url",)), ("postgres, background", background))
    ] + [
        dependencies.database(
            settings,
            *IDENTITY_URLS,
            name="postgres, identity",
            schema=identity_schema.SCHEMA,
            package=identity_schema.PACKAGE,
        ),
        *(
            dependencies.database(
                settings,
                *urls,
                name=name,
                schema=automation.SCHEMA,
                package=automation.PACKAGE,
                kept_apart=kept_apart,
            )
            for name, urls in (
                ("postgres, automation", automation.URLS),
                ("postgres, automation, background", BACKGROUND_URLS),
            )
        ),
    ]
