"""Whether the database really keeps organizations apart for the role that a service has."""

from servicekit.postgres.pool import Pool
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


class NotKeptApart(RuntimeError):
    """The service has a role that row-level security does not bind."""


class RowSecurity:
    """Readiness of a service that keeps organizations apart: never, with a role that cannot.

    In the sandbox it is only warned of.
    """

    def __init__(self, pool: Pool, *, sandbox: bool) -> None:
        self._pool = pool
        self._sandbox = sandbox
        self._checked = False

    async def check(self) -> None:
        """Raise `NotKeptApart` if any statement of the service may see everything."""
        if self._checked:
            return
        for pool in filter(None, (self._pool, self._pool.background)):
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
