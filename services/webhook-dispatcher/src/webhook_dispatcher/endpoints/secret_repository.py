"""SQL on what endpoints' requests are signed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Columns, affected, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.endpoints.rows import (
    ENDPOINT_COLUMNS,
    SIGNING_COLUMNS,
    Signing,
    endpoint_of,
    signing_of,
)
from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import Endpoint


def _old_secrets(signing: Signing) -> list[bytes]:
    return [secret for secret, _ in signing.old_secrets]


def _legacy_secret(signing: Signing) -> bytes:
    legacy = signing.legacy_signature
    return b"" if legacy is None else legacy.sealed_secret


MOST_OLD_SECRETS = 5
"""How many of before sign at once, however often somebody rotates: each is a signature."""
_SEALED: Columns[Signing] = Columns(
    column("secret", "bytea"),
    column("old_secrets", "bytea[]", write=_old_secrets),
    column("sealed_headers", "bytea"),
    column("legacy_secret", "bytea", write=_legacy_secret),
)
"""All that is encrypted of an endpoint."""

LOCK = f"""
    SELECT {ENDPOINT_COLUMNS}, secret, secret_request_id, old_secrets, old_secrets_request_ids
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
       FOR UPDATE
"""
ROTATE = f"""
    UPDATE endpoints
       SET secret = $3, secret_request_id = $4, old_secrets = $5, old_secrets_until = $6,
           old_secrets_request_ids = $7
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
 RETURNING {ENDPOINT_COLUMNS}
"""
FIND = f"""
    SELECT organization_id, endpoint_id, {SIGNING_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND secret IS NOT NULL
"""
AFTER = f"""
    SELECT organization_id, endpoint_id, {SIGNING_COLUMNS}
      FROM endpoints
     WHERE endpoint_id > $1 AND secret IS NOT NULL
     ORDER BY endpoint_id
     LIMIT $2
"""
ENCRYPTS_ANEW = "SELECT set_config('webhook.encrypts_anew', 'yes', true)"
# Whoever rotates or edits meanwhile has changed some of it, and has the rest as it was.
REPLACE = Statement(f"""
    UPDATE endpoints
       SET ({_SEALED}) = ROW ({_SEALED.parameters()})
     WHERE endpoint_id = :endpoint_id AND organization_id = :organization_id
       AND ({_SEALED}) IS NOT DISTINCT FROM ({_SEALED.parameters("before_")})
""")


@dataclass(frozen=True)
class Rotated:
    """An endpoint after a rotation, and the encrypted secret that this request made."""

    endpoint: Endpoint
    secret: bytes


class SecretRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def rotate(
        self,
        organization_id: str,
        endpoint_id: str,
        *,
        request_id: str,
        secret: bytes,
        overlap: timedelta,
        now: datetime,
    ) -> Rotated:
        """Have a new secret sign, and the one before for a while as well.

        A request that has made a secret which still signs changes nothing. Raises
        `EndpointNotFound`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(LOCK, organization_id, endpoint_id)
            if row is None:
                raise EndpointNotFound
            old = [
                each
                for each in zip(
                    row["old_secrets"],
                    row["old_secrets_until"],
                    row["old_secrets_request_ids"],
                    strict=True,
                )
                if each[1] > now
            ]
            made = {row["secret_request_id"]: row["secret"]} | {by: kept for kept, _, by in old}
            if request_id in made:
                return Rotated(endpoint_of(row), made[request_id])
            if overlap:
                last = row["secret"], now + overlap, row["secret_request_id"]
                old = [last, *old][:MOST_OLD_SECRETS]
            else:  # it has become known to somebody, and so may those before it
                old = []
            values = secret, request_id, *([each[place] for each in old] for place in range(3))
            after = await connection.fetchrow(ROTATE, organization_id, endpoint_id, *values)
        if after is None:
            raise EndpointNotFound
        return Rotated(endpoint_of(after), secret)

    async def after(self, endpoint_id: str, *, limit: int) -> Sequence[Signing]:
        """What is encrypted of any organization's endpoints, by their ids, from one on."""
        return list(map(signing_of, await self._pool.fetch(AFTER, endpoint_id, limit)))

    async def find(self, organization_id: str, endpoint_id: str) -> Signing | None:
        """What is encrypted of one endpoint, also a deleted one; None if it was purged."""
        row = await self._pool.fetchrow(FIND, organization_id, endpoint_id)
        return None if row is None else signing_of(row)

    async def replace(self, before: Signing, after: Signing) -> bool:
        """Keep what is encrypted anew; false if it was changed meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(ENCRYPTS_ANEW)
            values = REPLACE.given(
                endpoint_id=before.endpoint_id,
                organization_id=before.organization_id,
                **_SEALED.values(after),
                **_SEALED.values(before, "before_"),
            )
            status = await connection.execute(REPLACE.sql, *values)
        return affected(status) == 1
