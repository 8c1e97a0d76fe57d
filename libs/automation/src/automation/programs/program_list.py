"""Programs of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from automation.programs.program import Program, ProgramMode, ProgramState
from automation.programs.rows import PROGRAM_COLUMNS, program_from_row

PROGRAM_LIST = ListSchema(
    name="programs",
    table="programs",
    fields=[
        enum_field("state", ProgramState, prefix="PROGRAM_STATE_"),
        enum_field("mode", ProgramMode, prefix="PROGRAM_MODE_"),
        Field(name="name", column="name", type=FieldType.TEXT),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
    ],
    orders=[
        by_instant("create_time", "created_at", then="program_id", index="programs_newest_first")
    ],
    default="create_time desc",
)


class ProgramPages:
    """Whose programs are asked for is the caller's matter; deleted ones are not listed."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._programs = ListReader(
            pool, tokens, PROGRAM_LIST, columns=PROGRAM_COLUMNS, read=program_from_row
        )

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[Program]:
        """The programs of an organization, or of some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        but = Scope("state <> 'deleted'")
        if campaign_ids is not None:
            but = Scope(
                "state <> 'deleted' AND campaign_id = ANY({0})", [(list(campaign_ids), "text[]")]
            )
        return await self._programs.page(asked, of=(organization_id,), within=within, but=but)
