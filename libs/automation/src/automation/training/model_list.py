"""Models of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from automation.training.evaluation import Verdict
from automation.training.model_repository import MODEL
from automation.training.trained_model import TrainedModel

MODEL_LIST = ListSchema(
    name="models",
    table="models",
    fields=[
        enum_field("verdict", Verdict, prefix="MODEL_VERDICT_"),
        Field(name="program_id", column="program_id", type=FieldType.ID),
        Field(name="create_time", column="trained_at", type=FieldType.INSTANT),
    ],
    orders=[by_instant("create_time", "trained_at", then="model_id", index="models_pkey")],
    default="create_time desc",
    lookups=[Lookup(field="program_id", order="create_time", index="models_of_programs")],
)


class ModelPages:
    """Whose models are asked for is the caller's matter; what they score by is left out."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        columns = MODEL.selected().replace("body", "'' AS body")
        self._models = ListReader(pool, tokens, MODEL_LIST, columns=columns, read=MODEL.read)

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[TrainedModel]:
        """The models of an organization, or of the programs of some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        but = Scope("")
        if campaign_ids is not None:
            but = Scope(
                "program_id IN (SELECT program_id FROM programs WHERE campaign_id = ANY({0}))",
                [(list(campaign_ids), "text[]")],
            )
        return await self._models.page(asked, of=(organization_id,), within=within, but=but)
