"""SQL on the issuer's keys."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from servicekit.postgres.pool import Pool

# A key is told until the last token that it signed has ended, and a while more.
_PUBLISHED = """
    SELECT issuer_key_id, public_key FROM issuer_keys
     WHERE retired_at IS NULL OR retired_at > now() - $1::interval
"""
_IN_USE = """
    SELECT issuer_key_id, private_key FROM issuer_keys WHERE retired_at IS NULL
"""
# Whoever rotates waits for whoever rotates: replicas do it at the same age.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('identity.issuer_keys'))"
_YOUNGER = """
    SELECT issuer_key_id FROM issuer_keys
     WHERE retired_at IS NULL AND created_at > now() - $1::interval
"""
_RETIRE = "UPDATE issuer_keys SET retired_at = now() WHERE retired_at IS NULL"
_CREATE = "INSERT INTO issuer_keys (issuer_key_id, public_key, private_key) VALUES ($1, $2, $3)"
_FORGET = "DELETE FROM issuer_keys WHERE retired_at < now() - $1::interval"


@dataclass(frozen=True, kw_only=True)
class IssuerKeyRow:
    """A key: its public part, and its private one encrypted."""

    issuer_key_id: str
    public_key: dict[str, Any]
    private_key: bytes


class IssuerKeyRepository:
    """One key signs at a time; those before it are told for `overlap`."""

    def __init__(self, pool: Pool, *, overlap: timedelta) -> None:
        self._pool = pool
        self._overlap = overlap

    async def published(self) -> dict[str, dict[str, Any]]:
        """The public keys by which tokens may be signed that are believed, by their ids."""
        rows = await self._pool.fetch(_PUBLISHED, self._overlap)
        return {row["issuer_key_id"]: row["public_key"] for row in rows}

    async def in_use(self) -> tuple[str, bytes] | None:
        """The id and the encrypted private part of the key that signs; None before the first."""
        row = await self._pool.fetchrow(_IN_USE)
        return None if row is None else (row["issuer_key_id"], row["private_key"])

    async def replace(self, new: IssuerKeyRow, *, unless_younger_than: timedelta) -> str:
        """Have the key sign from now on, unless there is one of less than this age; who signs."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK)
            young = await connection.fetchval(_YOUNGER, unless_younger_than)
            if young is not None:
                return str(young)
            await connection.execute(_RETIRE)
            await connection.execute(_CREATE, new.issuer_key_id, new.public_key, new.private_key)
            await connection.execute(_FORGET, self._overlap)
        return new.issuer_key_id
