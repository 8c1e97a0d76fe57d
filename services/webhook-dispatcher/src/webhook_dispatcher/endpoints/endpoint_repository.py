"""SQL on endpoints."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg
from servicekit.errors import EtagMismatch
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.rehearsals.rehearsal import rehearsing
from servicekit.request_ids.errors import RequestIdReused

from webhook_dispatcher.database_clock import NEWEST
from webhook_dispatcher.endpoints.backlog_repository import BacklogRepository
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit, etag_of
from webhook_dispatcher.endpoints.rows import EDITED, ENDPOINT_COLUMNS, KEPT, MADE, endpoint_of
from webhook_dispatcher.errors import BuilderWebhookTaken, EndpointNotFound
from webhook_dispatcher.models import DisableReason, Endpoint

_CREATED = MADE | Columns(column("request_id"), column("secret", "bytea"))

# The same request again finds its own row and leaves it as it is. It is looked for first: by the
# number of a transaction, which a row is given before it conflicts, the audit knows a change.
CREATE = Statement(f"""
    INSERT INTO endpoints ({_CREATED})
    SELECT {_CREATED.parameters()}
     WHERE NOT EXISTS (
           SELECT FROM endpoints
            WHERE organization_id = :organization_id::text AND request_id = :request_id::text)
    ON CONFLICT (organization_id, request_id) DO NOTHING
 RETURNING {ENDPOINT_COLUMNS}, secret
""")
BY_REQUEST = f"""
    SELECT {ENDPOINT_COLUMNS}, secret
      FROM endpoints
     WHERE organization_id = $1 AND request_id = $2
"""
GET = f"""
    SELECT {ENDPOINT_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
"""
GET_KEPT = f"""
    SELECT {ENDPOINT_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND {KEPT}
"""
GET_BY_BUILDER_WEBHOOK = f"""
    SELECT {ENDPOINT_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND builder_webhook_id = $2 AND deleted_at IS NULL
"""
LOCK = f"{GET} FOR UPDATE"
UPDATE = Statement(f"""
    UPDATE endpoints
       SET ({EDITED}, updated_by) = ROW ({EDITED.parameters()}, :updated_by)
     WHERE organization_id = :organization_id AND endpoint_id = :endpoint_id
       AND deleted_at IS NULL
 RETURNING {ENDPOINT_COLUMNS}
""")
# The pace first, as whoever draws a turn does.
DROP_PACE = "DELETE FROM endpoint_paces WHERE organization_id = $1 AND endpoint_id = $2"
# An event was published before its first attempt failed, or the endpoint was disabled.
FAILING_SINCE = """
    SELECT CASE WHEN disabled_at IS NOT NULL THEN least(disabled_at, failing_since) END
      FROM endpoints LEFT JOIN endpoint_health USING (organization_id, endpoint_id)
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
"""
# What failed before counts no more; but of one that is deleted, which may be back.
ENABLE = f"""
    WITH forgotten AS (
        DELETE FROM endpoint_health
         WHERE organization_id = $1 AND endpoint_id = $2
           AND EXISTS (SELECT FROM endpoints
                        WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL)
     RETURNING failing_since
    ), before AS (
        SELECT endpoint_id AS of_endpoint, disabled_at AS was_disabled_at FROM endpoints
         WHERE organization_id = $1 AND endpoint_id = $2 FOR UPDATE
    )
    UPDATE endpoints
       SET disabled_at = NULL, disable_reason = NULL
      FROM before
     WHERE organization_id = $1 AND endpoint_id = of_endpoint AND deleted_at IS NULL
 RETURNING {ENDPOINT_COLUMNS},
           CASE WHEN was_disabled_at IS NOT NULL
                THEN least(was_disabled_at, (SELECT failing_since FROM forgotten))
            END AS failing_since
"""
# What was not delivered waits, for a week, for whoever enables it again.
DISABLE = """
    UPDATE endpoints
       SET disabled_at = $2, disable_reason = $3
     WHERE endpoint_id = $1 AND deleted_at IS NULL AND disabled_at IS NULL
 RETURNING organization_id
"""


@dataclass(frozen=True)
class SealedEndpoint:
    """An endpoint and its encrypted secret."""

    endpoint: Endpoint
    secret: bytes


class EndpointRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._backlog = BacklogRepository(pool)

    async def create(self, endpoint: Endpoint, *, request_id: str, secret: bytes) -> SealedEndpoint:
        """Keep an endpoint, or find the one that this request made before.

        Raises `BuilderWebhookTaken` when another endpoint has the builder's id, and
        `RequestIdReused` when the endpoint of this request was deleted.
        """
        try:
            values = {**MADE.values(endpoint), "request_id": request_id, "secret": secret}
            row = await self._pool.fetchrow(CREATE.sql, *CREATE.given(**values))
        except asyncpg.UniqueViolationError as error:
            row = await self._pool.fetchrow(BY_REQUEST, endpoint.organization_id, request_id)
            if row is None:
                raise BuilderWebhookTaken from error
        else:
            row = row or await self._pool.fetchrow(BY_REQUEST, endpoint.organization_id, request_id)
        if row is None or row["deleted_at"] is not None:
            raise RequestIdReused("The endpoint that this request made was deleted.")
        return SealedEndpoint(endpoint_of(row), row["secret"])

    async def get(
        self, organization_id: str, endpoint_id: str, *, show_deleted: bool = False
    ) -> Endpoint:
        """The endpoint, also a deleted one, until it is purged, if that is asked for.

        Raises `EndpointNotFound`.
        """
        asked = GET_KEPT if show_deleted else GET
        return _found(await self._pool.fetchrow(asked, organization_id, endpoint_id))

    async def get_by_builder_webhook(self, organization_id: str, webhook_id: str) -> Endpoint:
        return _found(
            await self._pool.fetchrow(GET_BY_BUILDER_WEBHOOK, organization_id, webhook_id)
        )

    async def update(
        self, organization_id: str, endpoint_id: str, edit: EndpointEdit, *, by: str = ""
    ) -> Endpoint:
        """Change what is given; raises `EndpointNotFound`.

        And `EtagMismatch` if the endpoint is not as its editor has read it.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            before = _found(await connection.fetchrow(LOCK, organization_id, endpoint_id))
            if not edit.is_of(before):
                raise EtagMismatch(metadata={"etag": etag_of(before)})
            after = edit.of(before)
            at_another_rate = after.max_per_minute != before.max_per_minute
            if at_another_rate and not rehearsing():
                await connection.execute(DROP_PACE, organization_id, endpoint_id)
            values = UPDATE.given(
                organization_id=organization_id,
                endpoint_id=endpoint_id,
                updated_by=before.updated_by if after == before else by,
                **EDITED.values(after),
            )
            updated = _found(await connection.fetchrow(UPDATE.sql, *values))
        if at_another_rate:
            # Once others see the rate. Where this ends on its way, the rest keep their turns.
            await self._backlog.hasten(organization_id, endpoint_id)
        return updated

    async def enable(
        self, organization_id: str, endpoint_id: str
    ) -> tuple[Endpoint, datetime | None]:
        """Deliver to an endpoint from now on, and since when it missed events.

        None of one that was enabled already. Raises `EndpointNotFound`.
        """
        # Before it is enabled: what waits now may be delivered while the rest is looked through.
        oldest = await self._oldest_missed(organization_id, endpoint_id)
        row = await self._pool.fetchrow(ENABLE, organization_id, endpoint_id)
        endpoint = _found(row)
        failing_since = None if row is None else row["failing_since"]
        if failing_since is None:
            return endpoint, None
        return endpoint, min(filter(None, (failing_since, oldest)))

    async def _oldest_missed(self, organization_id: str, endpoint_id: str) -> datetime | None:
        """When the oldest event was published that a disabled endpoint has missed.

        What was given up since it fails counts by when it was published, and so does what waits,
        for it may be given up at this moment.
        """
        since = await self._pool.fetchval(FAILING_SINCE, organization_id, endpoint_id)
        if since is None:
            return None
        return await self._backlog.oldest(organization_id, endpoint_id, given_up_since=since)

    async def newest_event(self, organization_id: str) -> datetime | None:
        """The latest time at which an event of an organization was published; None if none was."""
        newest: datetime | None = await self._pool.fetchval(NEWEST, organization_id)
        return newest

    async def disable(
        self, endpoint_id: str, *, reason: DisableReason, now: datetime
    ) -> str | None:
        """Deliver nothing more to an endpoint; whose it is, or None if nothing was before."""
        organization_id: str | None = await self._pool.fetchval(DISABLE, endpoint_id, now, reason)
        return organization_id


def _found(row: asyncpg.Record | None) -> Endpoint:
    if row is None:
        raise EndpointNotFound
    return endpoint_of(row)
