"""SQL on what endpoints' requests are signed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import affected
from servicekit.postgres.pool import Pool

from webhook_dispatcher.endpoints.rows import (
    ENDPOINT_COLUMNS,
    SIGNING_COLUMNS,
    Signing,
    endpoint_of,
    signing_of,
)
from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import Endpoint

SIGNING = f"""
    SELECT organization_id, endpoint_id, url, {SIGNING_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
"""
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
AFTER = f"""
    SELECT organization_id, endpoint_id, {SIGNING_COLUMNS}
      FROM endpoints
     WHERE endpoint_id > $1 AND secret IS NOT NULL
     ORDER BY endpoint_id
     LIMIT $2
"""
ENCRYPTS_ANEW = "SELECT set_config('webhook.encrypts_anew', 'yes', true)"
# Whoever rotates or edits meanwhile has sealed by the newest key.
REPLACE = """
    UPDATE endpoints
       SET secret = $3, old_secrets = $4, sealed_headers = $5, legacy_secret = $6
     WHERE endpoint_id = $1 AND organization_id = $2
       AND secret = $7 AND old_secrets = $8 AND sealed_headers = $9 AND legacy_secret = $10
"""


@dataclass(frozen=True)
class Rotated:
    """An endpoint after a rotation, and the encrypted secret that this request made."""

    endpoint: Endpoint
    secret: bytes


class SecretRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def signing(self, organization_id: str, endpoint_id: str) -> tuple[str, Signing]:
        """An endpoint's address, and what requests to it are signed by.

        Raises `EndpointNotFound`.
        """
        row = await self._pool.fetchrow(SIGNING, organization_id, endpoint_id)
        if row is None:
            raise EndpointNotFound
        return row["url"], signing_of(row)

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
                old = [(row["secret"], now + overlap, row["secret_request_id"]), *old]
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

    async def replace(self, before: Signing, after: Signing) -> bool:
        """Keep what is encrypted anew; false if it was changed meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(ENCRYPTS_ANEW)
            ids = before.endpoint_id, before.organization_id
            status = await connection.execute(REPLACE, *ids, *_sealed(after), *_sealed(before))
        return affected(status) == 1


def _sealed(signing: Signing) -> tuple[bytes, Sequence[bytes], bytes, bytes]:
    legacy = signing.legacy_signature
    return (
        signing.secret,
        [secret for secret, _ in signing.old_secrets],
        signing.sealed_headers,
        b"" if legacy is None else legacy.sealed_secret,
    )
