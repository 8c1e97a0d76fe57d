"""`webhook-dispatcher --check`: everything that it needs, put together and reached once."""

from identity.issuer.reach import issuers
from servicekit.clock import Clock
from servicekit.credentials.tls import tls_of
from servicekit.startup import dependencies
from servicekit.startup.checks import reached

from webhook_dispatcher.composition import PACKAGE, SCHEMA, SERVICE, secrets_of
from webhook_dispatcher.settings import Settings


async def check(settings: Settings, clock: Clock) -> int:
    """The exit code of `--check`; raises `SettingsRefused` for files that are not what they say."""
    tls = tls_of(settings, sandbox=clock.sandbox)
    secrets_of(settings, clock)
    background = ("background_database_url", "database_url")
    databases = [
        dependencies.database(
            settings,
            *fields,
            name=name,
            schema=SCHEMA,
            package=PACKAGE,
            kept_apart=not clock.sandbox,
        )
        for name, fields in (("postgres", ("database_url",)), ("postgres, background", background))
    ]
    return await reached(
        SERVICE,
        [
            *databases,
            *dependencies.migrations(settings, "migration_database_url", schema=SCHEMA),
            dependencies.temporal_frontend(),
            *issuers(settings, tls),
        ],
    )
