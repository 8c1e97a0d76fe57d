"""Runs of an organization's programs as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RUN

RUN_LIST = ListSchema(
    name="runs",
    table="runs",
    fields=[
        enum_field("state", RunState, prefix="RUN_STATE_"),
        enum_field("type", RunType, prefix="RUN_TYPE_"),
        enum_field("trigger", RunTrigger, prefix="RUN_TRIGGER_"),
        Field(name="program_id", column="program_id", type=FieldType.ID),
        Field(name="nominal_time", column="nominal_at", type=FieldType.INSTANT),
    ],
    orders=[by_instant("nominal_time", "nominal_at", then="run_id", index="runs_newest_first")],
    default="nominal_time desc",
    lookups=[
        Lookup(field="program_id", order="nominal_time", index="runs_of_programs"),
        Lookup(field="state", order="nominal_time", index="runs_by_state"),
    ],
)


class RunPages:
    """Whose runs are asked for is the caller's matter."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._runs = ListReader(pool, tokens, RUN_LIST, columns=RUN.selected(), read=RUN.read)

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[Run]:
        """The runs of an organization, or of the programs of some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        but = Scope("")
        if campaign_ids is not None:
            but = Scope(
                "program_id IN (SELECT program_id FROM programs WHERE campaign_id = ANY({0}))",
                [(list(campaign_ids), "text[]")],
            )
        return await self._runs.page(asked, of=(organization_id,), within=within, but=but)
