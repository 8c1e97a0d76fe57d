"""How a role finds a schema: migrated or not, and whether organizations are kept apart for it."""

from dataclasses import dataclass

import asyncpg

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.errors import ServiceError
from servicekit.health import Readiness
from servicekit.postgres.migrations import last_revision
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.telemetry import logs

log = logs.get_logger(__name__)

# A superuser and who bypasses policies see everything; an owner could undo them.
_UNBOUND = """
SELECT rolsuper OR rolbypassrls
       OR EXISTS (SELECT FROM pg_class c
                   WHERE c.relnamespace = current_schema()::regnamespace
                     AND pg_has_role(c.relowner, 'USAGE'))
  FROM pg_roles WHERE rolname = current_user
"""
_CONNECTIONS = """
SELECT current_setting('max_connections')::int
     - current_setting('superuser_reserved_connections')::int
"""


_MAY_MIGRATE = """
SELECT coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1),
                has_database_privilege(current_database(), 'CREATE'))
"""


class NotKeptApart(RuntimeError):
    """The service has a role that row-level security does not bind."""


class RowSecurity:
    """Readiness of a service that keeps organizations apart: never, with a role that cannot.

    In the sandbox it is only warned of.
    """

    def __init__(self, *pools: Pool, sandbox: bool) -> None:
        self._pools = pools
        self._sandbox = sandbox
        self._checked = False

    async def check(self) -> None:
        """Raise `NotKeptApart` if any statement of the service may see everything."""
        if self._checked:
            return
        apart = (each for pool in self._pools for each in (pool, pool.background))
        for pool in filter(None, apart):
            async with pool.acquire() as connection:
                unbound = await connection.fetchrow(_UNBOUND)
            if unbound is not None and unbound[0]:
                self._refuse()
        self._checked = True

    def _refuse(self) -> None:
        message = "a role that owns tables or bypasses row security; docs/security.md has the roles"
        log.warning("row_security_off", why=message)
        if not self._sandbox:
            raise NotKeptApart(f"DATABASE_URL and BACKGROUND_DATABASE_URL must not name {message}")


class SchemaBehind(RuntimeError):
    """The schema is not what this release works with: its migrations have not run yet."""


class SchemaRevision:
    """Readiness of a service whose schema somebody else migrates: not before that has been done.

    A schema that is newer will do: each release works with the next one's. Once reached it is not
    asked for again, since migrations only go up.
    """

    def __init__(self, pool: Pool, schema: str, package: str) -> None:
        self._pool = pool
        self._schema = schema
        self._needed = last_revision(package)
        self._reached = False

    async def check(self) -> None:
        """Raise `SchemaBehind` if it must be migrated, `DatabaseUnavailable` if nobody knows."""
        if self._reached:
            return
        found = await revision_of(self._pool)
        if found is None or found < self._needed:
            at = found or "nothing that this role may read"
            raise SchemaBehind(
                f"schema {self._schema} is at {at}, and needs {self._needed}: migrate it"
            )
        self._reached = True

    async def reached(self) -> None:
        """Return once it has been migrated; log each time it has not."""
        backoff = Backoff()
        while True:
            try:
                return await self.check()
            except (SchemaBehind, ServiceError) as error:
                log.warning("schema_waits_for_migration", schema=self._schema, why=str(error))
                await backoff.wait()


async def until_migrated(
    pool: Pool, schema: str, package: str, *, readiness: Readiness, check: str = "schema"
) -> None:
    """Return once a schema is as the code needs it; until then the process is not ready."""
    revision = SchemaRevision(pool, schema, package)
    readiness.add(check, revision.check)
    await revision.reached()


@dataclass(frozen=True, kw_only=True)
class SchemaState:
    """How a role finds a schema."""

    role: str
    absent: bool
    revision: str | None
    """None also where the role may not read it: migrations let every role of ours."""
    last: str
    """The revision that the code knows."""
    connections: int
    """How many the server gives to roles that are not special, all of them together."""
    unbound: bool
    """Whether row-level security does not bind the role."""


async def schema_state(url: Secret, schema: str, package: str) -> SchemaState:
    """Look once; raises `DatabaseUnavailable`, or what the database says to the role."""
    async with connect_pool(url, schema, application="check", max_size=1, wait=False) as pool:
        role = await pool.fetchval("SELECT current_user")
        absent = await pool.fetchval("SELECT current_schema() IS NULL")
        return SchemaState(
            role=role,
            absent=absent,
            revision=None if absent else await revision_of(pool),
            last=last_revision(package),
            connections=await pool.fetchval(_CONNECTIONS),
            unbound=not absent and bool(await pool.fetchval(_UNBOUND)),
        )


async def may_migrate(url: Secret, schema: str) -> tuple[str, bool]:
    """A role, and whether it owns the schema, or may make it where it is not there.

    Raises `DatabaseUnavailable`, or what the database says to the role.
    """
    async with connect_pool(url, schema, application="check", max_size=1, wait=False) as pool:
        role: str = await pool.fetchval("SELECT current_user")
        return role, bool(await pool.fetchval(_MAY_MIGRATE, schema))


async def revision_of(pool: Pool) -> str | None:
    """The last migration of the schema that a pool is of; None where the role may not read it."""
    try:
        found: str | None = await pool.fetchval("SELECT max(version_num) FROM schema_version")
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError):
        return None
    return found
