"""Suppressions of an organization as they are listed, with whom each covers."""

from __future__ import annotations

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from linkedin_gateway.controls.suppression_repository import (
    COVERAGE,
    LISTED_COLUMNS,
    listed_suppression,
)
from linkedin_gateway.models import ListedSuppression, SuppressionCoverage

# Not by whom they name: `FindSuppressed` asks that of people.
SUPPRESSIONS = ListSchema(
    name="suppressions",
    table="suppressions",
    fields=[
        enum_field(
            "coverage",
            SuppressionCoverage,
            prefix="SUPPRESSION_COVERAGE_",
            column=f"({COVERAGE})",
            nullable=True,
        ),
        Field(name="reason", column="reason", type=FieldType.TEXT),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="expire_time", column="expires_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant("create_time", "created_at", then="suppression_id", index="suppressions_listed")
    ],
    default="create_time",
)
FOLLOWING = Following(key=["suppression_id"], index="suppressions_by_change", leaves=True)


class SuppressionList:
    """Reads suppressions page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            SUPPRESSIONS,
            columns=LISTED_COLUMNS,
            read=listed_suppression,
            counted=True,
            following=FOLLOWING,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[ListedSuppression]:
        """Raises what `ListReader.page` does."""
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(asked, of=(organization_id,), within=within)
