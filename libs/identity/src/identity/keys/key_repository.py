"""SQL on API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from identity.errors import KeyEnded, KeyNotFound
from identity.models import ApiKey, Member
from identity.roles import Role

_NAMES = (
    "organization_id",
    "key_id",
    "member_id",
    "name",
    "prefix",
    "scopes",
    "account_ids",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "replaced_by",
    "created_by",
)
KEY_COLUMNS = ", ".join(_NAMES)
_CREATE = Statement(f"""
    INSERT INTO api_keys (organization_id, key_id, member_id, name, prefix, hash, scopes,
                          account_ids, expires_at, created_by)
    VALUES (:organization_id, :key_id, :member_id, :name, :prefix, :hash, :scopes, :account_ids,
            :expires_at, :created_by)
 RETURNING {KEY_COLUMNS}
""")
_GET = f"SELECT {KEY_COLUMNS} FROM api_keys WHERE key_id = $1"
# Replaced once: of two rotations at once the second finds nothing.
_REPLACE = f"""
    UPDATE api_keys SET replaced_by = $2, expires_at = least(expires_at, now() + $3::interval)
     WHERE key_id = $1 AND replaced_by = '' AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now())
 RETURNING {KEY_COLUMNS}
"""
# Revoking twice keeps the first moment.
_REVOKE = f"""
    UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = $1
 RETURNING {KEY_COLUMNS}
"""
# What stands: the key, its member and their organization.
_STANDING = """
      FROM api_keys AS key JOIN members AS member USING (organization_id, member_id)
      JOIN organizations AS organization USING (organization_id)
     WHERE key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > now())
       AND member.disabled_at IS NULL AND organization.disabled_at IS NULL
"""
_FOUND = f"""
    SELECT key.hash, key.key_id, key.name, key.prefix, key.scopes, key.account_ids,
           key.created_at, key.last_used_at, organization_id, member_id,
           member.name AS member_name, member.role, member.account_ids AS member_account_ids,
           member.created_at AS member_created_at
    {_STANDING}"""
_FIND = f"{_FOUND} AND key.prefix = $1"
_STANDING_BY_ID = f"{_FOUND} AND key.key_id = $1"
# To the minute: a key that is used by hundreds of processes is not written by each of them.
_USED = """
    UPDATE api_keys SET last_used_at = now()
     WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""


@dataclass(frozen=True, kw_only=True)
class StandingKey:
    """A key that opens something, whose it is, and what is kept of it."""

    key: ApiKey
    member: Member
    hash: bytes


class KeyRepository:
    """Who may ask for what is the caller's matter: see `ApiKeys`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, key: ApiKey, *, hash: bytes) -> ApiKey:  # noqa: A002 - the column
        """Keep a new one."""
        async with self._pool.acquire() as connection:
            return await insert_key(connection, key, hash=hash)

    async def get(self, key_id: str) -> ApiKey:
        """Raises `KeyNotFound`."""
        row = await self._pool.fetchrow(_GET, key_id)
        if row is None:
            raise KeyNotFound
        return key_of(row)

    async def replace(
        self,
        old: str,
        new: ApiKey,
        *,
        hash: bytes,  # noqa: A002 - the column
        overlap: timedelta,
    ) -> tuple[ApiKey, ApiKey]:
        """The new key, and the old one, which ends after `overlap`; raises `KeyEnded`."""
        async with self._pool.acquire() as connection, connection.transaction():
            replaced = await connection.fetchrow(_REPLACE, old, new.key_id, overlap)
            if replaced is None:
                raise KeyEnded
            made = await insert_key(connection, new, hash=hash)
        return made, key_of(replaced)

    async def revoke(self, key_id: str) -> ApiKey:
        """Raises `KeyNotFound`."""
        row = await self._pool.fetchrow(_REVOKE, key_id)
        if row is None:
            raise KeyNotFound
        return key_of(row)

    async def find(self, prefix: str) -> StandingKey | None:
        """The key that begins so, if it opens anything now."""
        row = await self._pool.fetchrow(_FIND, prefix)
        return None if row is None else _standing(row)

    async def used(self, key_id: str) -> None:
        """Remember that a token was made of it."""
        await self._pool.execute(_USED, key_id)

    async def standing(self, key_id: str) -> StandingKey | None:
        """The key of this id, if it opens anything now."""
        row = await self._pool.fetchrow(_STANDING_BY_ID, key_id)
        return None if row is None else _standing(row)


async def insert_key(connection: Any, key: ApiKey, *, hash: bytes) -> ApiKey:  # noqa: A002
    """Keep a new key, in a transaction of somebody's."""
    given = _CREATE.given(
        organization_id=key.organization_id,
        key_id=key.key_id,
        member_id=key.member_id,
        name=key.name,
        prefix=key.prefix,
        hash=hash,
        scopes=sorted(key.scopes),
        account_ids=None if key.account_ids is None else sorted(key.account_ids),
        expires_at=key.expires_at,
        created_by=key.created_by,
    )
    return key_of(await connection.fetchrow(_CREATE.sql, *given))


def key_of(row: Any) -> ApiKey:
    """A key from its row."""
    values = {name: row[name] for name in _NAMES} | {"scopes": frozenset(row["scopes"])}
    return ApiKey(**values | {"account_ids": _accounts(row["account_ids"])})


def _standing(row: Any) -> StandingKey:
    organization_id, member_id = row["organization_id"], row["member_id"]
    return StandingKey(
        key=ApiKey(
            organization_id=organization_id,
            key_id=row["key_id"],
            member_id=member_id,
            name=row["name"],
            prefix=row["prefix"],
            scopes=frozenset(row["scopes"]),
            account_ids=_accounts(row["account_ids"]),
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
        ),
        member=Member(
            organization_id=organization_id,
            member_id=member_id,
            name=row["member_name"],
            role=Role(row["role"]),
            account_ids=_accounts(row["member_account_ids"]),
            created_at=row["member_created_at"],
        ),
        hash=row["hash"],
    )


def _accounts(account_ids: list[str] | None) -> frozenset[str] | None:
    return None if account_ids is None else frozenset(account_ids)
