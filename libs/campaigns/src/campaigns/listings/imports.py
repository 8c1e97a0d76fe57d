"""Imports into a campaign, or into a list that is kept, as they are listed."""

from __future__ import annotations

from dataclasses import replace

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
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


FOLLOWING = Following(key=["import_id"], index="lead_imports_by_change")
FOLLOWING_OF_LIST = replace(FOLLOWING, index="lead_imports_of_list_by_change")


class ImportPages:
    """Reads imports page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._of_campaigns = _reader(pool, tokens, IMPORT_LIST, FOLLOWING)
        self._of_lists = _reader(pool, tokens, IMPORTS_OF_LIST, FOLLOWING_OF_LIST)

    async def page(self, into: Destination, asked: Asked) -> Page[LeadListImport]:
        """What was brought into a campaign or a list; raises what `ListReader.page` does."""
        column, reader = "lead_list_id", self._of_lists
        if into.campaign_id:
            column, reader = "campaign_id", self._of_campaigns
        within = Scope(f"{column} = {{0}}", [(into.id, "text")])
        return await reader.page(asked, of=(into.organization_id, into.id), within=within)


def _reader(
    pool: Pool, tokens: PageTokens, schema: ListSchema, following: Following
) -> ListReader[LeadListImport]:
    return ListReader(
        pool, tokens, schema, columns=IMPORTS.selected(), read=IMPORTS.read, following=following
    )
