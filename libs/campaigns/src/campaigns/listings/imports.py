"""Imports of a campaign as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Parameters
from servicekit.lists.fetching import fetch_page
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.pages import Cursor, PageRequest, page_query
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.postgres.pool import Pool

from campaigns.lead_list_import import LeadListImport
from campaigns.repositories.imports.import_repository import IMPORTS

IMPORT_LIST = ListSchema(
    name="imports",
    table="lead_imports",
    fields=[
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="end_time", column="ended_at", type=FieldType.INSTANT, nullable=True),
        Field(name="content_hash", column="content_hash", type=FieldType.ID),
        Field(name="content_bytes", column="content_bytes", type=FieldType.INTEGER),
        Field(name="failure", column="failure", type=FieldType.TEXT),
    ],
    orders=[
        Order(
            name="create_time",
            keys=[
                Key(column="created_at", type=FieldType.INSTANT),
                Key(column="import_id", type=FieldType.ID),
            ],
            index="lead_imports_of_campaign",
        )
    ],
    default="create_time desc",
)


class ImportPages:
    """Reads imports page by page."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(
        self, campaign_id: str, request: PageRequest
    ) -> tuple[Sequence[LeadListImport], Cursor | None]:
        """The imports of a page, and behind which one the next page begins."""
        parameters = Parameters()
        query = page_query(
            IMPORT_LIST,
            IMPORTS.selected(),
            request,
            parameters=parameters,
            within=f"campaign_id = {parameters.add(campaign_id, 'text')}",
        )
        page = await fetch_page(self._pool, query)
        return [IMPORTS.read(row) for row in page.rows], page.next
