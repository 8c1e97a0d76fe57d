"""Decisions of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.rows import DECISIONS

DECISION_LIST = ListSchema(
    name="decisions",
    table="decisions",
    fields=[
        enum_field("kind", DecisionKind, prefix="DECISION_KIND_"),
        enum_field("state", DecisionState, prefix="DECISION_STATE_"),
        Field(name="program_id", column="program_id", type=FieldType.ID),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
    ],
    orders=[by_instant("create_time", "created_at", then="id", index="decisions_newest_first")],
    default="create_time desc",
    lookups=[
        Lookup(field="program_id", order="create_time", index="decisions_of_program"),
        Lookup(field="state", order="create_time", index="decisions_by_state"),
    ],
)


class DecisionPages:
    """Whose decisions are asked for is the caller's matter."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._decisions = ListReader(
            pool,
            tokens,
            DECISION_LIST,
            columns=DECISIONS.selected(),
            read=DECISIONS.read,
            counted=True,
        )

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[Decision]:
        """The decisions of an organization, or about some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        but = Scope("")
        if campaign_ids is not None:
            but = Scope("campaign_id = ANY({0})", [(list(campaign_ids), "text[]")])
        return await self._decisions.page(asked, of=(organization_id,), within=within, but=but)
