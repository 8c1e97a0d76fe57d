"""Reports of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import READ, report_of_row

REPORT_LIST = ListSchema(
    name="reports",
    table="reports",
    fields=[
        enum_field("kind", ReportKind, prefix="REPORT_KIND_"),
        Field(name="program_id", column="program_id", type=FieldType.ID),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
    ],
    orders=[
        by_instant("create_time", "created_at", then="report_id", index="reports_newest_first")
    ],
    default="create_time desc",
    lookups=[Lookup(field="program_id", order="create_time", index="reports_of_programs")],
)


class ReportPages:
    """Whose reports are asked for is the caller's matter."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reports = ListReader(pool, tokens, REPORT_LIST, columns=READ, read=report_of_row)

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[Report]:
        """The reports of an organization, or about some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        but = Scope("")
        if campaign_ids is not None:
            but = Scope("campaign_id = ANY({0})", [(list(campaign_ids), "text[]")])
        return await self._reports.page(asked, of=(organization_id,), within=within, but=but)
