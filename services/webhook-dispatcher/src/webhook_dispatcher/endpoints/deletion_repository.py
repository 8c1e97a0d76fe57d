"""SQL on endpoints that are deleted, come back, and are purged once their time is over.

Until then all of an endpoint is kept, its secret too: who has none any more comes back no more.
"""

from datetime import datetime

import asyncpg
from servicekit.etags import require_fitting
from servicekit.postgres.pool import Pool

from webhook_dispatcher.endpoints.endpoint_edit import etag_of
from webhook_dispatcher.endpoints.endpoint_repository import GET, LOCK
from webhook_dispatcher.endpoints.rows import ENDPOINT_COLUMNS, KEPT, endpoint_of
from webhook_dispatcher.errors import BuilderWebhookTaken, EndpointNotFound
from webhook_dispatcher.models import Endpoint

SOME = 1000
"""Deliveries that one statement ends, at most: an endpoint may have any number of them."""
# Deleted ones are remembered, so that deleting one again is no mistake.
REMEMBERED = "SELECT true FROM endpoints WHERE organization_id = $1 AND endpoint_id = $2"
_DROPPED = """
    UPDATE deliveries
       SET state = 'dropped', ended_at = $3
     WHERE delivery_id IN (
        SELECT delivery_id FROM deliveries
         WHERE state = 'pending' AND endpoint_id IN (SELECT endpoint_id FROM endpoint)
         LIMIT $4
           FOR UPDATE SKIP LOCKED)
 RETURNING delivery_id
"""
# What was not delivered is dropped with its endpoint, some of it; what is more, or locked by
# somebody, by whoever tries it next, or looks for what is left.
DELETE = f"""
    WITH endpoint AS (
        UPDATE endpoints SET deleted_at = $3, purge_at = $5
         WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
     RETURNING endpoint_id
    )
    {_DROPPED}
"""
# Who enables one locks the same two in this order.
FORGET_FAILURES = """
    DELETE FROM endpoint_health USING endpoints
     WHERE endpoint_health.organization_id = $1 AND endpoint_health.endpoint_id = $2
       AND endpoints.organization_id = $1 AND endpoints.endpoint_id = $2
       AND deleted_at IS NOT NULL AND disabled_at IS NULL
"""
# Whoever purges it takes its secret, in the same row.
LOCK_DELETED = f"""
    SELECT deleted_at, least(deleted_at, disabled_at) AS silent_since FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2
       AND deleted_at IS NOT NULL AND purge_at > $3 AND {KEPT}
       FOR UPDATE
"""
# What nobody has come to yet would come before what is dropped, and be out of order.
DROP_LEFT = f"""
    WITH endpoint AS (
        SELECT endpoint_id FROM endpoints WHERE organization_id = $1 AND endpoint_id = $2
    )
    {_DROPPED}
"""
OLDEST_DROPPED = """
    SELECT min(published_at)
      FROM deliveries JOIN events USING (organization_id, event_id)
     WHERE organization_id = $1 AND endpoint_id = $2 AND state = 'dropped' AND ended_at >= $3
"""
UNDELETE = f"""
    UPDATE endpoints SET deleted_at = NULL, purge_at = NULL
     WHERE organization_id = $1 AND endpoint_id = $2
 RETURNING {ENDPOINT_COLUMNS}
"""
TO_PURGE = "deleted_at IS NOT NULL AND url <> ''"
"""Has its index: who is deleted, and not purged yet."""
# One that the release before has deleted has lost its secret then, and has no time left.
PURGE = f"""
    UPDATE endpoints
       SET url = '', description = '', header_names = '{{}}', sealed_headers = '', secret = NULL,
           old_secrets = '{{}}', old_secrets_until = '{{}}', old_secrets_request_ids = '{{}}',
           legacy_signature = NULL, legacy_secret = ''
     WHERE endpoint_id IN (
        SELECT endpoint_id FROM endpoints
         WHERE {TO_PURGE} AND coalesce(purge_at, deleted_at) <= $1
         ORDER BY coalesce(purge_at, deleted_at)
         LIMIT $2
           FOR UPDATE SKIP LOCKED)
 RETURNING true
"""
OLDEST_TO_PURGE = f"SELECT min(coalesce(purge_at, deleted_at)) FROM endpoints WHERE {TO_PURGE}"


class DeletionRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def delete(
        self,
        organization_id: str,
        endpoint_id: str,
        *,
        now: datetime,
        purge_at: datetime,
        etag: str = "",
    ) -> int:
        """Delete an endpoint; returns how many deliveries were dropped with it, of those it had.

        Raises `EndpointNotFound` if there never was one, and `EtagMismatch` if it is not as it was
        read.
        """
        if not await self._pool.fetchval(REMEMBERED, organization_id, endpoint_id):
            raise EndpointNotFound
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(LOCK, organization_id, endpoint_id)
            if row is not None:
                require_fitting(etag, etag_of(endpoint_of(row)))
            given = organization_id, endpoint_id, now, SOME, purge_at
            return len(await connection.fetch(DELETE, *given))

    async def undelete(
        self, organization_id: str, endpoint_id: str, *, now: datetime
    ) -> tuple[Endpoint, datetime | None, int]:
        """Have an endpoint be there again; since when it missed events, how many are dropped yet.

        Of one that is not deleted it is None. Raises `EndpointNotFound` if there is none, or its
        time is over, and `BuilderWebhookTaken`.
        """
        of = organization_id, endpoint_id
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(FORGET_FAILURES, *of)
                deleted = await connection.fetchrow(LOCK_DELETED, *of, now)
                if deleted is None:
                    return _found(await connection.fetchrow(GET, *of)), None, 0
                dropped = 0
                while some := len(await connection.fetch(DROP_LEFT, *of, now, SOME)):
                    dropped += some
                oldest = await connection.fetchval(OLDEST_DROPPED, *of, deleted["deleted_at"])
                endpoint = _found(await connection.fetchrow(UNDELETE, *of))
        except asyncpg.UniqueViolationError as error:
            raise BuilderWebhookTaken from error
        return endpoint, min(filter(None, (deleted["silent_since"], oldest))), dropped


def _found(row: asyncpg.Record | None) -> Endpoint:
    if row is None:
        raise EndpointNotFound
    return endpoint_of(row)
