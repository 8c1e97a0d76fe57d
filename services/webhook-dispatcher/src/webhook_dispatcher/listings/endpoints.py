"""Endpoints of an organization as they are listed."""

from dataclasses import replace

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from webhook_dispatcher.endpoints.rows import ENDPOINT_COLUMNS, KEPT, endpoint_of
from webhook_dispatcher.models import DisableReason, Endpoint

ENDPOINTS = ListSchema(
    name="endpoints",
    table="endpoints",
    fields=[
        Field(name="url", column="url", type=FieldType.TEXT),
        Field(
            name="builder_webhook_id",
            column="builder_webhook_id",
            type=FieldType.ID,
            nullable=True,
        ),
        Field(name="description", column="description", type=FieldType.TEXT),
        Field(name="event_types", column="event_types", type=FieldType.IDS),
        Field(name="campaign_ids", column="campaign_ids", type=FieldType.IDS),
        Field(name="account_ids", column="account_ids", type=FieldType.IDS),
        enum_field("disable_reason", DisableReason, prefix="DISABLE_REASON_", nullable=True),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
        Field(name="disable_time", column="disabled_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant(
            "create_time", "created_at", then="endpoint_id", index="endpoints_of_organization"
        )
    ],
    default="create_time",
)
WITH_DELETED = replace(
    ENDPOINTS,
    name="endpoints, deleted ones too",
    orders=[by_instant("create_time", "created_at", then="endpoint_id", index="endpoints_kept")],
)
"""Those that can come back among them."""
FOLLOWING = Following(key=["endpoint_id"], index="endpoints_by_change")


class EndpointList:
    """Reads endpoints page by page; those that were deleted are not listed, but changes tell."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            ENDPOINTS,
            columns=ENDPOINT_COLUMNS,
            read=endpoint_of,
            counted=True,
            following=FOLLOWING,
        )
        self._with_deleted = ListReader(
            pool, tokens, WITH_DELETED, columns=ENDPOINT_COLUMNS, read=endpoint_of, counted=True
        )

    async def page(
        self, organization_id: str, asked: Asked, *, show_deleted: bool = False
    ) -> Page[Endpoint]:
        """A page; with those that can come back if that is asked for.

        Who follows changes is told that they are gone. Raises what `ListReader.page` does.
        """
        reader, there = self._reader, "deleted_at IS NULL"
        if show_deleted and asked.changes is None:
            reader, there = self._with_deleted, KEPT
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        of = (organization_id,)
        return await reader.page(asked, of=of, within=within, listed=Scope(there))
