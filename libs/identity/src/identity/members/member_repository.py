"""SQL on members."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from servicekit.auth import OrganizationNotFound
from servicekit.postgres.pool import Pool

from identity.errors import LastAdministrator, MemberNotFound
from identity.grants import NO_TIME
from identity.keys.key_repository import insert_key
from identity.models import ApiKey, Member
from identity.roles import PERMISSIONS_BY_ROLE, Role

MEMBER_COLUMNS = (
    "organization_id, member_id, name, role, account_ids, created_at, disabled_at, updated_at,"
    " created_by, updated_by"
)
# The same request twice makes one member.
_CREATE = f"""
    INSERT INTO members
        (organization_id, member_id, request_id, name, role, account_ids, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (organization_id, request_id) DO UPDATE SET name = members.name
 RETURNING {MEMBER_COLUMNS}
"""
_GET = f"SELECT {MEMBER_COLUMNS} FROM members WHERE member_id = $1"
# Whoever changes a member waits for whoever changes another one: two administrators who take
# each other's role at once would both succeed.
_LOCK = "SELECT true FROM organizations WHERE organization_id = $1 FOR UPDATE"
_LOCK_ALL = "LOCK TABLE members IN SHARE ROW EXCLUSIVE MODE"
_CHANGE = f"""
    UPDATE members SET role = $3, account_ids = $4, disabled_at = CASE
           WHEN $5 THEN coalesce(disabled_at, now()) END,
           updated_by = CASE
           WHEN ROW(role, account_ids, disabled_at IS NOT NULL)
                IS DISTINCT FROM ROW($3::text, $4::text[], $5::boolean) THEN $6
           ELSE updated_by END
     WHERE organization_id = $1 AND member_id = $2
 RETURNING {MEMBER_COLUMNS}
"""
# Of the keys that stand; without a row there is none.
_KEYS_END = """
    SELECT CASE WHEN bool_and(expires_at IS NOT NULL) THEN max(expires_at) END AS ends_at
      FROM api_keys
     WHERE organization_id = $1 AND member_id = $2 AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now())
    HAVING count(*) > 0
"""
_ADMINISTERED = """
    SELECT EXISTS (SELECT FROM members
                    WHERE organization_id = $1 AND disabled_at IS NULL
                      AND account_ids IS NULL AND role = ANY ($2))
"""
_ADMINISTRATORS = [
    role.value
    for role, permissions in PERMISSIONS_BY_ROLE.items()
    if "members.write" in permissions
]


class MemberRepository:
    """Who may ask for what is the caller's matter: see `Directory`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, member: Member, *, request_id: str) -> Member:
        """A new one, or the one that this request made; raises `OrganizationNotFound`."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_LOCK, member.organization_id):
                raise OrganizationNotFound
            return member_of(
                await connection.fetchrow(
                    _CREATE,
                    member.organization_id,
                    member.member_id,
                    request_id,
                    member.name,
                    member.role.value,
                    _listed(member.account_ids),
                    member.created_by,
                )
            )

    async def create_first(self, member: Member, key: ApiKey, *, hash: bytes) -> bool:  # noqa: A002
        """The first of all members with a key; False if there is one, in whatever organization."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK_ALL)
            if await connection.fetchval("SELECT EXISTS (SELECT FROM members)"):
                return False
            values = member.organization_id, member.member_id, member.member_id, member.name
            await connection.execute(
                _CREATE, *values, member.role.value, _listed(member.account_ids), member.created_by
            )
            await insert_key(connection, key, hash=hash)
        return True

    async def get(self, member_id: str) -> Member:
        """Raises `MemberNotFound`."""
        row = await self._pool.fetchrow(_GET, member_id)
        if row is None:
            raise MemberNotFound
        return member_of(row)

    async def change(
        self,
        member: Member,
        change: Callable[[Member, datetime | None], Member],
        *,
        by: str = "",
    ) -> Member:
        """Change a member's role, accounts or standing by what they are under the lock.

        `change` is also told when the last of their keys ends; None for one without an end.

        Raises what `change` does, and `LastAdministrator` if nobody would be left who may change
        members, where there is one now.
        """
        organization_id = member.organization_id
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, organization_id)
            administered = await connection.fetchval(
                _ADMINISTERED, organization_id, _ADMINISTRATORS
            )
            keys = await connection.fetchrow(_KEYS_END, organization_id, member.member_id)
            changed = change(
                member_of(await connection.fetchrow(_GET, member.member_id)),
                NO_TIME if keys is None else keys["ends_at"],
            )
            row = await connection.fetchrow(
                _CHANGE,
                organization_id,
                member.member_id,
                changed.role.value,
                _listed(changed.account_ids),
                changed.disabled_at is not None,
                by,
            )
            if administered and not await connection.fetchval(
                _ADMINISTERED, organization_id, _ADMINISTRATORS
            ):
                raise LastAdministrator
            return member_of(row)


def member_of(row: Any) -> Member:
    """A member from their row."""
    account_ids = row["account_ids"]
    values = {name: row[name] for name in MEMBER_COLUMNS.split(", ")}
    return Member(
        **values
        | {
            "role": Role(row["role"]),
            "account_ids": None if account_ids is None else frozenset(account_ids),
        }
    )


def _listed(account_ids: frozenset[str] | None) -> list[str] | None:
    return None if account_ids is None else sorted(account_ids)
