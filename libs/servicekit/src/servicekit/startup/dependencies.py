"""What services depend on, each reached as the service itself would reach it."""

import os
from collections.abc import Mapping
from datetime import timedelta

from servicekit.credentials.secrets import database_url
from servicekit.credentials.tls import Tls
from servicekit.grpc.client import health_of
from servicekit.postgres.role_check import SchemaState, may_migrate, schema_state
from servicekit.settings import ServiceSettings
from servicekit.startup.checks import Dependency, NotAsNeeded

_CALL = timedelta(seconds=5)


def database(
    settings: ServiceSettings,
    *fields: str,
    name: str = "postgres",
    schema: str,
    package: str,
    kept_apart: bool = False,
) -> Dependency:
    """The database by the first of these settings that is given.

    Its schema must be there and up to date, or newer, unless the service itself sees to that at
    its start.
    With `kept_apart` the role must be one that row-level security binds.
    """
    given = [each for each in fields if database_url(settings, each)]
    url = database_url(settings, *fields)

    async def reach() -> str:
        found = await schema_state(url, schema, package)
        _require(found, kept_apart=kept_apart, migrates=settings.migrate_on_start)
        if (most := settings.most_connections) > found.connections:
            raise NotAsNeeded(
                f"one process opens up to {most} connections, and the server gives"
                f" {found.connections} to all"
            )
        return f"{found.role} finds schema {schema} at {found.revision or 'nothing'}"

    return Dependency(name=name, setting=settings.name_of((given or [*fields])[0]), reach=reach)


def migrations(
    settings: ServiceSettings,
    *fields: str,
    schema: str,
    otherwise: tuple[str, ...] = ("database_url",),
) -> list[Dependency]:
    """The role that migrates, by the first of these settings that is given.

    Where none is the service migrates at its start by the role of `otherwise`, or not at all.
    """
    given = [each for each in fields if database_url(settings, each)]
    if not given and settings.migrate_on_start:
        given = [each for each in otherwise if database_url(settings, each)][:1]

    def dependency(field: str) -> Dependency:
        async def reach() -> str:
            role, may = await may_migrate(database_url(settings, field), schema)
            if not may:
                raise NotAsNeeded(f"{role} neither owns the schema {schema} nor may make it")
            return f"{role} may migrate the schema {schema}"

        name = f"postgres, migrations of {schema}"
        return Dependency(name=name, setting=settings.name_of(field), reach=reach)

    return [dependency(field) for field in given[:1]]


def _require(found: SchemaState, *, kept_apart: bool, migrates: bool) -> None:
    if kept_apart and found.unbound:
        raise NotAsNeeded(f"{found.role} owns tables or bypasses row security")
    if migrates:
        return
    if found.absent:
        raise NotAsNeeded("the schema is not there: migrate it")
    if found.revision is None or found.revision < found.last:
        at = found.revision or "nothing that this role may read"
        raise NotAsNeeded(f"the schema is at {at}, and needs {found.last}: migrate it")


def temporal_frontend(environ: Mapping[str, str] = os.environ) -> Dependency:
    """Temporal, and the namespace that is worked in."""
    # An extra, which a service without Temporal does not have.
    from servicekit.temporal import connection as temporal  # noqa: PLC0415

    async def reach() -> str:
        return await temporal.look(environ)

    return Dependency(name="temporal", setting="TEMPORAL_ADDRESS", reach=reach)


def neighbour(settings: ServiceSettings, field: str, *, name: str, tls: Tls | None) -> Dependency:
    """Another of our services: it must answer; one that is not ready yet is told as that."""

    async def reach() -> str:
        return await health_of(getattr(settings, field), tls=tls, within=_CALL)

    return Dependency(name=name, setting=settings.name_of(field), reach=reach)
