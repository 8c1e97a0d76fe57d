"""SQL on organizations."""

from datetime import datetime
from typing import Any

from servicekit.auth import OrganizationNotFound
from servicekit.postgres.pool import Pool

from identity.models import Organization

_COLUMNS = "organization_id, name, created_at, disabled_at"
# The same id twice is one organization, as it was made first.
_CREATE = f"""
    INSERT INTO organizations (organization_id, name) VALUES ($1, $2)
    ON CONFLICT (organization_id) DO UPDATE SET name = organizations.name
 RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM organizations WHERE organization_id = $1"
_LIST = f"""
    SELECT {_COLUMNS} FROM organizations
     WHERE ($1 = '' OR organization_id = $1)
       AND ($2::timestamptz IS NULL OR (created_at, organization_id) > ($2, $3))
     ORDER BY created_at, organization_id LIMIT $4
"""
# Disabling twice keeps the first moment.
_DISABLE = f"""
    UPDATE organizations SET disabled_at = coalesce(disabled_at, now()) WHERE organization_id = $1
 RETURNING {_COLUMNS}
"""
_ENABLE = f"""
    UPDATE organizations SET disabled_at = NULL WHERE organization_id = $1 RETURNING {_COLUMNS}
"""


class OrganizationRepository:
    """Whose organizations are asked for is the caller's matter: see `Directory`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, organization_id: str, *, name: str) -> Organization:
        """A new one, or the one that has this id."""
        return organization(await self._pool.fetchrow(_CREATE, organization_id, name))

    async def get(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        return await self._one(_GET, organization_id)

    async def page(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[Organization]:
        """The next ones in order; all of them for "", else the one."""
        at, last = after or (None, None)
        rows = await self._pool.fetch(_LIST, organization_id, at, last, limit)
        return [organization(row) for row in rows]

    async def disable(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        return await self._one(_DISABLE, organization_id)

    async def enable(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        return await self._one(_ENABLE, organization_id)

    async def _one(self, statement: str, organization_id: str) -> Organization:
        row = await self._pool.fetchrow(statement, organization_id)
        if row is None:
            raise OrganizationNotFound
        return organization(row)


def organization(row: Any) -> Organization:
    """The organization of a row."""
    return Organization(**dict(row))
