"""Imports into a campaign, or into a list that is kept, as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Parameters
from servicekit.lists.fetching import fetch_page
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.pages import Cursor, PageRequest, page_query
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.postgres.pool import Pool

from campaigns.lead_list_import import Destination, LeadListImport
from campaigns.repositories.imports.import_repository import IMPORTS

_FIELDS = [
    Field(name="create_time", column="created_at", type=FieldType.INSTANT),
    Field(name="end_time", column="ended_at", type=FieldType.INSTANT, nullable=True),
    Field(name="content_hash", column="content_hash", type=FieldType.ID),
    Field(name="content_bytes", column="content_bytes", type=FieldType.INTEGER),
    Field(name="failure", column="failure", type=FieldType.TEXT),
]


def _walking(name: str, index: str) -> ListSchema:
    return ListSchema(
        name=name,
        table="lead_imports",
        fields=_FIELDS,
        orders=[by_instant("create_time", "created_at", then="import_id", index=index)],
        default="create_time desc",
    )


IMPORT_LIST = _walking("imports", "lead_imports_of_campaign")
IMPORTS_OF_LIST = _walking("imports into lists", "lead_imports_of_list")


def listed(into: Destination) -> ListSchema:
    """How what was brought into a campaign or a list is listed."""
    return IMPORT_LIST if into.campaign_id else IMPORTS_OF_LIST


class ImportPages:
    """Reads imports page by page."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(
        self, into: Destination, request: PageRequest
    ) -> tuple[Sequence[LeadListImport], Cursor | None]:
        """The imports of a page, and behind which one the next page begins."""
        parameters = Parameters()
        column = "campaign_id" if into.campaign_id else "lead_list_id"
        query = page_query(
            listed(into),
            IMPORTS.selected(),
            request,
            parameters=parameters,
            within=f"{column} = {parameters.add(into.id, 'text')}",
        )
        page = await fetch_page(self._pool, query)
        return [IMPORTS.read(row) for row in page.rows], page.next
