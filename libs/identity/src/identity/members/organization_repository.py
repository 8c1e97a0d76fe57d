"""SQL on organizations."""

from typing import Any

from servicekit.auth import OrganizationNotFound
from servicekit.postgres.pool import Pool

from identity.models import Organization

ORGANIZATION_COLUMNS = "organization_id, name, created_at, disabled_at, created_by"
# The same id twice is one organization, as it was made first.
_CREATE = f"""
    INSERT INTO organizations (organization_id, name, created_by) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id) DO UPDATE SET name = organizations.name
 RETURNING {ORGANIZATION_COLUMNS}
"""
_GET = f"SELECT {ORGANIZATION_COLUMNS} FROM organizations WHERE organization_id = $1"
# Disabling twice keeps the first moment.
_DISABLE = f"""
    UPDATE organizations SET disabled_at = coalesce(disabled_at, now()) WHERE organization_id = $1
 RETURNING {ORGANIZATION_COLUMNS}
"""
_ENABLE = f"""
    UPDATE organizations SET disabled_at = NULL WHERE organization_id = $1
 RETURNING {ORGANIZATION_COLUMNS}
"""


class OrganizationRepository:
    """Whose organizations are asked for is the caller's matter: see `Directory`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, organization_id: str, *, name: str, by: str = "") -> Organization:
        """A new one, or the one that has this id."""
        return organization(await self._pool.fetchrow(_CREATE, organization_id, name, by))

    async def get(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        return await self._one(_GET, organization_id)

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
    return Organization(**{name: row[name] for name in ORGANIZATION_COLUMNS.split(", ")})
